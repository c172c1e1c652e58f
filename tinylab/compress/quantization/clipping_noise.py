"""Quantization noise as a function of the clipping threshold: a point or a whole curve.

The error has two parts that pull in opposite directions: *rounding*, which grows with the threshold
because the step does, and *clipping*, which shrinks with it. Fast enough for a slider.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters

__all__ = ["ClippingNoise", "NoiseCurve", "clipping_noise", "noise_curve"]


@dataclass(frozen=True)
class ClippingNoise:
    """Error of symmetric quantization with one clipping threshold; errors in the squared unit of
    the values.

    Parameters
    ----------
    threshold : float
    bits : int
    rounding_error, clipping_error : float
        Mean squared error from the values inside and from those beyond the threshold; they add up.
    clipped_share : float
        Share of the values beyond the threshold, 0 to 1.
    sqnr_dB : float
        Signal to quantization noise ratio.
    """

    threshold: float
    bits: int
    rounding_error: float
    clipping_error: float
    clipped_share: float
    sqnr_dB: float

    @property
    def total_error(self) -> float:
        return self.rounding_error + self.clipping_error


@dataclass(frozen=True, eq=False)
class NoiseCurve:
    """`ClippingNoise` for many thresholds: arrays of shape (thresholds,)."""

    thresholds: np.ndarray
    bits: int
    rounding_error: np.ndarray
    clipping_error: np.ndarray

    @property
    def total_error(self) -> np.ndarray:
        return self.rounding_error + self.clipping_error

    @property
    def best_threshold(self) -> float:
        """Where the total is smallest."""
        return float(self.thresholds[np.argmin(self.total_error)])


def clipping_noise(x: np.ndarray, threshold: float, bits: int) -> ClippingNoise:
    """Measure the error of quantizing `x` symmetrically to [-threshold, threshold].

    Parameters
    ----------
    x : ndarray of float, any shape
    threshold : float
        Above 0.
    bits : int
        2 to 16.

    Raises
    ------
    ValueError
        If the threshold is not positive or `x` is empty.
    """
    x = np.asarray(x).ravel()
    if x.size == 0 or not threshold > 0:
        raise ValueError("pass at least one value and a threshold above 0")
    parameters = quantization_parameters(-threshold, threshold, bits=bits, symmetric=True)
    squared = (fake_quantize(x, parameters) - x) ** 2
    beyond = np.abs(x) > threshold
    clipping = float(squared[beyond].sum() / x.size)
    total = float(squared.sum() / x.size)
    signal = float(np.mean(x.astype(np.float64) ** 2))
    ratio = 10 * np.log10(signal / total) if total > 0 and signal > 0 else np.inf
    return ClippingNoise(
        float(threshold), bits, total - clipping, clipping, float(beyond.mean()), float(ratio)
    )


def noise_curve(
    x: np.ndarray, bits: int, thresholds: np.ndarray | None = None, *, bins: int = 1024
) -> NoiseCurve:
    """Measure the error for many thresholds at once, on a histogram of the magnitudes.

    Within a bin all values count as its centre, which is off by half a bin at most: a 2048th of the
    largest magnitude with the default, well below a step of up to 8 bits.

    Parameters
    ----------
    x : ndarray of float, any shape
    bits : int
        2 to 16.
    thresholds : ndarray of float, shape (thresholds,), or None
        Above 0; by default 100 from a fiftieth of the largest magnitude up to it.
    bins : int
    """
    magnitudes = np.abs(np.asarray(x, dtype=np.float64).ravel())
    if magnitudes.size == 0 or magnitudes.max() == 0:
        raise ValueError("pass at least one value other than 0")
    largest = magnitudes.max()
    if thresholds is None:
        thresholds = np.linspace(largest / 50, largest, 100)
    thresholds = np.asarray(thresholds, dtype=np.float64)
    if thresholds.ndim != 1 or not np.all(thresholds > 0):
        raise ValueError("thresholds must be a vector of numbers above 0")
    counts, edges = np.histogram(magnitudes, bins=bins, range=(0, largest))
    centres, weights = (edges[:-1] + edges[1:]) / 2, counts / magnitudes.size
    step = thresholds[:, None] / (2 ** (bits - 1) - 1)
    kept = np.minimum(np.rint(centres / step) * step, thresholds[:, None])
    squared = (kept - centres) ** 2 * weights
    beyond = centres > thresholds[:, None]
    clipping = np.where(beyond, squared, 0).sum(axis=1)
    return NoiseCurve(thresholds, bits, squared.sum(axis=1) - clipping, clipping)
