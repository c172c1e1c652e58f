"""What the kernels of fully connected layers need to know, and how their factors are stored."""

from dataclasses import dataclass
from math import frexp

import numpy as np

from tinylab.graph.core.fixed_point import Multiplier
from tinylab.graph.core.ir import Op
from tinylab.graph.core.short_scale import short_scale
from tinylab.graph.lowering import Call, Constant, Reader, Symbol
from tinylab.graph.operators.weighted.convolution import scale_constants, shifted

DENSE_TYPES = ("int8", "int16")


class Dense:
    """Checked parameters of a fully connected layer on integers."""

    def __init__(self, reader: Reader, rounding: str):
        self.reader, self.index, self.op = reader, reader.index, reader.op
        source, target = reader.activation(0, DENSE_TYPES), reader.output(DENSE_TYPES)
        reader.require(source.dtype == target.dtype, "its input and output differ in type")
        self.dtype = source.dtype
        self.weights = reader.weights(axes=2)
        self.output_size, self.input_size = self.weights.shape
        self.rows = check_rows(reader, self.weights.shape)
        self.input_zero_point = reader.affine(source).zero_point
        self.limits = reader.limits(target)
        biases = ("int32",) if self.dtype == "int8" else ("int64", "int32")
        self.bias = reader.bias(self.output_size, dtypes=biases)
        per_channel = reader.weight_scales(reader.tensor(1, "weights"), self.output_size, 0)
        self.real = reader.affine(source).scale * per_channel / reader.affine(target).scale
        self.multipliers = [reader.multiplier(float(factor)) for factor in self.real]
        too_large = any(multiplier.shift > 20 for multiplier in self.multipliers)
        reader.require(not too_large, "its output scale is too small")
        self.weight_zero_point = reader.weight_zero_point()
        fits = not self.weight_zero_point or self.dtype == "int8"
        reader.require(fits, "16-bit activations need weights with the zero point 0")
        self.exact = rounding == "single" and not self.weight_zero_point


def check_rows(reader: Reader, weights: tuple[int, ...]) -> int:
    """How many vectors the layer takes, after checking that they fit the weights."""
    source, target = reader.tensor(0), reader.result()
    rows = source.elements // max(weights[1], 1)
    fits = source.elements == rows * weights[1] > 0
    fits = fits and target.elements == rows * weights[0] > 0
    reader.require(fits, f"weights {weights} do not fit {source.shape} -> {target.shape}")
    return rows


@dataclass(frozen=True, eq=False)
class OnePosition:
    """A convolution whose window has one position only: the fully connected layer that it is."""

    index: int
    op: Op
    weights: np.ndarray
    bias: np.ndarray
    input_zero_point: int
    limits: dict[str, int]
    multipliers: list[Multiplier]
    rows: int = 1
    exact: bool = False
    weight_zero_point: int = 0

    @property
    def output_size(self) -> int:
        return self.weights.shape[0]

    @property
    def input_size(self) -> int:
        return self.weights.shape[1]

    @property
    def real(self) -> np.ndarray:
        """The factors as numbers."""
        return np.array([m.mantissa * 2.0 ** (m.shift - 31) for m in self.multipliers])


def sizes_of(dense: Dense | OnePosition) -> dict[str, int]:
    """The fields that every kernel of a fully connected layer has."""
    return {
        "rows": dense.rows,
        "input_size": dense.input_size,
        "output_size": dense.output_size,
    }


