"""Class imbalance: one network trained with different losses on few pictures with people.

In: what a trained body sees in the pictures (its features) and their labels. Out: for each loss
recall, false alarms and areas. Only the classifier is trained, each time down to the lowest point
of its loss: no step size can favour one. What is left to choose, the weight decay, is chosen for
each loss by the validation pictures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score, roc_auc_score

from tinylab.models.scores import scores_of

__all__ = ["LossResult", "compare_losses", "features_of", "imbalanced"]

DECAYS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class LossResult:
    """One loss, over several draws of the rare pictures.

    Attributes
    ----------
    loss : str
        Its name.
    weight_decay : float
        The strength whose mean area on the validation pictures was largest.
    recall, false_alarm_rate : float64 array (draws,)
        At a threshold of one half: share of the people found, share of the pictures without people
        that were taken for some.
    auc : float64 array (draws,)
        Area under the ROC curve, which no threshold enters.
    average_precision : float64 array (draws,)
        Mean precision over all recalls, with people as rare as in training.
    """

    loss: str
    weight_decay: float
    recall: np.ndarray
    false_alarm_rate: np.ndarray
    auc: np.ndarray
    average_precision: np.ndarray


def features_of(
    model: keras.Model,
    images: np.ndarray,
    *,
    preprocess: Callable[[np.ndarray], np.ndarray] = np.asarray,
    batch_size: int = 50,
) -> np.ndarray:
    """What the classifier of a model is given: float32 (n, channels).

    Parameters
    ----------
    model : keras.Model
        Ends in one dense layer.
    images : array (n, ...)
    preprocess : callable
        Makes of a batch of them what the model takes; so floats need not be kept of all.
    batch_size : int
    """
    body = keras.Model(model.inputs[0], model.layers[-1].input)
    starts = range(0, len(images), 4 * batch_size)
    parts = (preprocess(images[start : start + 4 * batch_size]) for start in starts)
    return np.concatenate([scores_of(body, x, batch_size=batch_size) for x in parts])


def imbalanced(labels, with_people: int, without_people: int, seed: int) -> np.ndarray:
    """Indices of so many pictures of each class, in random order.

    Raises
    ------
    ValueError
        If there are not enough.
    """
    labels, rng = np.asarray(labels), np.random.default_rng(seed)
    kept = []
    for label, count in ((0, without_people), (1, with_people)):
        candidates = np.flatnonzero(labels == label)
        if not 1 <= count <= len(candidates):
            raise ValueError(
                f"ask for 1 to {len(candidates)} pictures of class {label}, not {count}"
            )
        kept.append(rng.permutation(candidates)[:count])
    return rng.permutation(np.concatenate(kept))


def compare_losses(
    losses: Mapping[str, keras.losses.Loss],
    training: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    *,
    with_people: int,
    without_people: int,
    draws: Sequence[int] = (0, 1, 2, 3, 4),
    decays: Sequence[float] = DECAYS,
) -> tuple[LossResult, ...]:
    """Train a classifier with each loss on the same imbalanced draws and measure it.

    Parameters
    ----------
    losses : mapping of str to keras.losses.Loss
        Of one-hot labels and softmax scores.
    training, validation, test : tuples (features, labels)
        float (n, channels) and int (n,); validation and test are balanced or not, as they come.
    with_people, without_people : int
        Training examples of each class in a draw.
    draws : sequence of int
        Seeds.
    decays : sequence of float
        Strengths of the weight decay to choose from.
    """
    x, y = training
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.maximum(spread, 0.1 * spread.mean())  # a channel that is hardly used stays small
    x, x_validation, x_test = ((part - mean) / spread for part in (x, validation[0], test[0]))
    samples = [imbalanced(y, with_people, without_people, draw) for draw in draws]
    share = with_people / (with_people + without_people)
    results = []
    for name, loss in losses.items():
        descend = _descent(loss)
        classifiers = {
            decay: [descend(x[kept], y[kept], decay) for kept in samples] for decay in decays
        }
        areas = {
            decay: np.mean(
                [
                    roc_auc_score(validation[1], _scores(weights, x_validation))
                    for weights in trained
                ]
            )
            for decay, trained in classifiers.items()
        }
        best = max(areas, key=areas.__getitem__)
        figures = [
            _figures(test[1], _scores(weights, x_test), share) for weights in classifiers[best]
        ]
        results.append(LossResult(name, best, *np.array(figures).T))
    return tuple(results)


def _descent(loss: keras.losses.Loss) -> Callable[[np.ndarray, np.ndarray, float], np.ndarray]:
    """A function (features, labels, decay) -> weights (channels + 1, 2), biases in the last row."""

    @tf.function(reduce_retracing=True)
    def slope(weights, x, one_hot, decay):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            kernel = weights[:-1]
            scores = tf.nn.softmax(x @ kernel + weights[-1])
            total = tf.reduce_mean(loss.call(one_hot, scores)) + decay * tf.reduce_sum(kernel**2)
        return total, tape.gradient(total, weights)

    def descend(x, y, decay):
        inputs, one_hot = tf.constant(x, tf.float64), tf.one_hot(y, 2, dtype=tf.float64)
        strength, shape = tf.constant(decay, tf.float64), (x.shape[1] + 1, 2)

        def objective(flat):
            total, gradient = slope(tf.constant(flat.reshape(shape)), inputs, one_hot, strength)
            return float(total), gradient.numpy().ravel()

        optimum = minimize(objective, np.zeros(np.prod(shape)), jac=True, method="L-BFGS-B")
        return optimum.x.reshape(shape)

    return descend


def _scores(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The classifier's score of a person, float64 (n,)."""
    logits = x @ weights[:-1] + weights[-1]
    return 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))


def _figures(labels: np.ndarray, scores: np.ndarray, share: float) -> tuple[float, ...]:
    """Recall, false-alarm rate, area, and average precision at a share of people."""
    weight = np.where(labels == 1, share / (labels == 1).mean(), (1 - share) / (labels == 0).mean())
    return (
        float((scores[labels == 1] >= 0.5).mean()),
        float((scores[labels == 0] >= 0.5).mean()),
        float(roc_auc_score(labels, scores)),
        float(average_precision_score(labels, scores, sample_weight=weight)),
    )
