"""Choose the range [low, high] to quantize, from the values that were observed.

A wide range clips nothing but rounds coarsely; a narrow one rounds finely but clips. The methods:

* ``min_max``: everything that was seen.
* ``percentile``: leave out the same share of values at either end.
* ``mse``: the range with the smallest mean squared error on the values themselves.
* ``aciq_laplace``, ``aciq_gauss``: the range that minimises the *expected* error of a Laplace or
  Gauss distribution fitted to the values (analytic clipping, Banner et al. 2019).
"""

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters

__all__ = [
    "METHODS",
    "Range",
    "aciq_ratio",
    "calibrate",
    "expected_error",
]

METHODS = ("min_max", "percentile", "mse", "aciq_laplace", "aciq_gauss")
LARGEST_RATIO, BISECTIONS = 64.0, 60
MSE_CANDIDATES = 80
MSE_SAMPLE = 20_000


class Range(NamedTuple):
    """Ends of a range of real numbers: floats, or arrays of shape (channels,)."""

    low: float | np.ndarray
    high: float | np.ndarray


def calibrate(
    x: np.ndarray,
    method: str = "min_max",
    *,
    bits: int | np.ndarray = 8,
    symmetric: bool = False,
    axis: int | None = None,
    percentile: float = 99.9,
) -> Range:
    """Range over which `x` should be quantized; pass it on as ``quantization_parameters(*range)``.

    Parameters
    ----------
    x : ndarray of float
        Observed values: a weight tensor, or an activation over some calibration examples.
    method : str
        One of `METHODS`.
    bits : int or ndarray of int, shape (channels,)
        Width that the range is meant for; only `mse` and the analytic methods look at it.
    symmetric : bool
        Whether the quantizer will be symmetric; the range then has low == -high.
    axis : int or None
        Channel axis, to choose a range for every channel on its own.
    percentile : float
        For `percentile`: the share of values kept, 50 to 100.

    Returns
    -------
    Range
        Never wider than the values themselves (apart from symmetry).

    Raises
    ------
    ValueError
        If the method is unknown, or `x` is empty or not finite.
    """
    x = _checked(x, method, percentile)
    rows = x.reshape(1, -1) if axis is None else np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1)
    bits = np.broadcast_to(bits, len(rows))
    if method == "min_max":
        limits = Range(rows.min(axis=1), rows.max(axis=1))
    elif method == "percentile":
        limits = Range(*np.percentile(rows, [100 - percentile, percentile], axis=1))
    elif method == "mse":
        limits = _least_squares_range(rows, bits, symmetric)
    else:
        limits = _analytic_range(rows, method.removeprefix("aciq_"), bits, symmetric)
    if symmetric:
        widest = np.maximum(-limits.low, limits.high)
        limits = Range(-widest, widest)
    return limits if axis is not None else Range(float(limits.low[0]), float(limits.high[0]))


@cache
def aciq_ratio(distribution: str, bits: int) -> float:
    """Optimal clipping threshold of a zero-mean distribution in units of its spread.

    The spread is the scale b = E|x| of the Laplace, or the standard deviation of the Gauss
    distribution. The root of the derivative of `expected_error` in the threshold (Banner et al.
    2019, "ACIQ: Analytical Clipping for Integer Quantization"), there given as 2.83 b, 3.89 b, 5.03
    b and 1.71, 2.15, 2.55 sigma at 2, 3, 4 bits.
    """
    slope = _slope(distribution, bits)
    low, high = 0.0, LARGEST_RATIO
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return middle


