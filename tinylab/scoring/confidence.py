"""Is a classifier as sure as it is right? Reliability, calibration error, and temperature scaling.

Source: Guo et al., "On Calibration of Modern Neural Networks" (2017).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

__all__ = [
    "Reliability",
    "apply_temperature",
    "expected_calibration_error",
    "fit_temperature",
    "negative_log_likelihood",
    "reliability",
]

_SMALLEST = 1e-12  # keeps the logarithm of a probability that was rounded to zero finite
_TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence beside accuracy, in bins of equal width; NaN where a bin is empty.

    Parameters
    ----------
    edges : ndarray of float64, shape (bins + 1,)
    confidence, accuracy : ndarray of float64, shape (bins,)
    share : ndarray of float64, shape (bins,)
        Of the examples.
    """

    edges: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    share: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error: the gap between both, averaged over the examples."""
        return float(np.nansum(self.share * np.abs(self.confidence - self.accuracy)))


def reliability(probabilities, labels, bins: int = 15) -> Reliability:
    """Sort examples by how sure the classifier is, and see how often it is right.

    Parameters
    ----------
    probabilities : array_like, shape (examples, classes)
    labels : array_like of int, shape (examples,)
    bins : int
        Of equal width over 0..1; a confidence on an edge belongs to the bin below.
    """
    probabilities, labels = _paired(probabilities, labels)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    bin_of = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    mean_confidence, accuracy = (
        np.divide(
            np.bincount(bin_of, weights=values, minlength=bins),
            counts,
            out=np.full(bins, np.nan),
            where=counts > 0,
        )
        for values in (confidence, right)
    )
    return Reliability(edges, mean_confidence, accuracy, counts / len(labels))


def expected_calibration_error(probabilities, labels, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy, weighed by the examples in each bin, 0..1."""
    return reliability(probabilities, labels, bins).error


def negative_log_likelihood(probabilities, labels) -> float:
    """Mean of -ln(probability of the right class)."""
    probabilities, labels = _paired(probabilities, labels)
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, _SMALLEST)).mean())


def apply_temperature(probabilities, temperature: float) -> np.ndarray:
    """Probabilities as if the logits had been divided by a temperature; the answers stay the same.

    Parameters
    ----------
    probabilities : array_like, shape (..., classes)
        A softmax's output; its logarithm stands for the logits, which differ by a constant.
    temperature : float
        Above 1 makes less sure, below 1 surer.

    Returns
    -------
    ndarray of float64
    """
    if temperature <= 0:
        raise ValueError(f"a temperature is larger than 0, not {temperature}")
    return softmax(_logits(probabilities) / temperature, axis=-1)


def fit_temperature(probabilities, labels) -> float:
    """The temperature that makes the right classes likeliest, on examples not trained on.

    Parameters
    ----------
    probabilities : array_like, shape (examples, classes)
    labels : array_like of int, shape (examples,)
    """
    probabilities, labels = _paired(probabilities, labels)
    logits, rows = _logits(probabilities), np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=-1)
        return -scaled[rows, labels].mean()

    minimum = minimize_scalar(loss, bounds=np.log(_TEMPERATURES), method="bounded")
    return float(np.exp(minimum.x))


def _logits(probabilities) -> np.ndarray:
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _SMALLEST))


def _paired(probabilities, labels) -> tuple[np.ndarray, np.ndarray]:
    probabilities = np.asarray(probabilities, dtype=np.float64)
    labels = np.asarray(labels)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not len(labels):
        raise ValueError(
            "pass probabilities (examples, classes) and one label for each example, not "
            f"{probabilities.shape} and {labels.shape}"
        )
    return probabilities, labels
