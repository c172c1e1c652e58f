"""Trainings of several ways, with several seeds and learning rates: those that are compared.

A study of them takes long, so it is written to a file after each training and goes on from there.
"""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from tinylab.cache import read_results
from tinylab.files import replacing

__all__ = ["at_best_rate", "begun", "ways_of", "write_study"]


class Training(Protocol):
    """What a row must tell: the way it was trained, with which rate, and from which seed."""

    way: str
    learning_rate: float
    seed: int


Row = TypeVar("Row", bound=Training)
Study = TypeVar("Study")


def ways_of(rows: Iterable[Training]) -> tuple[str, ...]:
    """The ways, in the order in which they were measured."""
    return tuple(dict.fromkeys(row.way for row in rows))


def at_best_rate(rows: Sequence[Row], way: str, quantity: str) -> tuple[Row, ...]:
    """The trainings of a way at its learning rate, by seed.

    The rate is the one with the highest `quantity` of those tried with the first seed, so that
    seeds that were trained at one rate alone choose nothing; of equal ones the middle one, as in
    `tinylab.models.tuning`.

    Parameters
    ----------
    rows : sequence of dataclass
    way : str
    quantity : str
        A field of the rows, measured on validation examples.

    Raises
    ------
    ValueError
        If the way was not measured.
    """
    own = [row for row in rows if row.way == way]
    if not own:
        raise ValueError(f"measured are {', '.join(ways_of(rows))}, not {way!r}")
    first = min(row.seed for row in own)
    tried = {row.learning_rate: getattr(row, quantity) for row in own if row.seed == first}
    equal = sorted(rate for rate in tried if tried[rate] == max(tried.values()))
    rate = equal[len(equal) // 2]
    return tuple(
        sorted((row for row in own if row.learning_rate == rate), key=lambda row: row.seed)
    )


def begun(path: Path, empty: Study) -> Study:
    """What an earlier call wrote of a study, or the empty one if there is no file.

    Parameters
    ----------
    path : path
    empty : dataclass
        Without rows, which are an empty tuple; the other fields say what study it is.

    Raises
    ------
    ValueError
        If the file holds no such study, or one in which another field differs.
    """
    if not path.is_file():
        return empty
    try:
        before = read_results(json.loads(path.read_text(encoding="utf-8")), type(empty))
    except ValueError as error:
        raise ValueError(
            f"{path} holds no study that could go on ({error}): move it away, or name another file"
        ) from None
    wanted = {
        field.name: getattr(empty, field.name)
        for field in dataclasses.fields(empty)
        if getattr(empty, field.name) != ()
    }
    other = [
        f"{name} {getattr(before, name)}, not {value}"
        for name, value in wanted.items()
        if getattr(before, name) != value
    ]
    if other:
        raise ValueError(f"{path} is another study ({'; '.join(other)}): name another file")
    return before


def write_study(study: object, path: Path) -> None:
    """Write a dataclass as JSON that `begun` reads."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(study), indent=1) + "\n", "utf-8")
