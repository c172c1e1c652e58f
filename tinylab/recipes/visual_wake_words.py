"""The reference visual-wake-words model: one call from pictures to a checkpoint and its figures.

In: the built-in pictures. Out: a trained MobileNetV1-0.25, its int8 program and their figures.

`tinylab train vww` runs `train_reference`. It trains on rendered scenes, stops by no test figure,
and then measures the model on scenes it never saw and, where the real pictures are at hand, on
those.
"""

import dataclasses
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.deploy import litert
from tinylab.models import checkpoints
from tinylab.models.augmentation.pictures import (
    LIGHT,
    MEDIUM,
    PictureAugmentation,
    disturber,
    shrink,
)
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.recipes.figures import Int8Figures, PersonFigures, SetFigures, plain
from tinylab.scoring import classification

__all__ = [
    "PROFILES",
    "PersonRecipe",
    "TrainingPhase",
    "evaluate",
    "evaluate_on_real_pictures",
    "train_reference",
]

APPLICATION, STAGE = "visual_wake_words", "train"
CALIBRATION_PICTURES, SETTLING_PICTURES = 200, 3000


@dataclass(frozen=True)
class TrainingPhase:
    """One part of a training; the next goes on with its weights.

    Small pictures first, because an epoch of them takes half the time (progressive learning: Tan &
    Le, "EfficientNetV2: Smaller Models and Faster Training", 2021).

    Attributes
    ----------
    resolution : int
        Of the pictures in this phase, pixels.
    training : TrainingProfile
    augmentation : PictureAugmentation
    """

    resolution: int
    training: TrainingProfile
    augmentation: PictureAugmentation


@dataclass(frozen=True)
class PersonRecipe:
    """How much of what.

    Attributes
    ----------
    pictures : int or None
        Training pictures; None for all.
    phases : tuple of TrainingPhase
        The last one must be at 96 pixels.
    dropout : float
    """

    pictures: int | None
    phases: tuple[TrainingPhase, ...]
    dropout: float = 0.0


def _full_training(epochs: int, learning_rate: float, **others) -> TrainingProfile:
    common = {"batch_size": 50, "warm_up": 0.05, "label_smoothing": 0.05}
    return TrainingProfile(epochs, learning_rate=learning_rate, **common | others)


PROFILES: Mapping[str, PersonRecipe] = MappingProxyType(
    {
        "quick": PersonRecipe(
            1200,
            (
                TrainingPhase(
                    96, TrainingProfile(epochs=4, batch_size=50, learning_rate=2e-3), LIGHT
                ),
            ),
        ),
        "full": PersonRecipe(
            None,
            (
                TrainingPhase(64, _full_training(24, 4e-3, schedule="constant"), LIGHT),
                TrainingPhase(96, _full_training(58, 3e-3), MEDIUM),
                TrainingPhase(96, _full_training(8, 6e-4, averaging=0.998), LIGHT),
            ),
            dropout=0.1,
        ),
    }
)


def train_reference(
    profile: str | PersonRecipe = "full",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    progress: bool = True,
) -> PersonFigures:
    """Train the model, measure it, write it with its figures; the same for its int8 program.

    Parameters
    ----------
    profile : {"quick", "full"} or PersonRecipe
        Half a minute, or three quarters of an hour, on two cores.
    seed : int
    directory : path, optional
        Where the checkpoints go; by default the learner's work folder. The bundled ones lie in
        `tinylab/models/reference`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    PersonFigures
        As they are in the JSON beside the model. With `TINYLAB_REAL_DATA` set to
        the folder of the real pictures, they include the figures on those.
    """
    if not isinstance(profile, PersonRecipe) and profile not in PROFILES:
        raise ValueError(
            f"profile must be one of {tuple(PROFILES)} or a PersonRecipe, got {profile!r}"
        )
    recipe = profile if isinstance(profile, PersonRecipe) else PROFILES[profile]
    training = people.load("train", limit=recipe.pictures, seed=seed)
    started = time.perf_counter()
    model = _train_phases(recipe, training, seed, progress)
    minutes, tests = round((time.perf_counter() - started) / 60, 1), evaluate(model)
    figures = PersonFigures(
        profile=profile if isinstance(profile, str) else "custom",
        seed=seed,
        training_pictures=len(training),
        phases=tuple(dataclasses.asdict(phase) for phase in recipe.phases),
        minutes=minutes,
        accuracy=tests["test"].accuracy,
        tests=tests,
    )
    checkpoints.save(model, APPLICATION, STAGE, metrics=plain(figures), directory=directory)
    compress_reference(model, directory=directory, seed=seed)
    return figures


