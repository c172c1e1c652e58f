"""Losses for unbalanced data: focal loss and weighted cross-entropy (one-hot labels, softmax).

Sources: Lin et al., "Focal Loss for Dense Object Detection" (2017); King & Zeng, "Logistic
Regression in Rare Events Data" (2001) for weights by class frequency; Cui et al., "Class-Balanced
Loss Based on Effective Number of Samples" (2019).
"""

import keras
import numpy as np
from keras import ops

__all__ = [
    "FocalLoss",
    "class_balanced_weights",
    "class_weights",
    "tempered_weights",
    "weighted_cross_entropy",
]

_LEAST = 1e-7  # a probability of 0 has no logarithm, and one of 1 no gradient at gamma below 1


class FocalLoss(keras.losses.Loss):
    """-weight * (1 - p)^gamma * log(p), with p the probability given to the true class.

    Parameters
    ----------
    gamma : float
        0 is cross-entropy; the larger, the less an example counts that is already answered well.
    weights : sequence of float, optional
        One for each class (`alpha` in the paper); all 1 without it.
    """

    def __init__(self, gamma: float = 2.0, weights=None, name: str = "focal_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        if gamma < 0:
            raise ValueError(f"gamma must not be negative, got {gamma}")
        self.gamma = float(gamma)
        self.weights = None if weights is None else [float(weight) for weight in weights]

    def call(self, y_true, y_pred):
        """Loss of each example, shape (n,)."""
        y_pred = ops.clip(ops.convert_to_tensor(y_pred), _LEAST, 1.0 - _LEAST)
        y_true = ops.cast(y_true, y_pred.dtype)
        weights = 1.0 if self.weights is None else ops.cast(self.weights, y_pred.dtype)
        each = weights * y_true * (1.0 - y_pred) ** self.gamma * -ops.log(y_pred)
        return ops.sum(each, axis=-1)

    def get_config(self):
        """What Keras needs to rebuild the loss."""
        return super().get_config() | {"gamma": self.gamma, "weights": self.weights}


def weighted_cross_entropy(weights) -> FocalLoss:
    """Cross-entropy that counts each class by its weight."""
    return FocalLoss(0.0, weights, name="weighted_cross_entropy")


def class_weights(labels, classes: int | None = None) -> np.ndarray:
    """Weights inverse to the classes' frequencies, float64 (classes,); mean over examples 1.

    Raises
    ------
    ValueError
        If a class has no example.
    """
    counts = _counts(labels, classes)
    return counts.sum() / (counts.size * counts)


def _of_mean_one(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Weights of classes, scaled so that the mean weight of an example is 1."""
    return weights / np.average(weights, weights=counts)


def tempered_weights(labels, power: float = 0.5, classes: int | None = None) -> np.ndarray:
    """Weights between equal (power 0) and inverse to frequency (power 1); mean over examples 1.

    Raises
    ------
    ValueError
        If a class has no example, or the power is not in 0..1.
    """
    if not 0 <= power <= 1:
        raise ValueError(f"power must lie between 0 and 1, got {power}")
    counts = _counts(labels, classes)
    return _of_mean_one(1 / counts**power, counts)


def class_balanced_weights(labels, beta: float = 0.999, classes: int | None = None) -> np.ndarray:
    """Weights inverse to the classes' effective numbers of examples; mean over examples 1.

    The hundredth example of a class shows less that is new than the first: n examples count as
    (1 - beta^n) / (1 - beta) (Cui et al. 2019). With beta 0 all classes weigh the same; near 1 the
    weights are those of `class_weights`.

    Raises
    ------
    ValueError
        If a class has no example, or beta is not in 0..1 (1 excluded).
    """
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be at least 0 and below 1, got {beta}")
    counts = _counts(labels, classes)
    weights = (1 - beta) / (1 - beta**counts)
    return _of_mean_one(weights, counts)


def _counts(labels, classes: int | None) -> np.ndarray:
    counts = np.bincount(np.asarray(labels), minlength=classes or 0)
    if not counts.size or counts.min() == 0:
        raise ValueError(
            f"every class needs an example to be weighted, counts are {counts.tolist()}"
        )
    return counts
