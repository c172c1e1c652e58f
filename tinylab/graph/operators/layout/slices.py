"""slice and strided_slice: a part of a tensor."""

from collections.abc import Iterator

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _strided(reader: Reader) -> tuple:
    """The part as an index of numpy, whose rules for negative numbers are the same."""
    begin, end, strides = (
        reader.integers(i, r) for i, r in ((1, "begin"), (2, "end"), (3, "step"))
    )
    reader.require(len(begin) == len(end) == len(strides), "its bounds differ in length")
    reader.require(0 not in strides and not reader.option("offset"), "its steps are not sound")
    masks = {
        name: reader.number(f"{name}_mask", 0)
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    index: list = []
    for i in range(len(begin)):
        chosen = {name for name, mask in masks.items() if mask >> i & 1}
        if "ellipsis" in chosen:
            index.append(...)
        elif "new_axis" in chosen:
            index.append(None)
        elif "shrink_axis" in chosen:
            index.append(begin[i])
        else:
            bounds = (None if "begin" in chosen else begin[i], None if "end" in chosen else end[i])
            index.append(slice(*bounds, strides[i]))
    return tuple(index) if ... in index else (*index, ...)


def _slice(reader: Reader) -> tuple:
    begin, size = reader.integers(1, "begin"), reader.integers(2, "size")
    shape = reader.tensor(0).shape
    reader.require(len(begin) == len(size) == len(shape), "its bounds do not fit its axes")
    ends = [extent if s == -1 else b + s for b, s, extent in zip(begin, size, shape, strict=True)]
    bounds = list(zip(begin, ends, shape, strict=True))
    reader.require(all(0 <= b <= e <= n for b, e, n in bounds), f"its part is {begin} to {ends}")
    return (*(slice(b, e) for b, e, _ in bounds), ...)


_INDICES = {"strided_slice": _strided, "slice": _slice}


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    empty = np.lib.stride_tricks.as_strided(
        np.empty(1, np.int8), reader.tensor(0).shape, (0,) * len(reader.tensor(0).shape)
    )
    return (empty[_INDICES[reader.op.kind](reader)].shape,)


def _moves(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    yield Move(0, inputs[0][_INDICES[reader.op.kind](reader)], 0, outputs[0])


OPERATORS = (
    movement_operator("strided_slice", _shapes, _moves, options="StridedSliceOptions"),
    movement_operator("slice", _shapes, _moves, options="SliceOptions"),
)
