"""Plain kernels: each supported operator as a call of a C function."""

from dataclasses import asdict
from math import frexp, prod

import numpy as np

from tinylab.deploy.codegen.c_text import Symbol
from tinylab.deploy.codegen.call import Call, Constant
from tinylab.deploy.codegen.checks import Reader
from tinylab.graph.fixed_point import Multiplier, softmax_scale


def scales(reader: Reader, real: np.ndarray) -> list[Multiplier]:
    """One multiplier a channel."""
    return [reader.multiplier(float(factor)) for factor in real]


def scale_constants(index: int, multipliers: list[Multiplier]) -> tuple[Constant, Constant]:
    mantissas = np.array([m.mantissa for m in multipliers], np.int32)
    shifts = np.array([m.shift for m in multipliers], np.int8)
    return Constant(f"multiplier_{index}", mantissas), Constant(f"shift_{index}", shifts)


def exact_scales(index: int, real: np.ndarray) -> Constant:
    """Factors with all bits of a double, as the structure `nn_exact_scale`."""
    return Constant(f"exact_{index}", np.array([_exact(f) for f in real]), "nn_exact_scale")


def _exact(real: float) -> tuple[int, int, int]:
    fraction, exponent = frexp(real)
    mantissa, shift = int(fraction * 2**53), 53 - exponent - 24
    if shift > 62:  # below 2**-33 of a step: every sum rounds to zero
        return 0, 0, 1
    return mantissa >> 24, mantissa & 0xFFFFFF, shift


class Convolution:
    """What both kinds of convolution and both kernel sets need to know."""

    def __init__(self, graph, index: int):
        reader = Reader(graph, index)
        self.reader, self.index, self.op = reader, index, reader.op
        self.depthwise = self.op.kind == "depthwise_conv2d"
        source, target = reader.activation(), reader.output()
        self.input, self.output = reader.image(source), reader.image(target)
        self.weights = reader.weights(axes=4)
        self._check_channels()
        _, height, width, _ = self.weights.shape
        self.window = reader.window(height, width, self.input, self.output)
        self.input_zero_point = reader.affine(source).zero_point
        self.limits = reader.limits(target)
        self.bias = reader.bias(self.output[2])
        axis = 3 if self.depthwise else 0
        per_channel = reader.weight_scales(reader.tensor(1, "weights"), self.output[2], axis)
        real = reader.affine(source).scale * per_channel / reader.affine(target).scale
        self.multipliers = scales(reader, real)

    def _check_channels(self) -> None:
        channels, out = self.input[2], self.output[2]
        if self.depthwise:
            fits = (
                self.weights.shape[0] == 1 and self.weights.shape[3] == out and out % channels == 0
            )
        else:
            fits = self.weights.shape[0] == out and self.weights.shape[3] == channels
        shape = self.weights.shape
        self.reader.require(fits, f"weights {shape} do not fit {channels} -> {out} channels")


def lower_convolution(graph, index: int, rounding: str) -> Call:
    convolution = Convolution(graph, index)
    weights = Constant(f"weights_{index}", convolution.weights.ravel())
    bias = Constant(f"bias_{index}", convolution.bias)
    multiplier, shift = scale_constants(index, convolution.multipliers)
    kind = convolution.op.kind
    return Call(
        function=f"nn_{kind}",
        kernel=f"{kind}.c",
        structure="nn_convolution",
        parameters={
            "input_shape": convolution.input,
            "output_shape": convolution.output,
            "window": asdict(convolution.window),
            "input_zero_point": convolution.input_zero_point,
            "output": convolution.limits,
            "weights": weights.symbol,
            "bias": bias.symbol,
            "scales": {"multiplier": multiplier.symbol, "shift": shift.symbol},
        },
        inputs=convolution.op.inputs[:1],
        output=convolution.op.outputs[0],
        constants=(weights, bias, multiplier, shift),
    )


