"""softmax: scores become shares that add up to one."""

from math import prod

import numpy as np

from tinylab.graph.core.fixed_point import softmax_scale
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.pooling.softmax_wide import wide_softmax_call
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step, scale_of


def _reference(step: Step) -> np.ndarray:
    """In floating point; an int8 result may be off by one."""
    x = step.value(0).astype(np.float64) * step.option("beta", 1.0)
    if step.tensor(0).quantization is not None:
        x = x * scale_of(step.tensor(0))[0]
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    shares = powers / powers.sum(axis=-1, keepdims=True)
    if not step.quantized:
        return shares
    scale, zero_point = scale_of(step.result())
    ends = np.iinfo(step.result().dtype)
    stored = np.rint(shares / scale) + zero_point
    return np.clip(stored, ends.min, ends.max).astype(step.result().dtype)


def _lower(reader: Reader, target: Target) -> Call:
    source = reader.activation(0, ("int8", "int16", "float32"))
    if source.dtype == "float32":
        return _lower_float(reader)
    beta = float(reader.option("beta", 1.0))
    reader.require(0 < beta < 1e3, f"its beta is {beta}")
    if source.dtype == "int16":
        return wide_softmax_call(reader, beta)
    output = reader.output(("int8", "int16"))
    affine = reader.affine(output)
    scale, zero_point = {"int8": (1 / 256, -128), "int16": (1 / 65536, -32768)}[output.dtype]
    sound = affine.zero_point == zero_point and abs(affine.scale / scale - 1) < 1e-3
    reader.require(
        sound, f"its output must have the scale 1/{1 / scale:.0f} and the zero point {zero_point}"
    )
    try:
        factor = softmax_scale(reader.affine(source).scale, beta)
    except ValueError as error:
        raise reader.refuse(str(error)) from error
    reader.require(source.shape[-1] < 512, "it has 512 or more classes")
    wide = "_s8_s16" if output.dtype == "int16" else ""
    return Call(
        function=f"nn_softmax{wide}",
        kernel="softmax.c",
        structure="nn_normalize",
        parameters={
            "rows": prod(source.shape[:-1]),
            "size": source.shape[-1],
            "multiplier": factor.mantissa,
            "left_shift": factor.left_shift,
            "minimum_difference": factor.minimum_difference,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def _lower_float(reader: Reader) -> Call:
    source = reader.activation(0, ("float32",))
    reader.output(("float32",))
    return Call(
        function="nn_softmax_f32",
        kernel="f32/softmax_f32.c",
        structure="nn_normalize_f32",
        parameters={
            "rows": prod(source.shape[:-1]),
            "size": source.shape[-1],
            "beta": float(reader.option("beta", 1.0)),
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


OPERATOR = Operator(
    kind="softmax",
    shapes=same_shape,
    reference=_reference,
    lower=_lower,
    options="SoftmaxOptions",
)
