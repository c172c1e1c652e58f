"""split, split_v and unpack: one tensor becomes several."""

from collections.abc import Iterator

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _parts(reader: Reader) -> tuple[int, int, list[int]]:
    """Position of the input, axis, and length of each part."""
    equal = reader.op.kind == "split"
    position, axis_at = (1, 0) if equal else (0, 2)
    shape = reader.tensor(position).shape
    axes = reader.integers(axis_at, "axis")
    reader.require(len(axes) == 1 and -len(shape) <= axes[0] < len(shape), f"its axis is {axes}")
    axis, count = axes[0] % len(shape), len(reader.op.outputs)
    if equal:
        reader.require(shape[axis] % count == 0, f"{shape} does not split into {count}")
        return position, axis, [shape[axis] // count] * count
    sizes = reader.integers(1, "sizes")
    known = sum(size for size in sizes if size >= 0)
    sizes = [shape[axis] - known if size == -1 else size for size in sizes]
    sound = len(sizes) == count and min(sizes) >= 0 and sum(sizes) == shape[axis]
    reader.require(sound, f"its sizes are {sizes}")
    return position, axis, sizes


def _split_shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    position, axis, sizes = _parts(reader)
    shape = reader.tensor(position).shape
    return tuple((*shape[:axis], size, *shape[axis + 1 :]) for size in sizes)


def _split(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    position, axis, sizes = _parts(reader)
    start = 0
    for number, size in enumerate(sizes):
        part = inputs[position][(slice(None),) * axis + (slice(start, start + size), ...)]
        yield Move(position, part, number, outputs[number])
        start += size


def _unpacked_axis(reader: Reader) -> int:
    shape = reader.tensor(0).shape
    axis = reader.number("axis", 0)
    reader.require(-len(shape) <= axis < len(shape), f"its axis is {axis}")
    reader.require(shape[axis] == len(reader.op.outputs), f"{shape} has not as many parts")
    return axis % len(shape)


def _unpacked(reader: Reader) -> tuple[tuple[int, ...], ...]:
    axis, shape = _unpacked_axis(reader), reader.tensor(0).shape
    return ((*shape[:axis], *shape[axis + 1 :]),) * shape[axis]


def _unpack(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    whole = np.moveaxis(inputs[0], _unpacked_axis(reader), 0)
    for number, output in enumerate(outputs):
        yield Move(0, whole[number, ...], number, output)


OPERATORS = (
    movement_operator("split", _split_shapes, _split, options="SplitOptions"),
    movement_operator("split_v", _split_shapes, _split, options="SplitVOptions"),
    movement_operator("unpack", _unpacked, _unpack, options="UnpackOptions"),
)
