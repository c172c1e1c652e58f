"""What both kinds of convolution, in all number types, have in common."""

from dataclasses import asdict, replace

import numpy as np

from tinylab.graph.core.fixed_point import (
    Multiplier,
    quantize_multiplier,
    requantize_twice,
    requantize_wide,
)
from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.operators.step import Step, scale_of

TYPES = ("int8", "int16", "float32")
SUFFIXES = {"int8": "", "int16": "_s16", "float32": "_f32"}
"""Endings of the kernels' names by type of the activations."""


def kernel_file(kind: str, dtype: str) -> str:
    """The C file of the plain kernel for a type of activations."""
    suffix = SUFFIXES[dtype]
    return f"{suffix[1:]}/{kind}{suffix}.c" if suffix else f"{kind}.c"


class Convolution:
    """Checked parameters of a convolution on integers."""

    def __init__(self, reader: Reader):
        self.reader, self.index, self.op = reader, reader.index, reader.op
        self.depthwise = self.op.kind == "depthwise_conv2d"
        source, target = reader.activation(0, TYPES), reader.output(TYPES)
        reader.require(source.dtype == target.dtype, "its input and output differ in type")
        self.dtype = source.dtype
        self.input, self.output = reader.image(source), reader.image(target)
        self.weights = reader.weights(axes=4)
        _, height, width, _ = self.weights.shape
        self.groups = 1 if self.depthwise else self.input[2] // max(self.weights.shape[3], 1)
        self._check_channels()
        self.window = reader.window(height, width, self.input, self.output)
        self.input_zero_point = reader.affine(source).zero_point
        self.limits = reader.limits(target)
        biases = ("int32",) if self.dtype == "int8" else ("int64", "int32")
        self.bias = reader.bias(self.output[2], dtypes=biases)
        self.weight_zero_point = reader.weight_zero_point()
        fits = not self.weight_zero_point or self.dtype == "int8"
        reader.require(fits, "16-bit activations need weights with the zero point 0")
        axis = 3 if self.depthwise else 0
        per_channel = reader.weight_scales(reader.tensor(1, "weights"), self.output[2], axis)
        real = reader.affine(source).scale * per_channel / reader.affine(target).scale
        self.multipliers = [reader.multiplier(float(factor)) for factor in real]

    def _check_channels(self) -> None:
        check_channels(self.reader, self.input[2], self.output[2], self.weights.shape)


def check_channels(reader: Reader, channels: int, out: int, shape: tuple[int, ...]) -> None:
    """Weights must fit the channels of the input and of the output."""
    if reader.op.kind == "depthwise_conv2d":
        fits = shape[0] == 1 and shape[3] == out and out % channels == 0
    else:
        groups = channels // max(shape[3], 1)
        fits = shape[0] == out and shape[3] * groups == channels and out % max(groups, 1) == 0
    reader.require(fits, f"weights {shape} do not fit {channels} -> {out} channels")


def scale_constants(index: int, multipliers: list[Multiplier]) -> tuple[Constant, Constant]:
    """Two tables in flash: mantissas and shifts."""
    mantissas = np.array([m.mantissa for m in multipliers], np.int32)
    shifts = np.array([m.shift for m in multipliers], np.int8)
    return Constant(f"multiplier_{index}", mantissas), Constant(f"shift_{index}", shifts)


def lower_convolution(reader: Reader, target: Target) -> Call:
    """A call of the plain kernel for the type of the activations."""
    if reader.tensor(0).dtype == "float32":
        return _lower_float(reader)
    convolution = Convolution(reader)
    index, kind = reader.index, reader.op.kind
    suffix = SUFFIXES[convolution.dtype]
    weights = Constant(f"weights_{index}", convolution.weights.ravel())
    wide = np.int64 if convolution.dtype == "int16" else np.int32
    bias = Constant(f"bias_{index}", convolution.bias.astype(wide))
    multiplier, shift = scale_constants(index, convolution.multipliers)
    call = Call(
        function=f"nn_{kind}{suffix}",
        kernel=kernel_file(kind, convolution.dtype),
        structure=f"nn_convolution{suffix}",
        parameters={
            "input_shape": convolution.input,
            "output_shape": convolution.output,
            "window": asdict(convolution.window),
            "input_zero_point": convolution.input_zero_point,
            "output": convolution.limits,
            "groups": convolution.groups,
            "weights": weights.symbol,
            "bias": bias.symbol,
            "scales": {"multiplier": multiplier.symbol, "shift": shift.symbol},
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=(weights, bias, multiplier, shift),
    )
    return shifted(call, convolution.weight_zero_point)


def shifted(call: Call, zero_point: int) -> Call:
    """The call of the variant for weights with a zero point of their own, if there is one."""
    if not zero_point:
        return call
    name = call.function.removeprefix("nn_")
    return replace(
        call,
        function=f"{call.function}_shifted",
        kernel=f"shifted/{name}_shifted.c",
        structure=f"{call.structure}_shifted",
        parameters={"base": call.parameters, "weight_zero_point": zero_point},
    )


def _lower_float(reader: Reader) -> Call:
    source, target = reader.activation(0, ("float32",)), reader.output(("float32",))
    image, output = reader.image(source), reader.image(target)
    weights = reader.constant(1, "weights", "float32")
    reader.require(weights.ndim == 4, "its weights must have 4 axes")
    check_channels(reader, image[2], output[2], weights.shape)
    window = reader.window(weights.shape[1], weights.shape[2], image, output)
    index, kind = reader.index, reader.op.kind
    constants = (
        Constant(f"weights_{index}", weights.ravel()),
        Constant(f"bias_{index}", reader.bias(output[2], dtypes=("float32",))),
    )
    return Call(
        function=f"nn_{kind}_f32",
        kernel=f"f32/{kind}_f32.c",
        structure="nn_convolution_f32",
        parameters={
            "input_shape": image,
            "output_shape": output,
            "window": asdict(window),
            "limits": reader.float_limits(),
            "groups": 1 if kind[0] == "d" else image[2] // weights.shape[3],
            "weights": constants[0].symbol,
            "bias": constants[1].symbol,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=constants,
    )


def weighted(step: Step, sums: np.ndarray, bias: int = 2) -> np.ndarray:
    """Add the bias to sums of products and scale back, as convolutions do."""
    if len(step.inputs) > bias and step.inputs[bias] is not None:
        sums = sums + step.inputs[bias].ravel()
    if not step.quantized:
        return step.finish(sums)
    requantize = requantize_wide if step.result().dtype == "int16" else requantize_twice
    multipliers = [quantize_multiplier(float(factor)) for factor in real_scales(step)]
    return step.finish(requantize(sums, multipliers))


def real_scales(step: Step) -> np.ndarray:
    """float64, one factor from a sum to a step of the output, or one a channel."""
    weight_scales = step.tensor(1).affine.scale.astype(np.float64)
    source = step.op.inputs[2 if step.op.kind == "transpose_conv" else 0]
    return scale_of(step.graph.tensors[source])[0] * weight_scales / scale_of(step.result())[0]
