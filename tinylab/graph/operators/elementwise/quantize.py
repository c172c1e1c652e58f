"""quantize and dequantize: between real numbers and stored ones, and from one scale to another."""

import numpy as np

from tinylab.graph.core.fixed_point import quantize_multiplier, requantize_twice
from tinylab.graph.core.ir import Tensor
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.elementwise.functions.relu import rescaled
from tinylab.graph.operators.elementwise.functions.table import table_call
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import QUANTIZED, Step, scale_of

_ENDINGS = {"int8": "_s8", "uint8": "_u8", "int16": "_s16"}
_RESCALED = {("int16", "int8"): "_s16_s8", ("int8", "int16"): "_s8_s16",
             ("int16", "int16"): "_s16_s16", ("int16", "int32"): "_s16_s32",
             ("int8", "int32"): "_s8_s32"}  # fmt: skip


def _quantized(step: Step) -> np.ndarray:
    target = step.result()
    scale, zero_point = scale_of(target)
    x = step.value(0)
    if step.tensor(0).dtype in QUANTIZED:
        factor = quantize_multiplier(scale_of(step.tensor(0))[0] / scale)
        stored = requantize_twice(x, [factor])
    else:
        steps = x.astype(np.float32) / np.float32(scale)
        stored = np.trunc(steps + np.copysign(np.float32(0.5), steps)).astype(np.int64)
    ends = np.iinfo(target.dtype)
    return np.clip(stored + zero_point, ends.min, ends.max).astype(target.dtype)


def _dequantized(step: Step) -> np.ndarray:
    stored = step.tensor(0).quantization
    if stored is None:
        return step.value(0)
    if stored.axis is not None:
        return _dequantized_by_channel(step, stored.axis)
    real = (step.value(0) * scale_of(step.tensor(0))[0]).astype(np.float32)  # as devices round it
    return real.astype(np.float64)


def _dequantized_by_channel(step: Step, axis: int) -> np.ndarray:
    stored = step.tensor(0).affine
    shape = [1] * len(step.tensor(0).shape)
    shape[axis] = -1
    steps = step.inputs[0].astype(np.float64) - stored.zero_point.reshape(shape)
    return steps * stored.scale.astype(np.float64).reshape(shape)


def _lower_quantize(reader: Reader, target: Target) -> Call:
    source, output = reader.tensor(0), reader.result()
    if source.dtype == "float32":
        return _affine_call(reader, "nn_quantize", output)
    if source.dtype in BYTES and output.dtype in BYTES:
        return table_call(reader, rescaled(reader, "none"))
    ending = _RESCALED.get((source.dtype, output.dtype))
    if ending is None:
        raise reader.refuse(f"{source.dtype} to {output.dtype} is not supported")
    return _rescale_call(reader, source, output, ending)


def _rescale_call(reader: Reader, source: Tensor, output: Tensor, ending: str) -> Call:
    before, after = reader.affine(source), reader.affine(output)
    factor = reader.multiplier(before.scale / after.scale)
    reader.require(factor.shift < 15, "its scales differ too much")
    return Call(
        function=f"nn_rescale{ending}",
        kernel="rescale.c",
        structure="nn_rescaling",
        parameters={
            "size": output.elements,
            "input_zero_point": before.zero_point,
            "output": reader.limits(output, "none"),
            **factor.fields(),
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def _lower_dequantize(reader: Reader, target: Target) -> Call:
    reader.output(("float32",))
    return _affine_call(reader, "nn_dequantize", reader.tensor(0))


def _affine_call(reader: Reader, function: str, quantized: Tensor) -> Call:
    reader.require(quantized.dtype in _ENDINGS, f"{quantized.dtype} is not supported")
    affine = reader.affine(quantized)
    return Call(
        function=f"{function}{_ENDINGS[quantized.dtype]}",
        kernel="quantize.c",
        structure="nn_affine",
        parameters={
            "size": quantized.elements,
            "scale": affine.scale,
            "zero_point": affine.zero_point,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


OPERATORS = tuple(
    Operator(
        kind=kind,
        shapes=same_shape,
        in_place="elementwise",
        reference=reference,
        lower=lower,
        options=options,
        keeps_channels=True,
    )
    for kind, reference, lower, options in (
        ("quantize", _quantized, _lower_quantize, "QuantizeOptions"),
        ("dequantize", _dequantized, _lower_dequantize, "DequantizeOptions"),
    )
)
