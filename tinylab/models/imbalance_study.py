"""Class imbalance: one network trained with different losses on few pictures with people.

In: what a trained body sees in the pictures (its features) and their labels. Out: for each loss
recall, false alarms and areas. Only the classifier is trained, so a comparison takes seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from sklearn.metrics import average_precision_score, roc_auc_score

from tinylab.models.training import TrainingOptions, TrainingProfile, train

__all__ = ["LossResult", "compare_losses", "features_of", "imbalanced"]

PROFILE = TrainingProfile(epochs=20, batch_size=250, learning_rate=2e-2)


@dataclass(frozen=True)
class LossResult:
    """One loss, over several draws of the rare pictures.

    Attributes
    ----------
    loss : str
        Its name.
    recall, false_alarm_rate : float64 array (draws,)
        At a threshold of one half: share of the people found, share of the pictures without people
        that were taken for some.
    auc : float64 array (draws,)
        Area under the ROC curve, which no threshold enters.
    average_precision : float64 array (draws,)
        Mean precision over all recalls, with people as rare as in training.
    """

    loss: str
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
    body = keras.Model(model.inputs, model.layers[-1].input)
    starts = range(0, len(images), 4 * batch_size)
    parts = (preprocess(images[start : start + 4 * batch_size]) for start in starts)
    return np.concatenate([body.predict(x, batch_size=batch_size, verbose=0) for x in parts])


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
    test: tuple[np.ndarray, np.ndarray],
    *,
    with_people: int,
    without_people: int,
    draws: Sequence[int] = (0, 1, 2),
    profile: TrainingProfile = PROFILE,
) -> tuple[LossResult, ...]:
    """Train a classifier with each loss on the same imbalanced draws and measure it.

    Parameters
    ----------
    losses : mapping of str to keras.losses.Loss
        Of one-hot labels and softmax scores.
    training, test : tuples (features, labels)
        float (n, channels) and int (n,); the test is balanced or not, as it comes.
    with_people, without_people : int
        Training examples of each class in a draw.
    draws : sequence of int
        Seeds.
    profile : TrainingProfile
    """
    x, y = training
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.maximum(spread, 0.1 * spread.mean())  # a channel that is hardly used stays small
    x, x_test = (x - mean) / spread, (test[0] - mean) / spread
    share = with_people / (with_people + without_people)
    results = []
    for name, loss in losses.items():
        figures = []
        for draw in draws:
            kept = imbalanced(y, with_people, without_people, draw)
            scores = _trained_scores(loss, x[kept], y[kept], x_test, profile, draw)
            figures.append(_figures(test[1], scores, share))
        results.append(LossResult(name, *np.array(figures).T))
    return tuple(results)


def _trained_scores(loss, x, y, x_test, profile: TrainingProfile, seed: int) -> np.ndarray:
    keras.utils.set_random_seed(seed)
    penalty = keras.regularizers.L2(1e-3)
    classifier = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            layers.Dense(2, activation="softmax", kernel_regularizer=penalty),
        ]
    )
    options = TrainingOptions(loss, seed, progress=False)
    train(classifier, x, y, profile=profile, options=options)
    # Called, not predict(): a classifier this small is answered sooner than it is compiled.
    return keras.ops.convert_to_numpy(classifier(x_test))[:, 1]


def _figures(labels: np.ndarray, scores: np.ndarray, share: float) -> tuple[float, ...]:
    """Recall, false-alarm rate, area, and average precision at a share of people."""
    weight = np.where(labels == 1, share / (labels == 1).mean(), (1 - share) / (labels == 0).mean())
    return (
        float((scores[labels == 1] >= 0.5).mean()),
        float((scores[labels == 0] >= 0.5).mean()),
        float(roc_auc_score(labels, scores)),
        float(average_precision_score(labels, scores, sample_weight=weight)),
    )
