"""sum: over some axes, scaled to the output and rounded once."""

from dataclasses import replace

import numpy as np

from tinylab.graph.core.fixed_point import requantize_once
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.pooling.reduction import (
    axes_of,
    reduced_count,
    reduced_shapes,
    reduction_call,
)
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step, scale_of
from tinylab.graph.operators.weighted.dense import exact_scales


def _reference(step: Step) -> np.ndarray:
    total = step.value(0).sum(axis=axes_of(step))
    if not step.quantized:
        return total
    factor = scale_of(step.tensor(0))[0] / scale_of(step.result())[0]
    return step.finish(requantize_once(total, np.array([factor])))


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return reduction_call(reader, "mean", {"factor": 1.0})
    source, output = reader.activation(), reader.output()
    factor = reader.affine(source).scale / reader.affine(output).scale
    count = reduced_count(reader)
    reader.require(factor < 2**8 and count < 2**15, "it adds too many elements")
    exact = exact_scales(reader.index, np.array([factor]))
    call = reduction_call(
        reader,
        "sum",
        {
            "offset": -count * reader.affine(source).zero_point,
            "output": reader.limits(output, "none"),
            "exact": exact.symbol,
        },
    )
    return replace(call, constants=(exact,))


OPERATOR = Operator(
    kind="sum",
    shapes=reduced_shapes,
    reference=_reference,
    lower=_lower,
    options="ReducerOptions",
    keeps_channels=True,
)
