"""Analytic clipping: the threshold with the least expected error (ACIQ, Banner et al. 2019).

Clipping at a loses the tails beyond a; rounding below a costs a twelfth of the squared step. For a
Laplace or a Gauss distribution both are formulas; for anything else the tails are those of the
values. A symmetric quantizer leaves its lowest integer out, and has 2^bits - 2 steps.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np

__all__ = ["DISTRIBUTIONS", "aciq_ratio", "best_fit", "expected_error", "own_threshold"]

DISTRIBUTIONS = ("laplace", "gauss")
LARGEST_RATIO, BISECTIONS = 64.0, 60
CANDIDATES = 200


@cache
def aciq_ratio(distribution: str, bits: int, *, symmetric: bool = False) -> float:
    """Optimal clipping threshold of a zero-mean distribution in units of its spread.

    The spread is the scale b = E|x| of the Laplace, or the standard deviation of the Gauss
    distribution. The root of the derivative of `expected_error` in the threshold (Banner et al.
    2019, "ACIQ: Analytical Clipping for Integer Quantization"), there given as 2.83 b, 3.89 b, 5.03
    b and 1.71, 2.15, 2.55 sigma at 2, 3, 4 bits, for 2^bits steps.
    """
    slope = _slope(distribution, _steps(bits, symmetric))
    low, high = 0.0, LARGEST_RATIO
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return middle


def expected_error(
    threshold, bits: int, distribution: str, spread: float = 1.0, *, symmetric: bool = False
) -> np.ndarray:
    """Expected squared error of clipping at +-threshold a and rounding to n uniform steps.

    Laplace: 2 b^2 exp(-a/b) + a^2 / (3 n^2). Gauss: (a^2 + s^2) erfc(a / (s sqrt 2)) -
    sqrt(2/pi) a s exp(-a^2 / 2s^2) + a^2 / (3 n^2). The first terms are the clipped tails; the
    last is rounding, a twelfth of the squared step 2a / n (Banner et al. 2019, "ACIQ:
    Analytical Clipping for Integer Quantization").

    Parameters
    ----------
    threshold : float or ndarray
        Clipping threshold a, in the unit of the values.
    bits : int
    distribution : "laplace" or "gauss"
    spread : float
        b or sigma.
    symmetric : bool
        n is 2^bits - 2 then, else 2^bits.

    Returns
    -------
    ndarray
        Mean squared error, shape of `threshold`.
    """
    a = np.asarray(threshold, dtype=np.float64)
    rounding = a**2 / (3 * _steps(bits, symmetric) ** 2)
    _check(distribution)
    if distribution == "laplace":
        return 2 * spread**2 * np.exp(-a / spread) + rounding
    tails = (a**2 + spread**2) * np.vectorize(math.erfc)(a / (spread * np.sqrt(2)))
    return tails - np.sqrt(2 / np.pi) * a * spread * np.exp(-(a**2) / (2 * spread**2)) + rounding


def best_fit(values: np.ndarray) -> tuple[str, float]:
    """The distribution around zero, Laplace or Gauss, that makes the values likeliest.

    Parameters
    ----------
    values : ndarray of float, not all zero

    Returns
    -------
    distribution : "laplace" or "gauss"
    spread : float
        Its scale b or standard deviation, in the unit of the values.
    """
    magnitudes = np.abs(np.asarray(values, dtype=np.float64))
    scale, deviation = float(magnitudes.mean()), float(np.sqrt(np.mean(magnitudes**2)))
    if not scale > 0:
        raise ValueError("pass at least one value other than 0")
    laplace = -math.log(2 * scale) - 1  # mean log-likelihood at the likeliest spread
    gauss = -math.log(2 * math.pi * math.e * deviation**2) / 2
    return ("laplace", scale) if laplace > gauss else ("gauss", deviation)


def own_threshold(magnitudes: np.ndarray, steps: int) -> float:
    """Where the expected error is least if the tails are those of the values themselves.

    Values that round to zero lose themselves, all others up to the threshold a twelfth of the
    squared step, those beyond it what is cut off.

    Parameters
    ----------
    magnitudes : ndarray of float, shape (n,), at least 0, not all zero
    steps : int
        From zero to the threshold.
    """
    ordered = np.sort(magnitudes)
    sums, squares = (np.concatenate([[0.0], np.cumsum(values)]) for values in (ordered, ordered**2))
    a = ordered[-1] * np.arange(1, CANDIDATES + 1) / CANDIDATES
    step = a / steps
    inside = np.searchsorted(ordered, a, side="right")
    to_zero = np.minimum(np.searchsorted(ordered, step / 2), inside)
    beyond = len(ordered) - inside
    clipped = squares[-1] - squares[inside] - 2 * a * (sums[-1] - sums[inside]) + beyond * a**2
    error = clipped + squares[to_zero] + (inside - to_zero) * step**2 / 12
    return float(a[np.argmin(error)])


def _steps(bits: int, symmetric: bool) -> float:
    """Steps from one end of the range to the other."""
    return 2.0**bits - 2 if symmetric else 2.0**bits


def _slope(distribution: str, steps: float) -> Callable[[float], float]:
    """Half the derivative of `expected_error`, for a spread of 1: negative, then positive."""
    _check(distribution)
    if distribution == "laplace":
        return lambda a: a / (3 * steps**2) - math.exp(-a)
    peak = math.sqrt(2 / math.pi)
    return lambda a: (
        a / (3 * steps**2) + a * math.erfc(a / math.sqrt(2)) - peak * math.exp(-(a**2) / 2)
    )


def _check(distribution: str) -> None:
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"distribution must be 'laplace' or 'gauss', not {distribution!r}")