def expected_error(threshold, bits: int, distribution: str, spread: float = 1.0) -> np.ndarray:
    """Expected squared error of clipping at +-threshold and rounding to 2**bits uniform steps.

    Laplace: 2 b^2 exp(-a/b) + a^2 / (3 * 4^bits). Gauss: (a^2 + s^2) erfc(a / (s sqrt 2)) -
    sqrt(2/pi) a s exp(-a^2 / 2s^2) + a^2 / (3 * 4^bits). The first terms are the clipped tails; the
    last is rounding, a twelfth of the squared step 2a / 2^bits (Banner et al. 2019, "ACIQ:
    Analytical Clipping for Integer Quantization").

    Parameters
    ----------
    threshold : float or ndarray
        Clipping threshold a, in the unit of the values.
    bits : int
    distribution : "laplace" or "gauss"
    spread : float
        b or sigma.

    Returns
    -------
    ndarray
        Mean squared error, shape of `threshold`.
    """
    a = np.asarray(threshold, dtype=np.float64)
    rounding = a**2 / (3 * 4.0**bits)
    if distribution == "laplace":
        return 2 * spread**2 * np.exp(-a / spread) + rounding
    if distribution == "gauss":
        tails = (a**2 + spread**2) * np.vectorize(math.erfc)(a / (spread * np.sqrt(2)))
        return (
            tails - np.sqrt(2 / np.pi) * a * spread * np.exp(-(a**2) / (2 * spread**2)) + rounding
        )
    raise ValueError(f"distribution must be 'laplace' or 'gauss', not {distribution!r}")


def _slope(distribution: str, bits: int) -> Callable[[float], float]:
    """Half the derivative of `expected_error`, for a spread of 1: negative, then positive."""
    if distribution == "laplace":
        return lambda a: a / (3 * 4.0**bits) - math.exp(-a)
    if distribution == "gauss":
        peak = math.sqrt(2 / math.pi)
        return lambda a: (
            a / (3 * 4.0**bits) + a * math.erfc(a / math.sqrt(2)) - peak * math.exp(-(a**2) / 2)
        )
    raise ValueError(f"distribution must be 'laplace' or 'gauss', not {distribution!r}")


def _checked(x, method: str, percentile: float) -> np.ndarray:
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    if not 50 <= percentile <= 100:
        raise ValueError(f"percentile is the share of values kept, 50 to 100, not {percentile}")
    x = np.asarray(x, dtype=np.float64)
    if x.size == 0 or not np.isfinite(x).all():
        raise ValueError("x must hold at least one value, and only finite ones")
    return x


def _analytic_range(
    rows: np.ndarray, distribution: str, bits: np.ndarray, symmetric: bool
) -> Range:
    """Mean +- the optimal threshold, within the values seen; one range for each row.

    Values that are never negative come from a ReLU: half of a distribution around zero. All 2^bits
    steps then serve one side, as if a two-sided quantizer had one bit more, and the spread is that
    of the values above zero.
    """
    one_sided = (rows.min(axis=1) >= 0) & (not symmetric)
    centre = np.where(one_sided | symmetric, 0.0, rows.mean(axis=1))
    deviation = np.abs(rows - centre[:, None])
    counted = np.where(one_sided[:, None], rows > 0, True)
    power = 1 if distribution == "laplace" else 2
    total = np.sum(deviation**power, axis=1, where=counted)
    spread = (total / np.maximum(counted.sum(axis=1), 1)) ** (1 / power)
    ratio = np.array([aciq_ratio(distribution, int(width)) for width in bits + one_sided])
    low = np.where(one_sided, 0.0, np.maximum(rows.min(axis=1), centre - ratio * spread))
    return Range(low, np.minimum(rows.max(axis=1), centre + ratio * spread))


def _least_squares_range(rows: np.ndarray, bits: np.ndarray, symmetric: bool) -> Range:
    """Shrink both ends together, keep the size with the smallest error; one range for each row."""
    low, high = np.minimum(rows.min(axis=1), 0.0), np.maximum(rows.max(axis=1), 0.0)
    columns = rows.shape[1]
    if columns > MSE_SAMPLE:
        rows = rows[:, np.random.default_rng(0).choice(columns, MSE_SAMPLE, replace=False)]
    best, smallest = np.ones(len(rows)), np.full(len(rows), np.inf)
    for share in np.linspace(1.0, 0.1, MSE_CANDIDATES):
        parameters = quantization_parameters(
            low * share, high * share, bits=bits, symmetric=symmetric, axis=0
        )
        error = np.mean((fake_quantize(rows, parameters) - rows) ** 2, axis=1)
        better = error < smallest
        best, smallest = np.where(better, share, best), np.where(better, error, smallest)
    return Range(low * best, high * best)
