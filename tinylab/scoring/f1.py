"""F1: one number for a class that is rare, and its mean over classes.

Accuracy forgives whoever never names a rare class. Precision asks how many alarms are right, recall
how many events raise one; F1 is their harmonic mean, and counts a class as much as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.scoring.classification import confusion_matrix

__all__ = [
    "ClassScores",
    "class_margin",
    "class_scores",
    "macro_f1_interval",
    "threshold_for_recall",
]

RESAMPLES = 400
_SMALLEST = 1e-12  # keeps the logarithm of a score that was rounded to zero finite


@dataclass(frozen=True)
class ClassScores:
    """Precision, recall and F1 of each class, 0 to 1; 0 where a class was never right.

    `macro_f1` is the mean over the classes that occur among labels or answers.
    """

    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    macro_f1: float


def class_scores(labels, predictions, classes: int | None = None) -> ClassScores:
    """Scores of a classifier.

    Parameters
    ----------
    labels, predictions : arrays (n,) and (n,) or (n, classes)
    classes : int, optional
    """
    return _scores(confusion_matrix(labels, predictions, classes))


def macro_f1_interval(
    labels, predictions, groups: Sequence, classes: int | None = None, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of the macro F1, over groups (patients): a bootstrap that draws whole groups.

    Raises
    ------
    ValueError
        Fewer than two groups: one says nothing of others.
    """
    confusion = confusion_matrix(labels, predictions, classes)
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 2:
        raise ValueError("an interval over groups needs at least two: one says nothing of others")
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    each = np.stack(
        [
            confusion_matrix(labels[index == k], predictions[index == k], len(confusion))
            for k in range(len(names))
        ]
    )
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(names), size=(RESAMPLES, len(names)))
    scores = [_scores(each[choice].sum(axis=0)).macro_f1 for choice in drawn]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def class_margin(scores, number: int) -> np.ndarray:
    """By how many logits a class leads all others, float64 (n,); it is answered above 0.

    Parameters
    ----------
    scores : array_like, shape (n, classes)
        Softmax outputs.
    number : int
        The class.
    """
    logits = np.log(np.maximum(np.asarray(scores, float), _SMALLEST))
    return logits[:, number] - np.delete(logits, number, axis=1).max(axis=1)


def threshold_for_recall(scores, positive, recall: float) -> float:
    """The highest threshold that finds at least so many of the positive examples.

    Parameters
    ----------
    scores : array_like, shape (n,)
    positive : array_like of bool, shape (n,)
    recall : float
        Above 0, at most 1; an example is found if its score is at least the threshold.

    Raises
    ------
    ValueError
        No positive example, or a recall out of range.
    """
    own = np.sort(np.asarray(scores)[np.asarray(positive)])[::-1]
    if not len(own) or not 0 < recall <= 1:
        raise ValueError(f"pass positive examples and a recall in 0..1, not {len(own)}, {recall}")
    return float(own[int(np.ceil(recall * len(own) - 1e-9)) - 1])


def _scores(confusion: np.ndarray) -> ClassScores:
    right = np.diag(confusion).astype(float)
    asked, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = right / np.maximum(answered, 1)
    recall = right / np.maximum(asked, 1)
    f1 = 2 * right / np.maximum(asked + answered, 1)
    occurs = asked + answered > 0
    return ClassScores(
        precision=tuple(map(float, precision)),
        recall=tuple(map(float, recall)),
        f1=tuple(map(float, f1)),
        macro_f1=float(f1[occurs].mean()),
    )
