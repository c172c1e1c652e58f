"""Adversarial fine-tuning: train on attacks of one's own, and pay for it in clean accuracy.

Source: Wong, Rice and Kolter, "Fast is better than free" (2020): FGSM from a random start.
"""

from dataclasses import dataclass

import keras
import numpy as np

from tinylab.models.surgery.blocks import fresh_copy
from tinylab.security.inputs import Range, loss_gradient

__all__ = ["FineTuning", "fine_tuned"]

STEP = 1.25  # lengths of epsilon; from a random start a whole one would not reach the border


@dataclass(frozen=True)
class FineTuning:
    """How to fine-tune.

    Attributes
    ----------
    epsilon : float
        Largest change of the attacks, in the input's unit; 0 trains on clean examples.
    epochs, batch_size : int
    learning_rate : float
    seed : int
    """

    epsilon: float
    epochs: int = 4
    batch_size: int = 100
    learning_rate: float = 1e-3
    seed: int = 0


def fine_tuned(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    settings: FineTuning,
    within: Range = Range(),
) -> keras.Model:
    """A copy of a classifier, trained on examples that are attacked anew in every batch.

    Parameters
    ----------
    model : keras.Model
        Ends in a softmax; it stays as it is.
    x : float array (n, ...)
    y : int array (n,)
    settings : FineTuning
    within : Range
    """
    keras.utils.set_random_seed(settings.seed)
    copy, rng = fresh_copy(model), np.random.default_rng(settings.seed)
    optimizer = keras.optimizers.Adam(settings.learning_rate)
    copy.compile(optimizer, "sparse_categorical_crossentropy")
    gradient = loss_gradient(copy) if settings.epsilon else None
    size = settings.batch_size
    for _ in range(settings.epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x) - size + 1, size):
            rows = order[first : first + size]
            batch, labels = x[rows], y[rows]
            if gradient is not None:
                batch = _attacked(gradient, batch, labels, settings.epsilon, rng, within)
            copy.train_on_batch(batch, labels)
    return copy


def _attacked(gradient, x, y, epsilon: float, rng, within: Range) -> np.ndarray:
    start = np.clip(x + rng.uniform(-epsilon, epsilon, x.shape), within.low, within.high)
    further = start + STEP * epsilon * np.sign(gradient(start.astype(np.float32), y))
    near = np.clip(further, x - epsilon, x + epsilon)
    return np.clip(near, within.low, within.high).astype(np.float32)
