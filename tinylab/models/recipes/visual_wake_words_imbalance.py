"""Rare people: cross-entropy, weighted cross-entropy and focal loss on the same lopsided pictures.

In: the built-in pictures, most of those with people left out. Out: a table of recalls and areas. It
takes minutes, so the table that `tinylab train vww-imbalance` wrote is bundled.
"""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score
from tqdm.auto import tqdm

from tinylab.data import people
from tinylab.files import replacing
from tinylab.models.imbalance import ImbalanceRow, ImbalanceStudy
from tinylab.models.losses import FocalLoss, class_weights, weighted_cross_entropy
from tinylab.models.mobilenet import mobilenet_v1
from tinylab.models.recipes.picture_augmentation import LIGHT, disturber
from tinylab.models.recipes.visual_wake_words import inputs, shrink
from tinylab.models.training import TrainingProfile, train

__all__ = ["LOSSES", "lopsided", "measure_imbalance"]

RESOLUTION = 64
PROFILE = TrainingProfile(epochs=12, batch_size=50, learning_rate=2e-3, averaging=0.99)
LOSSES = ("cross-entropy", "weighted cross-entropy", "focal loss")
GAMMA = 2.0


def measure_imbalance(
    with_people: int = 250,
    without_people: int = 2500,
    *,
    losses=LOSSES,
    seeds=(0, 1),
    profile: TrainingProfile = PROFILE,
    path: str | Path | None = None,
    progress: bool = True,
) -> ImbalanceStudy:
    """Train a network with each loss and seed, and measure them on the balanced test scenes.

    Parameters
    ----------
    with_people, without_people : int
        Training pictures of each class.
    losses : sequence of str
        Some of `LOSSES`.
    seeds : sequence of int
        Each draws other pictures and other first weights, the same for all losses.
    profile : TrainingProfile
    path : path, optional
        Where the table is written as JSON.
    progress : bool
    """
    test = people.load("test")
    x_test = inputs(shrink(test.images, RESOLUTION))
    share = with_people / (with_people + without_people)
    found = {loss: [] for loss in losses}
    jobs = [(loss, seed) for loss in losses for seed in seeds]
    for loss, seed in tqdm(jobs, disable=not progress):
        training = lopsided(with_people, without_people, seed)
        model = _trained(loss, training, profile, seed)
        scores = model.predict(x_test, batch_size=200, verbose=0)[:, 1]
        found[loss].append(_figures(test.labels, scores, share))
    rows = tuple(ImbalanceRow(loss, *zip(*figures, strict=True)) for loss, figures in found.items())
    study = ImbalanceStudy(rows, with_people, without_people, len(test), RESOLUTION, profile.epochs)
    if path is not None:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(study), indent=1) + "\n", "utf-8")
    return study


def lopsided(with_people: int, without_people: int, seed: int) -> people.Pictures:
    """Training pictures of which few show people, in random order."""
    rng, pictures = np.random.default_rng(seed), people.load("train")
    kept = [
        rng.permutation(np.flatnonzero(pictures.labels == label))[:count]
        for label, count in ((0, without_people), (1, with_people))
    ]
    return pictures[rng.permutation(np.concatenate(kept))]


def _trained(loss: str, training: people.Pictures, profile: TrainingProfile, seed: int):
    keras.utils.set_random_seed(seed)
    model = mobilenet_v1(resolution=RESOLUTION)
    images = shrink(training.images, RESOLUTION)
    train(
        model,
        images,
        training.labels,
        profile=profile,
        disturb=disturber(LIGHT, RESOLUTION),
        loss=_loss(loss, training.labels),
        seed=seed,
        progress=False,
    )
    return model


def _loss(name: str, labels: np.ndarray) -> keras.losses.Loss:
    return {
        "cross-entropy": FocalLoss(0.0),
        "weighted cross-entropy": weighted_cross_entropy(class_weights(labels, 2)),
        "focal loss": FocalLoss(GAMMA),
    }[name]


def _figures(labels: np.ndarray, scores: np.ndarray, share: float) -> tuple[float, ...]:
    """Recall, false-alarm rate, area and average precision at the training pictures' share."""
    weight = np.where(labels == 1, share / (labels == 1).mean(), (1 - share) / (labels == 0).mean())
    figures = (
        (scores[labels == 1] >= 0.5).mean(),
        (scores[labels == 0] >= 0.5).mean(),
        roc_auc_score(labels, scores),
        average_precision_score(labels, scores, sample_weight=weight),
    )
    return tuple(round(float(figure), 4) for figure in figures)
