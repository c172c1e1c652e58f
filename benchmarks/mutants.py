"""Do the tests notice a fault? Sampled mutants, each run against the tests of its module.

    python -m benchmarks.mutants run signal scoring --count 40 --seed 1
    python -m benchmarks.mutants report

Every mutant lives in a forked process with the changed module in memory, so that no file is ever
changed and TensorFlow is imported once. Results are lines of JSON, and a run that was broken off
goes on where it stopped. `benchmarks/mutants.md` has the figures and says why the survivors live.
"""

import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import pytest
from hypothesis import Phase, settings

from benchmarks.mutation import Mutation, mutate, mutations

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "quantization": "tinylab/compress/quantization",
    "pruning": "tinylab/compress/pruning",
    "adapt": "tinylab/adapt",
    "timing": "tinylab/cost/timing",
    "power": "tinylab/cost/power",
    "scoring": "tinylab/scoring",
    "signal": "tinylab/signal",
    "memory": "tinylab/graph/memory",
}
NUMERIC = (
    "numpy",
    "scipy.optimize",
    "scipy.stats",
    "scipy.signal",
    "sklearn.metrics",
    "hypothesis",
)
HEAVY = ("tensorflow", "keras", "ai_edge_litert.interpreter")
WITH_KERAS = ("quantization", "pruning", "adapt")
HOUSE_ROOMS = ("compress", "adapt", "cost", "scoring", "signal", "graph", "deploy")


@dataclass(frozen=True)
class Result:
    """A mutant and what became of it; `outcome` is killed, survived or too slow."""

    room: str
    module: str
    index: int
    line: int
    kind: str
    before: str
    after: str
    outcome: str
    seconds: float


class MutantFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from changed source, and leaves the rest to Python."""

    def __init__(self, module: str, path: Path, source: str):
        self.module, self.path, self.source = module, path, source

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(compile(self.source, str(self.path), "exec"), module.__dict__)


def module_name(path: Path) -> str:
    """`tinylab/signal/mfcc.py` -> `tinylab.signal.mfcc`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def tests_of(path: Path, *, wide: bool = False) -> list[str]:
    """Test files of a module: named after it, then those of its room that name it.

    If there are none, or if `wide`, those of its sub-room follow, and all of any room that name it.
    """
    inside = path.relative_to(ROOT / "tinylab")
    rooms = HOUSE_ROOMS if wide else (inside.parts[0],)
    files = [f for room in rooms for f in sorted((ROOT / "tests" / room).rglob("test_*.py"))]
    neighbours = sorted((ROOT / "tests" / inside.parent).glob("test_*.py"))
    chosen = [f for f in neighbours if f.stem == f"test_{path.stem}"]
    chosen += [f for f in files if _names(f.read_text("utf-8"), module_name(path))]
    if wide or not chosen:
        chosen += neighbours
    return list(dict.fromkeys(map(str, chosen)))


def _names(text: str, module: str) -> bool:
    package, _, stem = module.rpartition(".")
    return f"{module} " in text or f"from {package} import {stem}" in text


def sample(room: str, count: int, seed: int) -> list[tuple[Path, str, Mutation]]:
    """File, its text and a mutation: every possible change in a room is equally likely."""
    files = sorted((ROOT / ROOMS[room]).rglob("*.py"))
    texts = {file: file.read_text("utf-8") for file in files}
    everything = [(file, text, m) for file, text in texts.items() for m in mutations(text)]
    drawn = random.Random(f"{room} {seed}").sample(everything, min(count, len(everything)))
    return sorted(drawn, key=lambda one: (one[0], one[2].index))


def outcome(path: Path, source: str, tests: list[str], limit_s: float) -> str:
    """Run the tests in a forked process that sees the changed module."""
    child = os.fork()
    if not child:
        os.setsid()
        _run_tests(module_name(path), path, source, tests)
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "survived" if status == 0 else "killed"
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "too slow"


