"""Affine quantization: floats become integers with a scale and a zero point, and floats again.

A real number r is stored as an integer q with r = scale * (q - zero_point) (Jacob et al. 2018, eq.
1). Where the range [low, high] comes from is the business of
`tinylab.compress.quantization.clipping`.
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "QuantizationParameters",
    "dequantize",
    "fake_quantize",
    "mean_squared_error",
    "quantization_parameters",
    "quantize",
    "sqnr_dB",
]

SMALLEST_BITS, LARGEST_BITS = 2, 16


@dataclass(frozen=True, eq=False)
class QuantizationParameters:
    """How real numbers map onto integers.

    Parameters
    ----------
    scale : ndarray of float64, shape () or (channels,)
        The distance between two neighbouring representable numbers.
    zero_point : ndarray of int64, same shape
        The integer that stands for 0.0.
    bits : int or ndarray of int64, shape (channels,)
        Width of an integer, 2 to 16; an array where each channel has a width of its own.
    signed : bool
        Whether the integers run from -2**(bits - 1) or from 0.
    symmetric : bool
        Whether the lowest signed integer is left out, so that the range is the same on both sides.
    axis : int or None
        The channel axis, None where there is one scale for the whole tensor.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    bits: int | np.ndarray = 8
    signed: bool = True
    symmetric: bool = False
    axis: int | None = None

    @property
    def minimum(self) -> np.ndarray:
        """Lowest integer in use."""
        return _integer_range(self.bits, self.signed, self.symmetric)[0]

    @property
    def maximum(self) -> np.ndarray:
        """Highest integer in use."""
        return _integer_range(self.bits, self.signed, self.symmetric)[1]

    @property
    def low(self) -> np.ndarray:
        """Lowest real number that can be represented."""
        return self.scale * (self.minimum - self.zero_point)

    @property
    def high(self) -> np.ndarray:
        """Highest real number that can be represented."""
        return self.scale * (self.maximum - self.zero_point)

    @property
    def dtype(self) -> np.dtype:
        """Smallest numpy type that holds the integers."""
        width = 8 if np.max(self.bits) <= 8 else 16
        return np.dtype(f"int{width}" if self.signed else f"uint{width}")


def quantization_parameters(
    low: float | np.ndarray,
    high: float | np.ndarray,
    *,
    bits: int | np.ndarray = 8,
    symmetric: bool = False,
    signed: bool = True,
    axis: int | None = None,
) -> QuantizationParameters:
    """Scale and zero point that cover the reals from `low` to `high`.

    The range is first widened to include 0.0, which is then represented exactly: padding and ReLU
    write zeros, and an error there would be a bias everywhere (Jacob et al. 2018, section 2.1).

    Parameters
    ----------
    low, high : float or ndarray, shape (channels,)
        Ends of the range; arrays give one scale per channel.
    bits : int or ndarray of int
        2 to 16; an array with one entry per channel after bit allocation.
    symmetric : bool
        Put zero in the middle: `zero_point` is 0 and the range is the larger of the two in size.
    signed : bool
        False stores integers from 0 up; with `symmetric` it takes only ranges that start at 0.
    axis : int or None
        The channel axis of the tensor to be quantized, with `low` and `high` of shape (channels,).

    Raises
    ------
    ValueError
        If the range is reversed or not finite, the width is outside 2 to 16, or the shapes
        disagree.
    """
    low, high = (np.asarray(end, dtype=np.float64) for end in (low, high))
    bits = _checked_bits(bits)
    _check_range(low, high, bits, axis)
    low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    if symmetric and not signed and np.any(low < 0):
        raise ValueError("an unsigned symmetric range starts at 0; pass signed=True")
    minimum, maximum = _integer_range(bits, signed, symmetric)
    if symmetric:
        scale = np.maximum(-low, high) / maximum
    else:
        scale = (high - low) / (maximum - minimum)
    tiny = np.finfo(np.float32).tiny
    scale = np.where(scale < tiny, 1.0, scale)
    zero_point = np.zeros_like(scale) if symmetric else minimum - np.rint(low / scale)
    zero_point = np.clip(zero_point, minimum, maximum).astype(np.int64)
    return QuantizationParameters(scale, zero_point, bits, signed, symmetric, axis)


