"""squared_difference: (a - b)**2, as in the variance of a layer normalization."""

import numpy as np

from tinylab.graph.core.fixed_point import quantize_multiplier, requantize_twice
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.elementwise.broadcast import (
    binary_call,
    broadcast_shapes,
    float_call,
    quantized_operands,
)
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step, scale_of

_MORE_BITS = {"int8": 7, "int16": 0}
"""Of the common scale; the square has twice as many."""


def _reference(step: Step) -> np.ndarray:
    if not step.quantized:
        return step.finish(np.square(step.value(0) - step.value(1)), "none")
    scales = [scale_of(step.tensor(i))[0] for i in (0, 1)]
    largest, bits = 2.0 * max(scales), _MORE_BITS[step.result().dtype]
    first, second = (
        requantize_twice(step.value(i) << bits, [quantize_multiplier(scales[i] / largest)])
        for i in (0, 1)
    )
    total = quantize_multiplier(largest**2 / (4**bits * scale_of(step.result())[0]))
    return step.finish(requantize_twice(np.square(first - second), [total]), "none")


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return float_call(reader)
    *tensors, output = quantized_operands(reader)
    affines = [reader.affine(tensor) for tensor in tensors]
    largest, bits = 2.0 * max(affine.scale for affine in affines), _MORE_BITS[output.dtype]
    first, second = (
        {"zero_point": affine.zero_point, **reader.multiplier(affine.scale / largest).fields()}
        for affine in affines
    )
    total = reader.multiplier(largest**2 / (4**bits * reader.affine(output).scale))
    reader.require(total.shift <= 0, "its output scale is too small")
    return binary_call(
        reader,
        "squared_difference",
        "nn_addition",
        {
            "first": first,
            "second": second,
            **total.fields(),
            "output": reader.limits(output, "none"),
        },
    )


OPERATOR = Operator(
    kind="squared_difference",
    shapes=broadcast_shapes,
    in_place="elementwise",
    reference=_reference,
    lower=_lower,
    options="SquaredDifferenceOptions",
)
