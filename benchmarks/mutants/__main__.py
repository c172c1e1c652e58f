"""Do the tests notice a fault? Sampled mutants, each run against the tests of its module.

    python -m benchmarks.mutants cover
    python -m benchmarks.mutants run signal scoring --count 40 --seed 1
    python -m benchmarks.mutants report

Every mutant lives in a forked process with the changed module in memory, so that no file is ever
changed and TensorFlow is imported once. Results are lines of JSON, and a run that was broken off
goes on where it stopped. `mutants.md` beside this file has the figures, and says why the
survivors live.
"""

import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import pytest
from hypothesis import Phase, settings

from benchmarks.mutants.covering import Covering, measure, read, write
from benchmarks.mutants.mutation import Mutation, mutate, mutations

ROOT = Path(__file__).resolve().parents[2]
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
TESTED_BY = ("compress", "adapt", "cost", "early_exit", "scoring", "signal", "graph", "deploy")
ELSEWHERE = ("flower",)  # runs in an environment of its own; `pytest -m flower` tests it
MOST_TESTS = 60  # of a file, for a survivor of those that run its line


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


def tests_of(covering: Covering, path: Path, mutation: Mutation, *, wide: bool) -> list[str]:
    """Ids of the tests that run a line, the quickest first; if `wide`, of those of its file.

    What runs at import, or is cached by an earlier test, is credited to no test or to one: then,
    too, the tests of the file are asked.
    """
    name = path.relative_to(ROOT).as_posix()
    of_line = covering.of_line(name, mutation.line)
    if of_line and not wide:
        return of_line
    others = [test for test in covering.of_file(name) if test not in set(of_line)]
    return others[:MOST_TESTS]


def sample(room: str, count: int, seed: int) -> list[tuple[Path, str, Mutation]]:
    """File, its text and a mutation: every possible change in a room is equally likely."""
    found = sorted((ROOT / ROOMS[room]).rglob("*.py"))
    files = [file for file in found if not set(ELSEWHERE) & set(file.parts)]
    texts = {file: file.read_text("utf-8") for file in files}
    everything = [(file, text, m) for file, text in texts.items() for m in mutations(text)]
    drawn = random.Random(f"{room} {seed}").sample(everything, min(count, len(everything)))
    return sorted(drawn, key=lambda mutant: (mutant[0], mutant[2].index))


def outcome(path: Path, source: str, tests: list[str], limit_s: float) -> str:
    """Run tests in a forked process that sees the changed module, `limit_s` CPU seconds at most."""
    child = os.fork()
    if not child:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s), int(limit_s) + 5))
        _run_tests(module_name(path), path, source, tests)
    end = time.monotonic() + 20 * limit_s  # what sleeps uses no CPU
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            return "too slow"
        if done:
            return "survived" if status == 0 else "killed"
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "too slow"


class _NoShrinking:
    """A plug-in of pytest: a mutant is dead at its first counterexample, however long."""

    def pytest_sessionstart(self):
        phases = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)]
        parent = settings.get_profile("tinylab")
        settings.register_profile("mutants", parent=parent, phases=phases)
        settings.load_profile("mutants")


def _run_tests(module: str, path: Path, source: str, tests: list[str]) -> None:
    """In the child: never returns."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, MutantFinder(module, path, source))
    try:
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests], plugins=[_NoShrinking()])
    except BaseException:  # a mutant may end the interpreter in any way
        code = 1
    os._exit(int(code))


@click.group()
def main():
    """Sampled mutants against the tests of their module."""


@main.command()
@click.argument("rooms", nargs=-1, type=click.Choice(TESTED_BY))
@click.option("--covered", default="mutants_covered.json", type=click.Path(path_type=Path))
def cover(rooms, covered):
    """Find out which tests of ROOMS (all by default) run which lines."""
    os.chdir(ROOT)
    folders = [ROOT / "tests" / room for room in rooms or TESTED_BY]
    files = [file for folder in folders for file in sorted(folder.rglob("test_*.py"))]
    write(measure(ROOT, files, ROOMS.values()), covered)


@main.command()
@click.argument("rooms", nargs=-1, type=click.Choice(list(ROOMS)), required=True)
@click.option("--count", default=40, help="Mutants a room.")
@click.option("--seed", default=1)
@click.option("--covered", default="mutants_covered.json", type=click.Path(path_type=Path))
@click.option("--results", default="mutants.jsonl", type=click.Path(path_type=Path))
@click.option("--again", is_flag=True, help="Run only what survived so far.")
def run(rooms, count, seed, covered, results, again):
    """Draw mutants of ROOMS and write what becomes of them."""
    os.chdir(ROOT)
    covering = read(covered)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # each costs a second an import
    for name in (*NUMERIC, *(HEAVY if set(rooms) & set(WITH_KERAS) else ())):
        importlib.import_module(name)
    known = {_key(result): result["outcome"] for result in _read(results)}
    for room in rooms:
        for path, text, mutation in sample(room, count, seed):
            before = known.get((module_name(path), mutation.index, mutation.before))
            if before == "survived" if again else before is None:
                _judge(room, path, text, mutation, covering, results)


def _key(result: dict) -> tuple:
    return result["module"], result["index"], result["before"]


def _judge(room, path: Path, text, mutation: Mutation, covering: Covering, results: Path) -> None:
    """Run the tests of the changed line, then those of its file; write and say the outcome."""
    start = time.monotonic()
    source, after = mutate(text, mutation.index)
    became = "survived"
    for wide in (False, True):
        tests = tests_of(covering, path, mutation, wide=wide)
        limit_s = 30 + 5 * sum(covering.seconds[test] for test in tests)
        if tests and became == "survived":
            became = outcome(path, source, tests, limit_s)
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
    last = {_key(result): result for result in _read(results)}
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