class Dense:
    """What both kernel sets need to know of a fully connected layer."""

    def __init__(self, graph, index: int, rounding: str):
        reader = Reader(graph, index)
        self.reader, self.index, self.op = reader, index, reader.op
        source, target = reader.activation(), reader.output()
        self.weights = reader.weights(axes=2)
        self.output_size, self.input_size = self.weights.shape
        self.rows = source.elements // max(self.input_size, 1)
        fits = source.elements == self.rows * self.input_size > 0
        fits = fits and target.elements == self.rows * self.output_size > 0
        shapes = f"weights {self.weights.shape} do not fit {source.shape} -> {target.shape}"
        reader.require(fits, shapes)
        self.input_zero_point = reader.affine(source).zero_point
        self.limits = reader.limits(target)
        self.bias = reader.bias(self.output_size)
        per_channel = reader.weight_scales(reader.tensor(1, "weights"), self.output_size, 0)
        self.real = reader.affine(source).scale * per_channel / reader.affine(target).scale
        self.multipliers = scales(reader, self.real)
        too_large = any(multiplier.shift > 20 for multiplier in self.multipliers)
        reader.require(not too_large, "its output scale is too small")
        self.exact = rounding == "single"


def lower_fully_connected(graph, index: int, rounding: str) -> Call:
    dense = Dense(graph, index, rounding)
    return dense_call(dense, "", dense.weights.ravel(), dense.bias)


def dense_call(dense: Dense, suffix: str, packed: np.ndarray, bias: np.ndarray) -> Call:
    """A call of `nn_fully_connected` or, with a suffix, of a variant with other packing."""
    index = dense.index
    weights, biases = Constant(f"weights_{index}", packed), Constant(f"bias_{index}", bias)
    scales, factors = _dense_scales(dense)
    return Call(
        function=f"nn_fully_connected{suffix}",
        kernel=f"{suffix[1:]}/fully_connected{suffix}.c" if suffix else "fully_connected.c",
        structure="nn_dense",
        parameters={
            "rows": dense.rows,
            "input_size": dense.input_size,
            "output_size": dense.output_size,
            "input_zero_point": dense.input_zero_point,
            "output": dense.limits,
            "weights": Symbol(f"(const int8_t *){weights.name}") if suffix else weights.symbol,
            "bias": biases.symbol,
            **scales,
        },
        inputs=dense.op.inputs[:1],
        output=dense.op.outputs[0],
        constants=(weights, biases, *factors),
    )


def _dense_scales(dense: Dense) -> tuple[dict, tuple[Constant, ...]]:
    per_channel = len(set(dense.real.tolist())) > 1
    count = len(dense.real) if per_channel else 1
    if dense.exact:
        exact = exact_scales(dense.index, dense.real[:count])
        pointers = {"scales": {"multiplier": None, "shift": None}, "exact": exact.symbol}
        return {"per_channel": int(per_channel), **pointers}, (exact,)
    multiplier, shift = scale_constants(dense.index, dense.multipliers[:count])
    pointers = {
        "scales": {"multiplier": multiplier.symbol, "shift": shift.symbol},
        "exact": None,
    }
    return {"per_channel": int(per_channel), **pointers}, (multiplier, shift)


