"""The fixed-point arithmetic of int8 inference, as LiteRT and TensorFlow Lite Micro do it.

In: real factors and 32-bit sums. Out: integer multipliers and the int8 values they give. Jacob et
al.
2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", section 2.2.
"""

import math
from dataclasses import dataclass

import numpy as np

_SOFTMAX_INTEGER_BITS = 5


@dataclass(frozen=True)
class Multiplier:
    """A real factor as `mantissa * 2**(shift - 31)` with 31 bits."""

    mantissa: int
    shift: int

    def fields(self) -> dict[str, int]:
        """As the kernels' parameter structures name them."""
        return {"multiplier": self.mantissa, "shift": self.shift}


@dataclass(frozen=True)
class SoftmaxScale:
    """Brings the difference of two stored softmax inputs to Q5.26."""

    mantissa: int
    left_shift: int
    minimum_difference: int


def quantize_multiplier(real: float) -> Multiplier:
    """The integer form of a real factor.

    Parameters
    ----------
    real : float
        Not negative.

    Returns
    -------
    Multiplier
        Zero for factors below 2**-32.

    Raises
    ------
    ValueError
        `real` is negative, not finite or 2**30 and more.
    """
    if not 0 <= real < 2.0**30:
        raise ValueError(f"a scale factor must lie between 0 and 2**30, not {real}")
    fraction, shift = math.frexp(real)
    mantissa = math.floor(fraction * 2**31 + 0.5)
    if mantissa == 2**31:
        mantissa, shift = 2**30, shift + 1
    if shift < -31:
        return Multiplier(0, 0)
    return Multiplier(mantissa, shift)


def softmax_scale(input_scale: float, beta: float) -> SoftmaxScale:
    """Parameters of the integer softmax for inputs of scale `input_scale`."""
    real = min(beta * input_scale * 2 ** (31 - _SOFTMAX_INTEGER_BITS), 2.0**31 - 1)
    fraction, left_shift = math.frexp(real)
    mantissa = math.floor(fraction * 2**31 + 0.5)
    if mantissa == 2**31:
        mantissa, left_shift = 2**30, left_shift + 1
    if left_shift < 0:
        raise ValueError(f"softmax input scale {input_scale} is too small for the integer softmax")
    largest = (2**_SOFTMAX_INTEGER_BITS - 1) * 2 ** (31 - _SOFTMAX_INTEGER_BITS) / 2**left_shift
    return SoftmaxScale(mantissa, left_shift, -math.floor(largest))


def requantize_twice(sums: np.ndarray, multipliers: list[Multiplier]) -> np.ndarray:
    """Scale sums, rounding after the product and after the shift (gemmlowp, TensorFlow Lite Micro,
    and LiteRT's convolutions).

    Parameters
    ----------
    sums : ndarray of int, shape (..., channels)
    multipliers : list of Multiplier
        One, or one a channel.

    Returns
    -------
    ndarray of int64, same shape
    """
    mantissa = np.array([m.mantissa for m in multipliers], np.int64)
    shift = np.array([m.shift for m in multipliers], np.int64)
    left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
    shifted = (sums.astype(np.int64) << left).astype(np.int32).astype(np.int64)
    product = (shifted * mantissa + (1 << 30)) >> 31
    half = np.where(right > 0, np.int64(1) << np.maximum(right - 1, 0), 0)
    return (product + half - ((product < 0) & (right > 0))) >> right


def requantize_wide(sums: np.ndarray, multipliers: list[Multiplier]) -> np.ndarray:
    """Scale the 48-bit sums of 16-bit activations, with 16 bits of the factor, rounding once.

    Parameters
    ----------
    sums : ndarray of int, shape (..., channels)
    multipliers : list of Multiplier
        One, or one a channel.

    Returns
    -------
    ndarray of int64, same shape
    """
    reduced = [min((m.mantissa + (1 << 15)) >> 16, 0x7FFF) for m in multipliers]
    shift = np.array([15 - m.shift for m in multipliers], np.int64)
    product = sums.astype(np.int64) * np.array(reduced, np.int64)
    return (product + (np.int64(1) << (shift - 1))) >> shift


def requantize_once(sums: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Scale sums by double-precision factors, rounding once, halves away from zero (LiteRT's
    reference fully connected layer).

    Parameters
    ----------
    sums : ndarray of int, shape (..., channels)
    scales : ndarray of float64, shape (1,) or (channels,)

    Returns
    -------
    ndarray of int64, same shape as `sums`
    """
    real = np.clip(sums.astype(np.float64) * scales, -(2.0**62), 2.0**62)
    return np.nan_to_num(np.trunc(real + np.copysign(0.5, real))).astype(np.int64)


def activation_limits(
    activation: str, scale: float, zero_point: int, dtype: str = "int8"
) -> tuple[int, int]:
    """Smallest and largest stored value after a fused activation function.

    Parameters
    ----------
    activation : str
        "none", "relu", "relu6", "relu_n1_to_1".
    scale, zero_point : float, int
        Of the output.
    dtype : str
        Its integer type.

    Raises
    ------
    ValueError
        Another activation function.
    """
    bounds = {
        "none": (-math.inf, math.inf),
        "relu": (0.0, math.inf),
        "relu6": (0.0, 6.0),
        "relu_n1_to_1": (-1.0, 1.0),
    }
    if activation not in bounds:
        raise ValueError(f"fused activation {activation!r} is not supported on {dtype}")
    low, high = (_stored(bound, scale, zero_point) for bound in bounds[activation])
    ends = np.iinfo(dtype)
    return max(low, int(ends.min)), min(high, int(ends.max))


def _stored(real: float, scale: float, zero_point: int) -> int:
    if math.isinf(real):
        return -(2**31) if real < 0 else 2**31 - 1
    with np.errstate(over="ignore"):
        steps = float(np.clip(np.float32(real) / np.float32(scale), -1e6, 1e6))
    return zero_point + math.floor(abs(steps) + 0.5) * (1 if steps >= 0 else -1)
