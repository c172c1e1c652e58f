"""Reading the data files: every number with its unit, its kind and its source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

DATA = Path(__file__).parents[1] / "data"

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Quantity:
    """A number from elsewhere.

    Parameters
    ----------
    value : float
    unit : str
    kind : str
        "measured", "published", "datasheet" or "modelled".
    source : str
    """

    value: float
    unit: str
    kind: str
    source: str

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit} ({self.kind}: {self.source})"


def read(name: str) -> dict:
    """A data file, with a `Quantity` wherever it holds a value with unit, kind and source."""
    return _quantities(json.loads((DATA / name).read_text(encoding="utf-8")))


def pick(what: str, name: str, known: Mapping[str, Entry]) -> Entry:
    """An entry by name.

    Raises
    ------
    ValueError
        There is none of that name; the message lists those that there are.
    """
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}; known are {', '.join(known)}")
    return known[name]


def _quantities(node):
    if not isinstance(node, dict):
        return [_quantities(item) for item in node] if isinstance(node, list) else node
    if node.keys() == {"value", "unit", "kind", "source"}:
        return Quantity(**node)
    return {key: _quantities(value) for key, value in node.items()}