def _run_tests(module: str, path: Path, source: str, tests: list[str]) -> None:
    """In the child: never returns. One file after the other, so that a mutant can die early."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, MutantFinder(module, path, source))
    phases = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)]
    settings.register_profile("mutants", phases=phases, database=None, deadline=None)
    settings.load_profile("mutants")
    code = 0
    try:
        for test in tests:
            code = code or pytest.main(["-x", "-q", "-p", "no:cacheprovider", test])
    except BaseException:  # a mutant may end the interpreter in any way
        code = 1
    os._exit(int(code))


@click.group()
def main():
    """Sampled mutants against the tests of their module."""


@main.command()
@click.argument("rooms", nargs=-1, type=click.Choice(list(ROOMS)), required=True)
@click.option("--count", default=40, help="Mutants a room.")
@click.option("--seed", default=1)
@click.option("--limit", default=120.0, help="Seconds for the tests of a mutant.")
@click.option("--results", default="mutants.jsonl", type=click.Path(path_type=Path))
@click.option("--again", is_flag=True, help="Run survivors again, with the tests of all rooms.")
def run(rooms, count, seed, limit, results, again):
    """Draw mutants of ROOMS and write what becomes of them."""
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # each costs a second an import
    for name in (*NUMERIC, *(HEAVY if set(rooms) & set(WITH_KERAS) else ())):
        importlib.import_module(name)
    known = {(r["module"], r["before"], r["line"], r["index"]): r for r in _read(results)}
    for room in rooms:
        drawn = sample(room, count, seed)
        if not any(result["room"] == room for result in known.values()):
            _check_unchanged(room, [path for path, _, _ in drawn], limit)
        for path, text, mutation in drawn:
            key = (module_name(path), mutation.before, mutation.line, mutation.index)
            old = known.get(key)
            if old and not (again and old["outcome"] == "survived"):
                continue
            tests = tests_of(path, wide=again)
            _judge(room, path, text, mutation, tests, limit, results)


def _check_unchanged(room: str, paths: list[Path], limit: float) -> None:
    """Tests that fail without a mutant would kill them all."""
    tests = sorted({test for path in paths for test in tests_of(path)})
    became = outcome(paths[0], paths[0].read_text("utf-8"), tests, 10 * limit)
    if became != "survived":
        raise click.ClickException(f"the tests of {room} fail without a mutant; run pytest on them")


def _judge(room, path: Path, text, mutation: Mutation, tests, limit, results: Path) -> None:
    start = time.monotonic()
    source, after = mutate(text, mutation.index)
    became = outcome(path, source, tests, limit)
    result = Result(
        room=room,
        module=module_name(path),
        **asdict(mutation),
        after=after,
        outcome=became,
        seconds=round(time.monotonic() - start, 1),
    )
    with results.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result)) + "\n")
    click.echo(f"{became:9} {result.module}:{result.line} {result.before}  ->  {after}")


def _read(results: Path) -> list[dict]:
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()]


@main.command()
@click.option("--results", default="mutants.jsonl", type=click.Path(path_type=Path))
def report(results):
    """A table of the rooms, and the survivors; the last line about a mutant counts."""
    last = {(r["module"], r["index"], r["before"], r["after"]): r for r in _read(results)}
    click.echo(
        "| room | sampled | killed | too slow | survived | noticed |\n|---|---|---|---|---|---|"
    )
    for room in ROOMS:
        became = Counter(r["outcome"] for r in last.values() if r["room"] == room)
        counts = [became.total(), *(became[name] for name in ("killed", "too slow", "survived"))]
        if counts[0]:
            noticed = 1 - became["survived"] / counts[0]
            click.echo(f"| {room} | {' | '.join(map(str, counts))} | {noticed:.0%} |")
    for r in last.values():
        if r["outcome"] == "survived":
            click.echo(f"{r['module']}:{r['line']} {r['kind']}: {r['before']}  ->  {r['after']}")


if __name__ == "__main__":
    main()
