"""add and sub: both operands are brought to a common scale before they are added."""

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

_MORE_BITS = {"int8": 20, "int16": 15}
"""Of the common scale, by type."""


def _reference(step: Step) -> np.ndarray:
    sign = 1 if step.op.kind == "add" else -1
    if not step.quantized:
        return step.finish(step.value(0) + sign * step.value(1))
    scales = [scale_of(step.tensor(i))[0] for i in (0, 1)]
    largest, bits = 2.0 * max(scales), _MORE_BITS[step.result().dtype]
    parts = [
        requantize_twice(step.value(i) << bits, [quantize_multiplier(scales[i] / largest)])
        for i in (0, 1)
    ]
    total = quantize_multiplier(largest / (2**bits * scale_of(step.result())[0]))
    return step.finish(requantize_twice(parts[0] + sign * parts[1], [total]))


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return float_call(reader)
    *tensors, output = quantized_operands(reader)
    affines = [reader.affine(tensor) for tensor in tensors]
    bits = _MORE_BITS[output.dtype]
    largest = 2.0 * max(affine.scale for affine in affines)
    first, second = (
        {
            "zero_point": affine.zero_point,
            **reader.multiplier(affine.scale / largest).fields(),
        }
        for affine in affines
    )
    total = reader.multiplier(largest / (2**bits * reader.affine(output).scale))
    reader.require(total.shift <= 0, "its output scale is too small")
    return binary_call(
        reader,
        "add",
        "nn_addition",
        {"first": first, "second": second, **total.fields(), "output": reader.limits(output)},
    )


OPERATORS = tuple(
    Operator(
        kind=kind,
        shapes=broadcast_shapes,
        in_place="elementwise",
        reference=_reference,
        lower=_lower,
        options=options,
        fuses_activation=True,
    )
    for kind, options in (("add", "AddOptions"), ("sub", "SubOptions"))
)