def dense_call(
    dense: Dense | OnePosition, suffix: str, packed: np.ndarray, bias: np.ndarray
) -> Call:
    """A call of `nn_fully_connected` or, with a suffix, of a variant with other packing."""
    index = dense.index
    weights, biases = Constant(f"weights_{index}", packed), Constant(f"bias_{index}", bias)
    scales, factors = _dense_scales(dense)
    call = Call(
        function=f"nn_fully_connected{suffix}",
        kernel=f"{suffix[1:]}/fully_connected{suffix}.c" if suffix else "fully_connected.c",
        structure="nn_dense",
        parameters={
            **sizes_of(dense),
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
    return shifted(call, dense.weight_zero_point)


def dsp_dense_call(dense: Dense | OnePosition) -> Call | str:
    """A call of the DSP kernel, which has the input's zero point in its biases; or why not."""
    bias = dense.bias - dense.input_zero_point * dense.weights.sum(axis=1, dtype=np.int64)
    if np.abs(bias).max(initial=0) >= 2**31:
        return "its biases are too large with the zero point folded in"
    packed, bias = _packed(dense.weights), bias.astype(np.int32)
    scales = _short_scales(dense, bias) if dense.exact else None
    if scales is None:
        return dense_call(dense, "_dsp", packed, bias)
    return _short_call(dense, packed, bias, scales)


def _short_scales(dense: Dense | OnePosition, bias: np.ndarray) -> np.ndarray | None:
    """Rows of `nn_dsp_scale`, one for all outputs or one each; None where one of them is wrong."""
    weights = dense.weights.astype(np.int64)
    lowest = bias + np.minimum(-128 * weights, 127 * weights).sum(axis=1)
    highest = bias + np.maximum(-128 * weights, 127 * weights).sum(axis=1)
    real = dense.real
    if len(set(real.tolist())) == 1:
        real, lowest, highest = real[:1], lowest.min(keepdims=True), highest.max(keepdims=True)
    rows = [
        short_scale(float(factor), int(low), int(high), dense.limits["zero_point"])
        for factor, low, high in zip(real, lowest, highest, strict=True)
    ]
    return None if None in rows else np.array(rows, np.int64)


def _short_call(
    dense: Dense | OnePosition, packed: np.ndarray, bias: np.ndarray, scales: np.ndarray
) -> Call:
    index = dense.index
    weights, biases = Constant(f"weights_{index}", packed), Constant(f"bias_{index}", bias)
    factors = Constant(f"scales_{index}", scales, "nn_dsp_scale")
    return Call(
        function="nn_fully_connected_short_dsp",
        kernel="dsp/fully_connected_short_dsp.c",
        structure="nn_dsp_dense",
        parameters={
            **sizes_of(dense),
            "output": dense.limits,
            "weights": weights.symbol,
            "bias": biases.symbol,
            "per_channel": int(len(scales) > 1),
            "scales": factors.symbol,
        },
        inputs=dense.op.inputs[:1],
        output=dense.op.outputs[0],
        constants=(weights, biases, factors),
    )


def _packed(weights: np.ndarray) -> np.ndarray:
    """Words of four weights, those of four outputs in turn, then the outputs that are left over."""
    out, size = weights.shape
    padded = np.zeros((out, -(-size // 4) * 4), np.int8)
    padded[:, :size] = weights
    whole = out // 4 * 4
    turns = padded[:whole].reshape(whole // 4, 4, padded.shape[1] // 4, 4).transpose(0, 2, 1, 3)
    return np.concatenate([turns.ravel(), padded[whole:].ravel()]).view("<u4")


def exact_scales(index: int, real: np.ndarray) -> Constant:
    """Factors with all bits of a double, as the structure `nn_exact_scale`."""
    return Constant(f"exact_{index}", np.array([_exact(f) for f in real]), "nn_exact_scale")


def _exact(real: float) -> tuple[int, int, int]:
    fraction, exponent = frexp(real)
    mantissa, shift = int(fraction * 2**53), 53 - exponent - 24
    if shift > 62:  # below 2**-33 of a step: every sum rounds to zero
        return 0, 0, 1
    return mantissa >> 24, mantissa & 0xFFFFFF, shift


def _dense_scales(dense: Dense | OnePosition) -> tuple[dict, tuple[Constant, ...]]:
    per_channel = len(set(dense.real.tolist())) > 1
    count = len(dense.real) if per_channel else 1
    if dense.exact:
        exact = exact_scales(dense.index, dense.real[:count])
        none = {"multiplier": None, "shift": None}
        fields = {"per_channel": int(per_channel), "scales": none, "exact": exact.symbol}
        return fields, (exact,)
    multiplier, shift = scale_constants(dense.index, dense.multipliers[:count])
    pointers = {"multiplier": multiplier.symbol, "shift": shift.symbol}
    return {"per_channel": int(per_channel), "scales": pointers, "exact": None}, (
        multiplier,
        shift,
    )