def lower_pool(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    source, target = reader.activation(), reader.output()
    image, output = reader.image(source), reader.image(target)
    reader.require(image[2] == output[2], "its input and output differ in channels")
    size = reader.number("filter_height"), reader.number("filter_width")
    window = reader.window(*size, image, output)
    reader.require(reader.affine(source) == reader.affine(target), "it may not change the scale")
    return Call(
        function=f"nn_{reader.op.kind}",
        kernel=f"{reader.op.kind}.c",
        structure="nn_pool",
        parameters={
            "input_shape": image,
            "output_shape": output,
            "window": asdict(window),
            "output": {**reader.limits(target), "zero_point": 0},
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def lower_mean(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    source, target = reader.activation(), reader.output()
    height, width, channels = reader.image(source)
    axes = reader.constant(1, "axes", "int32").ravel().tolist()
    reader.require(
        sorted(a % 4 for a in axes) == [1, 2], "only the mean over height and width exists"
    )
    reader.require(target.elements == channels, f"its output has the shape {target.shape}")
    factor = reader.multiplier(reader.affine(source).scale / reader.affine(target).scale)
    count = height * width
    extra = min(count.bit_length() - 1, 32, 31 + factor.shift)
    return Call(
        function="nn_mean",
        kernel="mean.c",
        structure="nn_average",
        parameters={
            "positions": count,
            "channels": channels,
            "input_zero_point": reader.affine(source).zero_point,
            "output": reader.limits(target),
            "multiplier": (factor.mantissa << extra) // count,
            "shift": factor.shift - extra,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def lower_add(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    first, second, target = reader.activation(0), reader.activation(1), reader.output()
    same = first.shape == second.shape == target.shape and target.elements > 0
    reader.require(
        same, f"it adds {first.shape} and {second.shape}; only equal shapes are supported"
    )
    affines = [reader.affine(first), reader.affine(second)]
    largest = 2.0 * max(affine.scale for affine in affines)
    operands = [
        {"zero_point": affine.zero_point, **_multiplier(reader.multiplier(affine.scale / largest))}
        for affine in affines
    ]
    total = reader.multiplier(largest / (2**20 * reader.affine(target).scale))
    reader.require(total.shift <= 0, "its output scale is too small")
    return Call(
        function="nn_add",
        kernel="add.c",
        structure="nn_sum",
        parameters={
            "size": target.elements,
            "first": operands[0],
            "second": operands[1],
            **_multiplier(total),
            "output": reader.limits(target),
        },
        inputs=reader.op.inputs[:2],
        output=reader.op.outputs[0],
    )


def _multiplier(multiplier: Multiplier) -> dict[str, int]:
    return {"multiplier": multiplier.mantissa, "shift": multiplier.shift}


def lower_pad(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    source, target = reader.activation(), reader.output()
    image = reader.image(source)
    amounts = reader.tensor(1, "amounts")
    reader.require(amounts.is_constant and amounts.shape == (4, 2), "its amounts must be constant")
    amounts = np.asarray(amounts.data).astype(np.int64)
    sound = not amounts[0].any() and amounts.min() >= 0 and amounts.max() < 2**15
    reader.require(bool(sound), f"its amounts are {amounts.tolist()}")
    expected = tuple(int(n) for n in np.array(image) + amounts[1:].sum(axis=1))
    reader.require(reader.image(target) == expected, f"its output must have the shape {expected}")
    reader.require(reader.affine(source) == reader.affine(target), "it may not change the scale")
    names = ("top", "bottom", "left", "right", "front", "back")
    return Call(
        function="nn_pad",
        kernel="pad.c",
        structure="nn_padding",
        parameters={
            "input_shape": image,
            **dict(zip(names, amounts[1:].ravel().tolist(), strict=True)),
            "value": reader.affine(target).zero_point,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def lower_softmax(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    source, target = reader.activation(), reader.output()
    reader.require(source.shape == target.shape and source.elements > 0, "its shapes differ")
    affine = reader.affine(target)
    sound = affine.zero_point == -128 and abs(affine.scale * 256 - 1) < 1e-3
    reader.require(sound, "its output must have the scale 1/256 and the zero point -128")
    beta = float(reader.op.attributes.get("beta", 1.0))
    reader.require(0 < beta < 1e3, f"its beta is {beta}")
    try:
        scale = softmax_scale(reader.affine(source).scale, beta)
    except ValueError as error:
        raise reader.refuse(str(error)) from error
    reader.require(source.shape[-1] < 512, "it has 512 or more classes")
    return Call(
        function="nn_softmax",
        kernel="softmax.c",
        structure="nn_normalize",
        parameters={
            "rows": prod(source.shape[:-1]),
            "size": source.shape[-1],
            "multiplier": scale.mantissa,
            "left_shift": scale.left_shift,
            "minimum_difference": scale.minimum_difference,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )
