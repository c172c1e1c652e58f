"""Theft: a copy trained on nothing but a victim's answers to queries.

Source: Tramèr et al., "Stealing machine learning models via prediction APIs" (2016).
"""

from dataclasses import dataclass

import keras
import numpy as np

from tinylab.models.networks.ds_cnn import ds_cnn

__all__ = ["ANSWERS", "Copying", "stolen_copy"]

ANSWERS = ("scores", "labels")


@dataclass(frozen=True)
class Copying:
    """How the thief trains.

    Attributes
    ----------
    filters, blocks : int
        Of the thief's DS-CNN: it does not know the victim's network.
    steps : int
        Batches, the same whatever the queries, so that only the answers differ.
    batch_size : int
    learning_rate : float
    seed : int
    """

    filters: int = 24
    blocks: int = 2
    steps: int = 300
    batch_size: int = 50
    learning_rate: float = 3e-3
    seed: int = 0


def stolen_copy(
    queries: np.ndarray, scores: np.ndarray, answers: str, settings: Copying = Copying()
) -> keras.Model:
    """Train a copy on what a victim answered.

    Parameters
    ----------
    queries : float array (n, frames, coefficients, 1)
    scores : float array (n, classes)
        The victim's answers.
    answers : str
        "scores" to use them, "labels" to know the largest alone.
    settings : Copying

    Raises
    ------
    ValueError
        Another kind of answer, or a number of scores that does not fit the queries.
    """
    if answers not in ANSWERS:
        raise ValueError(f"answers must be one of {', '.join(ANSWERS)}, not {answers!r}")
    if len(queries) != len(scores) or not len(queries):
        raise ValueError(f"pass an answer a query, not {len(scores)} for {len(queries)}")
    keras.utils.set_random_seed(settings.seed)
    classes = scores.shape[1]
    targets = scores if answers == "scores" else np.eye(classes)[scores.argmax(axis=1)]
    copy = ds_cnn(classes, settings.filters, settings.blocks, queries.shape[1:], dropout=(0, 0.1))
    copy.compile(keras.optimizers.Adam(_schedule(settings)), "categorical_crossentropy")
    size = min(settings.batch_size, len(queries))
    rng = np.random.default_rng(settings.seed)
    for _ in range(settings.steps):
        rows = rng.choice(len(queries), size, replace=False)
        copy.train_on_batch(queries[rows], targets[rows].astype(np.float32))
    return copy


def _schedule(settings: Copying) -> keras.optimizers.schedules.CosineDecay:
    return keras.optimizers.schedules.CosineDecay(settings.learning_rate, settings.steps)
