"""reduce_max and reduce_min: the largest and the smallest value over some axes."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.pooling.reduction import (
    axes_of,
    reduced_shapes,
    reduction_call,
)
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step

_FUNCTIONS = {"reduce_max": np.max, "reduce_min": np.min}


def _reference(step: Step) -> np.ndarray:
    return _FUNCTIONS[step.op.kind](step.inputs[0], axis=axes_of(step))


def _lower(reader: Reader, target: Target) -> Call:
    source, output = reader.tensor(0), reader.result()
    if source.dtype != "float32":
        reader.same_scale(source, output)
    return reduction_call(reader, reader.op.kind, {})


OPERATORS = tuple(
    Operator(
        kind=kind,
        shapes=reduced_shapes,
        reference=_reference,
        lower=_lower,
        options="ReducerOptions",
        keeps_channels=True,
    )
    for kind in _FUNCTIONS
)