def quantize(x: np.ndarray, parameters: QuantizationParameters) -> np.ndarray:
    """Nearest integers, clipped to the ends of the integer range; halves go to the even neighbour.

    Parameters
    ----------
    x : ndarray of float, any shape
    parameters : QuantizationParameters

    Returns
    -------
    ndarray of `parameters.dtype`, shape of `x`

    Raises
    ------
    ValueError
        If `x` holds a value that is not a number, or has another number of channels.
    """
    x = np.asarray(x, dtype=np.float64)
    if np.isnan(x).any():
        raise ValueError("x holds values that are not a number; they have no nearest integer")
    scale, zero_point, minimum, maximum = _broadcast(parameters, x)
    integers = np.rint(x / scale) + zero_point
    return np.clip(integers, minimum, maximum).astype(parameters.dtype)


def dequantize(integers: np.ndarray, parameters: QuantizationParameters) -> np.ndarray:
    """Real numbers (float32) that the integers stand for: scale * (q - zero_point)."""
    integers = np.asarray(integers)
    scale, zero_point, _, _ = _broadcast(parameters, integers)
    return (scale * (integers.astype(np.int64) - zero_point)).astype(np.float32)


def fake_quantize(x: np.ndarray, parameters: QuantizationParameters) -> np.ndarray:
    """`x` after a round trip through the integers: still float32, but with quantization's error."""
    return dequantize(quantize(x, parameters), parameters)


def mean_squared_error(x: np.ndarray, approximation: np.ndarray) -> float:
    """Mean of the squared differences, in the squared unit of `x`."""
    difference = np.asarray(x, dtype=np.float64) - approximation
    return float(np.mean(difference**2))


def sqnr_dB(x: np.ndarray, approximation: np.ndarray) -> float:
    """Signal to quantization noise ratio in decibels: 10 log10(mean(x**2) / mean(error**2)).

    One more bit halves the step, which is worth about 6.02 dB. Infinite where there is no error.
    """
    noise = mean_squared_error(x, approximation)
    signal = float(np.mean(np.asarray(x, dtype=np.float64) ** 2))
    if noise == 0:
        return float("inf")
    return float(10 * np.log10(signal / noise)) if signal > 0 else float("-inf")


def _integer_range(bits, signed: bool, symmetric: bool) -> tuple[np.ndarray, np.ndarray]:
    levels = 2 ** np.asarray(bits, dtype=np.int64)
    if not signed:
        return np.zeros_like(levels), levels - 1
    lowest = 1 - levels // 2 if symmetric else -levels // 2
    return lowest, levels // 2 - 1


def _checked_bits(bits) -> int | np.ndarray:
    array = np.asarray(bits)
    if array.dtype.kind not in "iu" or np.any((array < SMALLEST_BITS) | (array > LARGEST_BITS)):
        raise ValueError(
            f"bits must be whole numbers, {SMALLEST_BITS} to {LARGEST_BITS}, not {bits}"
        )
    return int(array) if array.ndim == 0 else array.astype(np.int64)


def _check_range(low: np.ndarray, high: np.ndarray, bits, axis: int | None) -> None:
    if low.shape != high.shape or low.ndim > 1:
        raise ValueError(
            f"low and high must be numbers or vectors of one shape, "
            f"not {low.shape} and {high.shape}"
        )
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ValueError("low and high must be finite")
    if np.any(low > high):
        raise ValueError("low must not be above high")
    if (axis is not None) != (low.ndim == 1):
        raise ValueError("one range per channel needs an axis, and an axis one range per channel")
    if np.ndim(bits) and np.shape(bits) != low.shape:
        raise ValueError(f"bits has shape {np.shape(bits)}; pass one width, or one per channel")


def _broadcast(parameters: QuantizationParameters, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Scale, zero point, minimum and maximum, shaped to align with the channel axis."""
    values = (parameters.scale, parameters.zero_point, parameters.minimum, parameters.maximum)
    if parameters.axis is None:
        return values
    channels = parameters.scale.size
    if not -x.ndim <= parameters.axis < x.ndim or x.shape[parameters.axis] != channels:
        raise ValueError(
            f"the parameters are for {channels} channels along axis {parameters.axis}, "
            f"not for an array of shape {x.shape}"
        )
    shape = [1] * x.ndim
    shape[parameters.axis] = channels
    return tuple(np.broadcast_to(v, channels).reshape(shape) for v in values)
