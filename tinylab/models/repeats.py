"""Trainings of several ways, with several seeds and learning rates: those that are compared."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

__all__ = ["at_best_rate", "ways_of"]


class Training(Protocol):
    """What a row must tell: the way it was trained, with which rate, and from which seed."""

    way: str
    learning_rate: float
    seed: int


Row = TypeVar("Row", bound=Training)


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
