"""arg_max: the position of the largest value along an axis, the first if there are several."""

from math import prod

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step

_ENDINGS = {"int32": "_s32", "int64": "_s64"}


def _axis(reader: Reader) -> int:
    rank = len(reader.tensor(0).shape)
    axes = reader.integers(1, "axis")
    reader.require(len(axes) == 1 and -rank <= axes[0] < rank, f"its axis is {axes}")
    return axes[0] % rank


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    axis, shape = _axis(reader), reader.tensor(0).shape
    return ((*shape[:axis], *shape[axis + 1 :]),)


def _reference(step: Step) -> np.ndarray:
    return np.argmax(step.inputs[0], axis=_axis(step)).astype(step.result().dtype)


def _lower(reader: Reader, target: Target) -> Call:
    source, output = reader.activation(0, BYTES), reader.output(tuple(_ENDINGS))
    axis = _axis(reader)
    return Call(
        function=f"nn_arg_max{_ENDINGS[output.dtype]}",
        kernel="arg_max.c",
        structure="nn_search",
        parameters={
            "outer": prod(source.shape[:axis]),
            "size": source.shape[axis],
            "inner": prod(source.shape[axis + 1 :]),
            "flip": 128 if source.dtype == "uint8" else 0,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


OPERATOR = Operator(
    kind="arg_max",
    shapes=_shapes,
    reference=_reference,
    lower=_lower,
    options="ArgMaxOptions",
)
