"""Attacks on a model's input: the smallest changes that turn an answer.

All keep every feature within `epsilon` of the original and inside what the device's input can hold.
Sources: Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples" (2015);
Madry et al., "Towards deep learning models resistant to adversarial attacks" (2018).
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from tinylab.compress.distillation import logits_of
from tinylab.signal.device_input import INPUT_HIGH, INPUT_LOW

__all__ = ["Fooled", "Range", "count_fooled", "fgsm", "loss_gradient", "pgd", "random_signs"]

STEP_SHARE = 2.5
"""Steps of PGD together reach so many times as far as the allowed change (Madry et al. 2018)."""
BATCH_SIZE = 200

Gradient = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Range:
    """The smallest and the largest value that an input can hold."""

    low: float = INPUT_LOW
    high: float = INPUT_HIGH


@dataclass(frozen=True)
class Fooled:
    """How many answers an attack turned.

    Attributes
    ----------
    fooled, attackable : int
        Of the examples that were answered correctly before.
    """

    fooled: int
    attackable: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.fooled / self.attackable


def loss_gradient(model: keras.Model) -> Gradient:
    """The function that gives the gradient of a classifier's loss by its input.

    Parameters
    ----------
    model : keras.Model
        Ends in a softmax; the loss is taken at its logits, where it does not vanish when the
        softmax saturates.

    Returns
    -------
    callable (x, y) -> float32 array of the shape of x
    """
    logits = logits_of(model)

    @tf.function(reduce_retracing=True)
    def gradient(x, y):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits(x))
        return tape.gradient(loss, x)

    def in_batches(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        parts = [
            gradient(
                tf.constant(x[i : i + BATCH_SIZE], tf.float32),
                tf.constant(y[i : i + BATCH_SIZE], tf.int64),
            ).numpy()
            for i in range(0, len(x), BATCH_SIZE)
        ]
        return np.concatenate(parts)

    return in_batches


def fgsm(
    gradient: Gradient, x: np.ndarray, y: np.ndarray, epsilon: float, within: Range = Range()
) -> np.ndarray:
    """One step of length `epsilon` along the sign of the gradient.

    Parameters
    ----------
    gradient : callable
        Of `loss_gradient`.
    x : float array (n, ...)
    y : int array (n,)
        The right answers.
    epsilon : float
        Largest change, in the unit of x.
    within : Range

    Returns
    -------
    float32 array of the shape of x
    """
    _check(x, y, epsilon)
    return _inside(x + epsilon * np.sign(gradient(x, y)), within)


def pgd(
    gradient: Gradient,
    x: np.ndarray,
    y: np.ndarray,
    epsilon: float,
    *,
    steps: int = 10,
    seed: int = 0,
    within: Range = Range(),
) -> np.ndarray:
    """Several shorter steps from a random start, each brought back to within `epsilon` of x.

    Parameters and result as `fgsm`.
    """
    _check(x, y, epsilon)
    if steps < 1:
        raise ValueError(f"pgd takes at least one step, not {steps}")
    rng = np.random.default_rng(seed)
    moved = _inside(x + rng.uniform(-epsilon, epsilon, x.shape), within)
    for _ in range(steps):
        further = moved + STEP_SHARE * epsilon / steps * np.sign(gradient(moved, y))
        moved = _inside(np.clip(further, x - epsilon, x + epsilon), within)
    return moved


def random_signs(
    x: np.ndarray, epsilon: float, *, seed: int = 0, within: Range = Range()
) -> np.ndarray:
    """The control: every feature moved by `epsilon`, up or down by chance."""
    signs = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), x.shape)
    return _inside(x + epsilon * signs, within)


def count_fooled(before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> Fooled:
    """Answers turned wrong, of those that were right.

    Parameters
    ----------
    before, after : int array (n,)
        Answers without and with the attack.
    labels : int array (n,)

    Raises
    ------
    ValueError
        No answer was right before: there is nothing to attack.
    """
    right = np.asarray(before) == np.asarray(labels)
    if not right.any():
        raise ValueError("no answer was right before the attack: there is nothing to attack")
    return Fooled(int((np.asarray(after) != labels)[right].sum()), int(right.sum()))


def _inside(x: np.ndarray, within: Range) -> np.ndarray:
    return np.clip(x, within.low, within.high).astype(np.float32)


def _check(x: np.ndarray, y: np.ndarray, epsilon: float) -> None:
    if len(x) != len(y) or not len(x):
        raise ValueError(f"pass a label for each example, not {len(y)} for {len(x)}")
    if not epsilon > 0:
        raise ValueError(f"epsilon is the largest change, above 0, not {epsilon}")
