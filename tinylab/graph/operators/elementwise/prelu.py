"""prelu: negative values are multiplied by a learned number, usually one a channel."""

import numpy as np

from tinylab.graph.core.fixed_point import quantize_multiplier, requantize_twice
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.elementwise.broadcast import (
    binary_call,
    broadcast_shapes,
    float_call,
)
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step, scale_of


def _reference(step: Step) -> np.ndarray:
    x, alpha = step.value(0), step.value(1)
    if not step.quantized:
        return np.where(x >= 0, x, x * alpha)
    source, slope = (scale_of(step.tensor(i))[0] for i in (0, 1))
    output = scale_of(step.result())[0]
    positive = requantize_twice(x, [quantize_multiplier(source / output)])
    negative = requantize_twice(x * alpha, [quantize_multiplier(source * slope / output)])
    return step.finish(np.where(x >= 0, positive, negative))


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return float_call(reader)
    source, slope = (reader.affine(reader.activation(position)) for position in (0, 1))
    output = reader.affine(reader.output())
    factors = [
        reader.multiplier(source.scale / output.scale),
        reader.multiplier(source.scale * slope.scale / output.scale),
    ]
    reader.require(max(f.shift for f in factors) < 15, "its output scale is too small")
    return binary_call(
        reader,
        "prelu",
        "nn_slopes",
        {
            "input_zero_point": source.zero_point,
            "slope_zero_point": slope.zero_point,
            "positive": factors[0].fields(),
            "negative": factors[1].fields(),
            "output": reader.limits(reader.output(), "none"),
        },
    )


OPERATOR = Operator(
    kind="prelu",
    shapes=broadcast_shapes,
    in_place="elementwise",
    reference=_reference,
    lower=_lower,
    keeps_channels=True,
)
