"""minimum and maximum of two operands that share one scale."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.elementwise.broadcast import (
    binary_call,
    broadcast_shapes,
    float_call,
    quantized_operands,
)
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step

_FUNCTIONS = {"minimum": np.minimum, "maximum": np.maximum}


def _reference(step: Step) -> np.ndarray:
    return _FUNCTIONS[step.op.kind](step.inputs[0], step.inputs[1])


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return float_call(reader)
    reader.same_scale(*quantized_operands(reader))
    return binary_call(reader, "extremes", "nn_extremes", {})


OPERATORS = tuple(
    Operator(
        kind=kind,
        shapes=broadcast_shapes,
        in_place="elementwise",
        reference=_reference,
        lower=_lower,
        options="MaximumMinimumOptions",
    )
    for kind in _FUNCTIONS
)
