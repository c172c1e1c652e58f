"""Many states of one figure, small: each value once, with the controls that it depends on.

A figure is a tree of values. Most of them are the same in all states, and most others follow one or
two of the controls: a value is kept as a table over just those.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["Columns"]

# As float32 arrays have; a pixel is a thousandth of a figure.
SIGNIFICANT_DIGITS = 7
ABSENT = -1


class Columns:
    """States added one by one, in the order of a grid of settings, then packed as plain data."""

    def __init__(self):
        self._count = 0
        self._columns: dict[tuple, _Column] = {}

    def add(self, state: dict | None) -> None:
        """Add the next state: dicts, lists, numbers, strings and arrays as `plain_figure` has.

        None stands for a state of which nothing is shown.
        """
        for path, value in _leaves(state or {}, ()):
            self._columns.setdefault(path, _Column()).put(self._count, value)
        self._count += 1

    def packed(self, shape: Sequence[int]) -> list[dict]:
        """All columns: ``{"path", "values", "axes", "index"}``.

        Parameters
        ----------
        shape : sequence of int
            How many values each control has; the last changes fastest.

        Returns
        -------
        list of dict
            The value at `path` is ``values[index[i]]``, where i counts the settings of the
            controls numbered `axes` alone, the last fastest; index -1: there is no such value.
        """
        return [
            {"path": list(path), **column.packed(self._count, shape)}
            for path, column in self._columns.items()
        ]


class _Column:
    """The values at one path: each once, and which of them every state has."""

    def __init__(self):
        self._positions: dict[Any, int] = {}
        self._values: list = []
        self._of_state: dict[int, int] = {}

    def put(self, state: int, value: Any) -> None:
        key = _key(value)
        if key not in self._positions:
            self._positions[key] = len(self._values)
            self._values.append(_short(value))
        self._of_state[state] = self._positions[key]

    def packed(self, count: int, shape: Sequence[int]) -> dict:
        index = np.full(count, ABSENT)
        index[list(self._of_state)] = list(self._of_state.values())
        index, axes = index.reshape(tuple(shape)), []
        for axis in range(len(shape)):
            first = index.take([0], axis)
            if (index == first).all():
                index = first
            else:
                axes.append(axis)
        return {"values": self._values, "axes": axes, "index": index.ravel().tolist()}


def _leaves(value: Any, path: tuple) -> Iterator[tuple[tuple, Any]]:
    """(path, value) of whatever in a tree is not itself a tree."""
    if isinstance(value, dict) and value and "bytes" not in value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, number))
    else:
        yield path, value


def _key(value: Any) -> Any:
    if isinstance(value, dict) and "bytes" in value:
        return value["dtype"], tuple(value["shape"]), value["bytes"]
    return json.dumps(value)


def _short(value: Any) -> Any:
    """A value with no more digits than can be seen."""
    if isinstance(value, dict) and "bytes" in value:
        return _short_array(np.frombuffer(value["bytes"], value["dtype"]), value["shape"])
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return value


def _short_array(array: np.ndarray, shape: list[int]) -> dict:
    if array.dtype == np.float64 and np.abs(array).max() < np.finfo(np.float32).max:
        array = array.astype(np.float32)
    text = base64.b64encode(array.tobytes()).decode("ascii")
    return {"dtype": array.dtype.name, "shape": shape, "base64": text}
