"""Choose the range [low, high] to quantize, from the values that were observed.

A wide range clips nothing but rounds coarsely; a narrow one rounds finely but clips. The methods:

* ``min_max``: everything that was seen.
* ``percentile``: leave out the same share of values at either end.
* ``mse``: the range with the smallest mean squared error on the values themselves.
* ``aciq_laplace``, ``aciq_gauss``: the range that minimises the *expected* error of a Laplace or
  Gauss distribution fitted to the values (analytic clipping, Banner et al. 2019).
* ``aciq``: the one of the two that fits, or neither: of the thresholds for Laplace, for Gauss and
  for the tails of the values themselves, the one that leaves the least error, adjusted by up to a
  fifth, because few values or few steps round less evenly than the formulas assume.
"""

from typing import NamedTuple

import numpy as np

from tinylab.compress.quantization.aciq import DISTRIBUTIONS, aciq_ratio, own_threshold
from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters

__all__ = ["METHODS", "Range", "calibrate"]

METHODS = ("min_max", "percentile", "mse", "aciq_laplace", "aciq_gauss", "aciq")
MSE_CANDIDATES = 80
MSE_SAMPLE = 20_000
ADJUSTMENTS = np.linspace(0.8, 1.2, 121)


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
    elif method == "aciq":
        limits = _fitted_range(rows, bits, symmetric)
    else:
        limits = _analytic_range(rows, method.removeprefix("aciq_"), bits, symmetric)
    if symmetric:
        widest = np.maximum(-limits.low, limits.high)
        limits = Range(-widest, widest)
    return limits if axis is not None else Range(float(limits.low[0]), float(limits.high[0]))


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
    of the values above zero. A symmetric quantizer has 2^bits - 2 steps.
    """
    one_sided = (rows.min(axis=1) >= 0) & (not symmetric)
    centre = np.where(one_sided | symmetric, 0.0, rows.mean(axis=1))
    deviation = np.abs(rows - centre[:, None])
    counted = np.where(one_sided[:, None], rows > 0, True)
    power = 1 if distribution == "laplace" else 2
    total = np.sum(deviation**power, axis=1, where=counted)
    spread = (total / np.maximum(counted.sum(axis=1), 1)) ** (1 / power)
    ratio = np.array(
        [aciq_ratio(distribution, int(width), symmetric=symmetric) for width in bits + one_sided]
    )
    low = np.where(one_sided, 0.0, np.maximum(rows.min(axis=1), centre - ratio * spread))
    return Range(low, np.minimum(rows.max(axis=1), centre + ratio * spread))


def _fitted_range(rows: np.ndarray, bits: np.ndarray, symmetric: bool) -> Range:
    """Of the analytic ranges the one with the least error on the values; one for each row."""
    candidates = [_analytic_range(rows, name, bits, symmetric) for name in DISTRIBUTIONS]
    candidates.append(_range_of_own_tails(rows, bits, symmetric))
    # A quantizer holds zero in any case; and a mean may round to just beyond all values.
    candidates = [Range(np.minimum(c.low, 0.0), np.maximum(c.high, 0.0)) for c in candidates]
    chosen = _least_error(rows, bits, symmetric, candidates)
    low, high = (np.minimum(rows.min(axis=1), 0.0), np.maximum(rows.max(axis=1), 0.0))
    if symmetric:
        high = np.maximum(-low, high)
        low, chosen = -high, Range(-_widest(chosen), _widest(chosen))
    around = [
        Range(np.maximum(low, chosen.low * share), np.minimum(high, chosen.high * share))
        for share in ADJUSTMENTS
    ]
    return _least_error(rows, bits, symmetric, [chosen, *around])


def _range_of_own_tails(rows: np.ndarray, bits: np.ndarray, symmetric: bool) -> Range:
    """Each side of zero cut where the values' own tails say; one range for each row."""
    low, high = np.zeros(len(rows)), np.zeros(len(rows))
    for index, (row, width) in enumerate(zip(rows, bits)):
        sides = (np.abs(row),) * 2 if symmetric else (-row[row < 0], row[row > 0])
        both = symmetric or all(side.size for side in sides)
        steps = 2 ** (int(width) - 1) - 1 if both else 2 ** int(width) - 1
        ends = [own_threshold(side, steps) if np.any(side) else 0.0 for side in sides]
        low[index], high[index] = -ends[0], ends[1]
    return Range(low, high)


def _widest(limits: Range) -> np.ndarray:
    return np.maximum(-np.asarray(limits.low), limits.high)


def _least_error(
    rows: np.ndarray, bits: np.ndarray, symmetric: bool, candidates: list[Range]
) -> Range:
    """The candidate with the least mean squared error on the values, for each row on its own."""
    errors = []
    for low, high in candidates:
        parameters = quantization_parameters(low, high, bits=bits, symmetric=symmetric, axis=0)
        errors.append(np.mean((fake_quantize(rows, parameters) - rows) ** 2, axis=1))
    best = np.argmin(errors, axis=0)
    each = np.arange(len(rows))
    return Range(
        *(
            np.stack([np.asarray(range_[end]) for range_ in candidates])[best, each]
            for end in (0, 1)
        )
    )


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
