"""concatenation and pack: several tensors become one."""

from collections.abc import Iterator

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _check_scales(reader: Reader) -> None:
    tensors = [reader.tensor(i) for i in range(len(reader.op.inputs))]
    if all(tensor.quantization is not None for tensor in tensors):
        reader.same_scale(*tensors, reader.result())


def _joined_axis(reader: Reader) -> int:
    rank = len(reader.tensor(0).shape)
    axis = reader.number("axis", 0)
    reader.require(-rank <= axis < rank, f"its axis is {axis}")
    reader.require(reader.option("fused_activation", "none") == "none", "it has an activation")
    return axis % rank


def _concatenated(reader: Reader) -> tuple[tuple[int, ...], ...]:
    axis = _joined_axis(reader)
    shapes = [list(reader.tensor(i).shape) for i in range(len(reader.op.inputs))]
    total = sum(shape[axis] for shape in shapes)
    rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    reader.require(len(rest) == 1, f"the shapes {shapes} do not fit")
    return ((*shapes[0][:axis], total, *shapes[0][axis + 1 :]),)


def _concatenate(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    _check_scales(reader)
    axis, start = _joined_axis(reader), 0
    for position, part in enumerate(inputs):
        end = start + part.shape[axis]
        yield Move(position, part, 0, outputs[0][(slice(None),) * axis + (slice(start, end), ...)])
        start = end


def _packed_axis(reader: Reader) -> int:
    rank = len(reader.tensor(0).shape) + 1
    axis = reader.number("axis", 0)
    reader.require(-rank <= axis < rank, f"its axis is {axis}")
    return axis % rank


def _packed(reader: Reader) -> tuple[tuple[int, ...], ...]:
    axis, count = _packed_axis(reader), len(reader.op.inputs)
    shapes = {reader.tensor(i).shape for i in range(count)}
    reader.require(len(shapes) == 1, "its inputs differ in shape")
    (shape,) = shapes
    return ((*shape[:axis], count, *shape[axis:]),)


def _pack(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    _check_scales(reader)
    whole = np.moveaxis(outputs[0], _packed_axis(reader), 0)
    for position, part in enumerate(inputs):
        yield Move(position, part, 0, whole[position, ...])


OPERATORS = (
    movement_operator("concatenation", _concatenated, _concatenate, options="ConcatenationOptions"),
    movement_operator("pack", _packed, _pack, options="PackOptions"),
)
