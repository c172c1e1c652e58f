"""The class's ranking as a file: a line for each program, with the program itself in it.

In: programs with names, or such files of several classes. Out: one file, best score first. A line
is believed only as far as it can be repeated: its program is run again, and a line whose figures
come out otherwise, or whose program is not the one it names, is refused.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinylab.cache import read_results
from tinylab.course.challenge.measure import ChallengeResult, measure_program
from tinylab.course.challenge.text import as_text, from_text
from tinylab.files import replacing

__all__ = ["Entry", "Merged", "add", "merge", "table"]

TOLERANCE = 1e-6  # of shares, uJ and ms, between computers
LONGEST_NAME = 60


@dataclass(frozen=True)
class Entry:
    """A line: who, the program as text, and what it was measured to reach."""

    name: str
    program: str
    result: ChallengeResult


@dataclass(frozen=True)
class Merged:
    """Entries, best first, and a sentence for every line that was refused or met twice."""

    entries: tuple[Entry, ...]
    refused: tuple[str, ...]
    repeated: tuple[str, ...]


def add(path: Path, name: str, program: bytes, *, seed: int | None = None) -> Entry:
    """Measure a program and add it to a file, which is made where there is none.

    Raises
    ------
    ValueError
        The program cannot be measured, the name is empty or too long, or the file is damaged.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise ValueError(f"pass a name of 1 to {LONGEST_NAME} characters")
    entry = Entry(name, as_text(program), measure_program(program, seed=seed))
    entries = list(_read(path)) if path.is_file() else []
    kept = [entry for _, entry in entries if not isinstance(entry, str)]
    broken = [entry for _, entry in entries if isinstance(entry, str)]
    if broken:
        raise ValueError(f"{broken[0]}; remove that line first")
    _write(path, _ranked([*(old for old in kept if old.name != name), entry]))
    return entry


def merge(paths: Sequence[Path], out: Path, *, seed: int | None = None) -> Merged:
    """Run every program of some files again and write those that hold into one file.

    Parameters
    ----------
    paths : sequence of Path
        Files that `add` or `merge` wrote.
    out : Path
    seed : int, optional
        Measure all on other hidden patients, once the figures that stand there have been repeated.
    """
    if not paths:
        raise ValueError("pass at least one file")
    kept: dict[tuple[str, str], Entry] = {}
    refused, repeated = [], []
    for path in paths:
        for where, entry in _read(path):
            problem = entry if isinstance(entry, str) else _difference(where, entry)
            if problem:
                refused.append(problem)
                continue
            key = (entry.name, entry.result.sha256)
            if key in kept:
                repeated.append(f"{where}: {entry.name} handed in the same program before")
            kept[key] = _measured_on(entry, seed)
    entries = _ranked(kept.values())
    _write(out, entries)
    return Merged(entries, tuple(refused), tuple(repeated))


def table(entries: Iterable[Entry]) -> str:
    """The ranking as text."""
    rows = [f"{'':>3} {'score':>6} {'F1':>6} {'uJ':>6} {'arena':>6} {'flash':>7}  name"]
    for rank, entry in enumerate(entries, start=1):
        result = entry.result
        total = "none" if result.score.total is None else f"{result.score.total:.1f}"
        rows.append(
            f"{rank:>3} {total:>6} {result.macro_f1:>6.3f} {result.energy_uJ:>6.1f}"
            f" {result.arena_bytes:>6,} {result.flash_bytes:>7,}  {entry.name}"
        )
    return "\n".join(rows)


def _ranked(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    def order(entry: Entry):
        total = entry.result.score.total
        return (total is None, -(total or 0), -entry.result.macro_f1, entry.name)

    return tuple(sorted(entries, key=order))


def _measured_on(entry: Entry, seed: int | None) -> Entry:
    if seed is None:
        return entry
    result = measure_program(from_text(entry.program), seed=seed)
    return dataclasses.replace(entry, result=result)


def _difference(where: str, entry: Entry) -> str:
    """Why a line cannot be believed, "" if it can."""
    try:
        program = from_text(entry.program)
        if hashlib.sha256(program).hexdigest() != entry.result.sha256:
            return f"{where}: {entry.name}'s program is not the one whose figures stand there"
        again = measure_program(program, seed=entry.result.seed)
    except ValueError as error:
        return f"{where}: {entry.name}'s program cannot be run again: {error}"
    changed = _changed(dataclasses.asdict(entry.result), dataclasses.asdict(again))
    if changed:
        return f"{where}: {entry.name}'s figures were altered: {', '.join(changed)}"
    return ""


def _changed(said: dict, measured: dict) -> list[str]:
    """The names of figures that differ by more than computers do."""
    names = []
    for name, value in measured.items():
        if isinstance(value, dict):
            names += [f"{name}.{part}" for part in _changed(said[name], value)]
        elif not _same(said[name], value):
            names.append(name)
    return names


def _same(said, measured) -> bool:
    if isinstance(measured, (tuple, list)):
        return len(said) == len(measured) and all(map(_same, said, measured))
    if isinstance(measured, float) and isinstance(said, (int, float)):
        return abs(said - measured) <= TOLERANCE * max(1.0, abs(measured))
    return said == measured


def _read(path: Path) -> Iterable[tuple[str, Entry | str]]:
    """Where each line stands, and its entry or what is wrong with it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        where = f"{path.name}, line {number}"
        if not line.strip():
            continue
        try:
            yield where, read_results(json.loads(line), Entry)
        except (ValueError, RecursionError):
            yield where, f"{where} is not a line of a ranking"


def _write(path: Path, entries: Iterable[Entry]) -> None:
    lines = (json.dumps(dataclasses.asdict(entry)) + "\n" for entry in entries)
    with replacing(path) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8", newline="\n")
