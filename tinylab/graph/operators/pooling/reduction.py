"""What reductions have in common: over which axes, and how a kernel walks through them."""

from math import prod

import numpy as np

from tinylab.graph.lowering import Call, Reader
from tinylab.graph.operators.strides import MAX_AXES, collapsed, filled

REDUCED_TYPES = {"int8": "", "int16": "_s16", "float32": "_f32"}


def axes_of(reader: Reader) -> tuple[int, ...]:
    """The axes that go away, counted from the front."""
    rank = len(reader.tensor(0).shape)
    axes = reader.integers(1, "axes")
    reader.require(all(-rank <= axis < rank for axis in axes), f"its axes are {axes}")
    return tuple(sorted({axis % rank for axis in axes}))


def reduced_shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    """The shape rule."""
    shape, axes = reader.tensor(0).shape, axes_of(reader)
    if reader.option("keep_dims"):
        return (tuple(1 if i in axes else size for i, size in enumerate(shape)),)
    return (tuple(size for i, size in enumerate(shape) if i not in axes),)


def reduced_count(reader: Reader) -> int:
    """How many elements of the input become one of the output."""
    shape = reader.tensor(0).shape
    return prod(shape[axis] for axis in axes_of(reader))


def walk(reader: Reader) -> dict[str, object]:
    """The structure `nn_walk`: sizes and strides (in elements) of the axes that stay and go."""
    shape, axes = reader.tensor(0).shape, axes_of(reader)
    strides = np.cumprod((1, *shape[:0:-1]))[::-1].tolist() if shape else []
    parts: dict[str, object] = {}
    for name, gone in (("kept", False), ("reduced", True)):
        chosen = [i for i in range(len(shape)) if (i in axes) == gone]
        sizes, (steps,) = collapsed([shape[i] for i in chosen], [[strides[i] for i in chosen]])
        reader.require(len(sizes) <= MAX_AXES, f"more than {MAX_AXES} axes")
        parts[name] = filled(sizes, 1)
        parts[f"{name}_strides"] = filled(steps, 0)
    return parts


def reduction_call(reader: Reader, function: str, parameters: dict) -> Call:
    """A call of a reduction kernel for the type of the input."""
    types = tuple(REDUCED_TYPES)
    source, target = reader.activation(0, types), reader.output(types)
    reader.require(source.dtype == target.dtype, "its input and output differ in type")
    suffix = REDUCED_TYPES[source.dtype]
    return Call(
        function=f"nn_{function}{suffix}",
        kernel=f"{suffix[1:]}/{function}{suffix}.c" if suffix else f"{function}.c",
        structure="nn_reduction_f32" if suffix == "_f32" else "nn_reduction",
        parameters={"walk": walk(reader), **parameters},
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )
