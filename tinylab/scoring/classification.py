"""Classification metrics, in numpy: how good a model is, and how sure we can be of that.

Predictions are class indices (n,), scores (n, classes), whose largest entry is the answer, or the
probabilities (n, 1) of a single sigmoid output, which answers 1 from one half on.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

__all__ = [
    "ClassificationReport",
    "accuracy",
    "class_recall",
    "confusion_matrix",
    "predicted_classes",
    "report",
    "wilson_interval",
]


@dataclass(frozen=True)
class ClassificationReport:
    """How a classifier did on one set of examples.

    Attributes
    ----------
    accuracy : float
        Share of right answers, 0 to 1.
    low, high : float
        95 % Wilson interval of the accuracy.
    examples : int
    recall : float64 array (classes,)
        Share of right answers among the examples of each class; nan where there are none.
    confusion : int64 array (classes, classes)
        Rows are the true classes, columns the answers.
    """

    accuracy: float
    low: float
    high: float
    examples: int
    recall: np.ndarray
    confusion: np.ndarray

    def __str__(self) -> str:
        interval = f"95 % interval {self.low:.1%} to {self.high:.1%}"
        return f"{self.accuracy:.1%} of {self.examples} right ({interval})"


def predicted_classes(predictions) -> np.ndarray:
    """Class indices (n,) from class indices (n,), scores (n, classes) or probabilities (n, 1).

    Raises
    ------
    ValueError
        If the shape is another, a score is not a number, a row of numbers holds fractions, or a
        single output leaves 0..1 (logits: apply a sigmoid first).
    """
    predictions = np.asarray(predictions)
    if predictions.ndim not in (1, 2) or predictions.shape[1:] == (0,):
        raise ValueError(
            f"predictions must be class indices (n,) or scores (n, classes), got shape"
            f" {predictions.shape}"
        )
    if predictions.dtype.kind == "f" and np.isnan(predictions).any():
        raise ValueError("a prediction is not a number (nan)")
    if predictions.ndim == 1:
        if np.any(predictions != np.floor(predictions)):
            raise ValueError("a row of predictions must be class indices: pass scores as (n, 1)")
        return predictions
    if predictions.shape[1] > 1:
        return predictions.argmax(axis=1)
    if len(predictions) and not 0 <= predictions.min() <= predictions.max() <= 1:
        raise ValueError("a single output must be a probability, 0 to 1: apply a sigmoid to logits")
    return (predictions[:, 0] >= 0.5).astype(np.int64)


def accuracy(labels, predictions) -> float:
    """Share of right answers, 0 to 1."""
    labels, answers = _paired(labels, predictions)
    return float(np.mean(labels == answers))


def confusion_matrix(labels, predictions, classes: int | None = None) -> np.ndarray:
    """Counts, int64 (classes, classes): row = true class, column = answer."""
    scores = np.asarray(predictions)
    labels, answers = _paired(labels, predictions)
    if classes is None:
        columns = scores.shape[1] if scores.ndim == 2 else 0
        classes = max(columns, 2) if columns else int(max(labels.max(), answers.max())) + 1
    largest = max(labels.max(), answers.max())
    if min(labels.min(), answers.min()) < 0 or largest >= classes:
        raise ValueError(f"labels and predictions must lie in 0..{classes - 1}, found {largest}")
    counts = np.bincount(labels * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes)


def class_recall(confusion) -> np.ndarray:
    """Share of each class's examples that were answered right, float64 (classes,), nan if none."""
    confusion = np.asarray(confusion)
    totals = confusion.sum(axis=1)
    right = np.diag(confusion).astype(np.float64)
    return np.divide(right, totals, out=np.full(len(totals), np.nan), where=totals > 0)


def wilson_interval(right: int, examples: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval that holds the true accuracy with the given confidence, as (low, high).

    Source: Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    Unlike the textbook's plus-minus it stays inside 0..1 and works for few examples.
    """
    if examples < 1 or not 0 <= right <= examples:
        raise ValueError(f"0 <= right <= examples and examples >= 1 must hold: {right}, {examples}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = right / examples
    centre = share + z * z / (2 * examples)
    spread = z * (share * (1 - share) / examples + z * z / (4 * examples**2)) ** 0.5
    scale = 1 + z * z / examples
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def report(labels, predictions, classes: int | None = None) -> ClassificationReport:
    """All of the above for one set of examples."""
    confusion = confusion_matrix(labels, predictions, classes)
    right, examples = int(np.trace(confusion)), int(confusion.sum())
    low, high = wilson_interval(right, examples)
    return ClassificationReport(
        accuracy=right / examples,
        low=low,
        high=high,
        examples=examples,
        recall=class_recall(confusion),
        confusion=confusion,
    )


def _paired(labels, predictions) -> tuple[np.ndarray, np.ndarray]:
    labels, answers = np.asarray(labels), predicted_classes(predictions)
    if labels.shape != answers.shape or labels.size == 0:
        raise ValueError(
            f"there must be one prediction for each label and at least one of them, got labels"
            f" {labels.shape} and predictions {answers.shape}"
        )
    return labels.astype(np.int64), answers.astype(np.int64)
