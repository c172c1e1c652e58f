"""mean: the average over some axes."""

import numpy as np

from tinylab.graph.core.fixed_point import Multiplier, quantize_multiplier, requantize_twice
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.pooling.reduction import (
    axes_of,
    reduced_count,
    reduced_shapes,
    reduction_call,
)
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step, scale_of


def _divided(factor: Multiplier, count: int) -> Multiplier:
    """The factor from sums to stored values: the change of scale and the division in one."""
    extra = min(count.bit_length() - 1, 32, 31 + factor.shift)
    return Multiplier((factor.mantissa << extra) // count, factor.shift - extra)


def _reference(step: Step) -> np.ndarray:
    x, axes = step.value(0), axes_of(step)
    if not step.quantized:
        return x.mean(axis=axes)
    factor = quantize_multiplier(scale_of(step.tensor(0))[0] / scale_of(step.result())[0])
    scaled = _divided(factor, reduced_count(step))
    return step.finish(requantize_twice(x.sum(axis=axes), [scaled]))


def _lower(reader: Reader, target: Target) -> Call:
    source, output, count = reader.tensor(0), reader.result(), reduced_count(reader)
    if source.dtype == "float32":
        return reduction_call(reader, "mean", {"factor": 1 / count})
    factor = reader.multiplier(reader.affine(source).scale / reader.affine(output).scale)
    scaled = _divided(factor, count)
    reader.require(scaled.shift > -32, "it takes the mean of too many elements")
    return reduction_call(
        reader,
        "mean",
        {
            "offset": -count * reader.affine(source).zero_point,
            "output": reader.limits(output),
            "multiplier": scaled.mantissa,
            "shift": scaled.shift,
        },
    )


OPERATOR = Operator(
    kind="mean",
    shapes=reduced_shapes,
    reference=_reference,
    lower=_lower,
    options="ReducerOptions",
    keeps_channels=True,
)
