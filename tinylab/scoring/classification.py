"""Classification metrics, in numpy: how good a model is, and how sure we can be of that.

Predictions are class indices (n,), scores (n, classes), whose largest entry is the answer, or the
probabilities (n, 1) of a single sigmoid output, which answers 1 from one half on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.scoring.intervals import share_interval

__all__ = [
    "ClassificationReport",
    "accuracy",
    "class_recall",
    "confusion_matrix",
    "measured_accuracy",
    "predicted_classes",
    "report",
    "require_examples",
]


@dataclass(frozen=True)
class ClassificationReport:
    """How a classifier did on one set of examples.

    Attributes
    ----------
    accuracy : float
        Share of right answers, 0 to 1.
    low, high : float
        95 % interval of the accuracy: Wilson's over examples, or wider over groups.
    examples : int
    recall : float64 array (classes,)
        Share of right answers among the examples of each class; nan where there are none.
    confusion : int64 array (classes, classes)
        Rows are the true classes, columns the answers.
    groups : int, optional
        How many groups (voices, scenes) the interval counts; None if it counts examples.
    """

    accuracy: float
    low: float
    high: float
    examples: int
    recall: np.ndarray
    confusion: np.ndarray
    groups: int | None = None

    def __str__(self) -> str:
        interval = f"95 % interval {self.low:.1%} to {self.high:.1%}"
        if self.groups is not None:
            interval += f" over {self.groups} groups"
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


def require_examples(x, y) -> None:
    """Raise a ValueError unless there is at least one example and a label for each."""
    if len(x) != len(y) or len(y) == 0:
        raise ValueError(f"x and y must be of one length, at least 1, not {len(x)} and {len(y)}")


def accuracy(labels, predictions) -> float:
    """Share of right answers, 0 to 1."""
    labels, answers = _paired(labels, predictions)
    return float(np.mean(labels == answers))


def measured_accuracy(model, x: np.ndarray, y: np.ndarray) -> float:
    """Share of right answers, 0 to 1, of a Keras classifier on x (n, ...) with labels y (n,)."""
    return accuracy(y, model.predict(x, batch_size=250, verbose=0))


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
    examples = confusion.sum(axis=1)
    right = np.diag(confusion).astype(np.float64)
    return np.divide(right, examples, out=np.full(len(examples), np.nan), where=examples > 0)


def report(
    labels, predictions, classes: int | None = None, *, groups: Sequence | None = None
) -> ClassificationReport:
    """All of the above for one set of examples.

    Parameters
    ----------
    labels, predictions : arrays (n,) and (n,), (n, classes) or (n, 1)
    classes : int, optional
    groups : sequence, shape (n,), optional
        What really repeats: the voice, speaker, scene or camera of each example. The interval
        counts them instead of examples, and is wider.
    """
    confusion = confusion_matrix(labels, predictions, classes)
    right = np.asarray(labels) == predicted_classes(predictions)
    interval = share_interval(right, groups)
    return ClassificationReport(
        accuracy=interval.mean,
        low=interval.low,
        high=interval.high,
        examples=len(right),
        recall=class_recall(confusion),
        confusion=confusion,
        groups=None if groups is None else interval.repeats,
    )


def _paired(labels, predictions) -> tuple[np.ndarray, np.ndarray]:
    labels, answers = np.asarray(labels), predicted_classes(predictions)
    if labels.shape != answers.shape or labels.size == 0:
        raise ValueError(
            f"there must be one prediction for each label and at least one of them, got labels"
            f" {labels.shape} and predictions {answers.shape}"
        )
    return labels.astype(np.int64), answers.astype(np.int64)
