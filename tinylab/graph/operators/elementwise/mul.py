"""mul: products, scaled back to the output's scale."""

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


def _reference(step: Step) -> np.ndarray:
    product = step.value(0) * step.value(1)
    if not step.quantized:
        return step.finish(product)
    scales = [scale_of(step.tensor(i))[0] for i in (0, 1)]
    factor = quantize_multiplier(scales[0] * scales[1] / scale_of(step.result())[0])
    return step.finish(requantize_twice(product, [factor]))


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return float_call(reader)
    *tensors, output = quantized_operands(reader)
    first, second = map(reader.affine, tensors)
    factor = reader.multiplier(first.scale * second.scale / reader.affine(output).scale)
    reader.require(factor.shift < 15, "its output scale is too small")
    return binary_call(
        reader,
        "mul",
        "nn_product",
        {
            "first_zero_point": first.zero_point,
            "second_zero_point": second.zero_point,
            **factor.fields(),
            "output": reader.limits(output),
        },
    )


OPERATOR = Operator(
    kind="mul",
    shapes=broadcast_shapes,
    in_place="elementwise",
    reference=_reference,
    lower=_lower,
    options="MulOptions",
    fuses_activation=True,
)