def _train_phases(
    recipe: PersonRecipe, training: people.Pictures, seed: int, progress: bool
) -> keras.Model:
    """The network after all phases; its normalization is settled on pictures as they are."""
    keras.utils.set_random_seed(seed)
    weights = None
    for phase in recipe.phases:
        model = mobilenet_v1(resolution=phase.resolution, dropout=recipe.dropout)
        if weights is not None:
            model.set_weights(weights)
        images = shrink(training.images, phase.resolution)
        without_people = images[training.labels == people.LABELS.index("no person")]
        disturb = disturber(phase.augmentation, phase.resolution, without_people)
        train(
            model,
            images,
            training.labels,
            profile=phase.training,
            disturb=disturb,
            options=TrainingOptions(seed=seed, progress=progress),
        )
        _settle_normalization(model, images[:SETTLING_PICTURES])
        weights = model.get_weights()
    return model


def _settle_normalization(model: keras.Model, images: np.ndarray, batch_size: int = 100) -> None:
    """Measure the means and variances of batch normalization anew.

    Those met in training belong to other weights, if weights were averaged, and to disturbed
    pictures (Wu & Johnson, "Rethinking 'Batch' in BatchNorm", 2021).
    """
    for start in range(0, len(images), batch_size):
        model(inputs(images[start : start + batch_size]), training=True)


def compress_reference(
    model: keras.Model, *, directory: str | Path | None = None, seed: int = 0
) -> Int8Figures:
    """Convert the trained model to int8, measure it, and write it as the stage "compress".

    Returns
    -------
    Int8Figures
        Measured on the test scenes.
    """
    typical = people.load("train", limit=CALIBRATION_PICTURES, seed=seed)
    program = litert.convert(model, "int8", representative_dataset=inputs(typical.images))
    test = people.load("test")
    measured = litert.evaluate(program, inputs(test.images), test.labels)
    figures = Int8Figures(round(measured.accuracy, 4), len(test), flash_bytes=len(program))
    checkpoints.save(program, APPLICATION, "compress", metrics=plain(figures), directory=directory)
    return figures


def evaluate(model: keras.Model) -> dict[str, SetFigures]:
    """Measure a model on the validation and test scenes and, if they are at hand, on real pictures.

    Returns
    -------
    dict of str to SetFigures
        "validation", "test" and, with `TINYLAB_REAL_DATA` set, "real_pictures".
    """
    figures = {}
    for split in ("validation", "test"):
        pictures = people.load(split)
        figures[split] = _figures(model, pictures.images, pictures.labels)
    real = os.environ.get("TINYLAB_REAL_DATA")
    if real:
        figures["real_pictures"] = evaluate_on_real_pictures(model, Path(real))
    return figures


def evaluate_on_real_pictures(model: keras.Model, folder: Path) -> SetFigures:
    """Measure a model on 400 real photographs: never trained on, but in view when augmentation
    and scenes were chosen."""
    with np.load(folder / "real_clips" / "vww01_dev400.npz") as pictures:
        return _figures(model, pictures["x"], pictures["y"].astype(np.int64))


def _figures(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> SetFigures:
    scores = model.predict(inputs(images), batch_size=200, verbose=0)
    report = classification.report(labels, scores)
    return SetFigures(
        accuracy=round(report.accuracy, 4),
        low=round(report.low, 4),
        high=round(report.high, 4),
        auc=round(float(roc_auc_score(labels, scores[:, 1])), 4),
        pictures=report.examples,
        recall={
            label: round(float(recall), 3)
            for label, recall in zip(people.LABELS, report.recall, strict=True)
        },
    )
