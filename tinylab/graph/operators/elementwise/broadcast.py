"""Two operands whose shapes need not be equal: axes of size one are repeated."""

import numpy as np

from tinylab.graph.core.ir import Tensor
from tinylab.graph.lowering import Call, Reader
from tinylab.graph.operators.strides import MAX_AXES, collapsed, filled

INTEGERS = {"int8": "", "int16": "_s16"}
"""Types of quantized operands, and the endings of their kernels' names."""


def broadcast_shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    """The shape rule: numpy's."""
    shapes = reader.tensor(0).shape, reader.tensor(1).shape
    try:
        return (np.broadcast_shapes(*shapes),)
    except ValueError as error:
        raise reader.refuse(f"the shapes {shapes[0]} and {shapes[1]} do not fit") from error


def operands(reader: Reader) -> dict[str, object]:
    """The structure `nn_operands`: how both inputs are walked through, in bytes."""
    shape = reader.result().shape
    item = np.dtype(reader.result().dtype).itemsize
    strides = [_strides(reader.tensor(i).shape, shape, item) for i in (0, 1)]
    sizes, steps = collapsed(shape, strides)
    reader.require(len(sizes) <= MAX_AXES, f"more than {MAX_AXES} axes")
    names = ("first", "second")
    walks = {name: filled(row, 0) for name, row in zip(names, steps, strict=True)}
    return {"item": item, "sizes": filled(sizes, 1), **walks}


def _strides(shape: tuple[int, ...], output: tuple[int, ...], item: int) -> list[int]:
    """Bytes from one element to the next along each axis of the output."""
    shape = (1,) * (len(output) - len(shape)) + tuple(shape)
    strides, step = [], item
    for size in reversed(shape):
        strides.append(0 if size == 1 else step)
        step *= size
    return strides[::-1]


def quantized_operands(reader: Reader) -> tuple[Tensor, Tensor, Tensor]:
    """Both inputs and the output, which must have one integer type."""
    types = tuple(INTEGERS)
    tensors = reader.activation(0, types), reader.activation(1, types), reader.output(types)
    reader.require(len({tensor.dtype for tensor in tensors}) == 1, "its tensors differ in type")
    return tensors


def binary_call(reader: Reader, kernel: str, structure: str, parameters: dict) -> Call:
    """A call of `nn_<kind>` in `kernel`, or of its variant for 16 bits."""
    suffix = INTEGERS[reader.result().dtype]
    return Call(
        function=f"nn_{reader.op.kind}{suffix}",
        kernel=f"s16/arithmetic{suffix}.c" if suffix else f"{kernel}.c",
        structure=structure,
        parameters={"operands": operands(reader), **parameters},
        inputs=reader.op.inputs[:2],
        output=reader.op.outputs[0],
    )


def float_call(reader: Reader) -> Call:
    """A call of `nn_<kind>_f32`."""
    for position in (0, 1):
        reader.activation(position, ("float32",))
    reader.output(("float32",))
    return Call(
        function=f"nn_{reader.op.kind}_f32",
        kernel="f32/arithmetic_f32.c",
        structure="nn_arithmetic_f32",
        parameters={"operands": operands(reader), "limits": reader.float_limits()},
        inputs=reader.op.inputs[:2],
        output=reader.op.outputs[0],
    )
