"""The reference keyword-spotting model: a DS-CNN trained on synthetic words.

`tinylab train kws` runs `train_reference`. It trains on the training voices, stops by no test
figure, and then measures the model on voices it never heard, on a synthesiser it never heard and,
where the real recordings are at hand, on real people.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np

from tinylab.data import speech
from tinylab.data.augment import LIGHT, STRONG, Augmentation
from tinylab.deploy import litert
from tinylab.models import checkpoints
from tinylab.models.augmentation.mfcc import Disturbance
from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.recipes.figures import (
    Int8Figures,
    KeywordFigures,
    SetFigures,
    VoiceFigures,
    plain,
)
from tinylab.recipes.keyword_features import Examples, examples
from tinylab.scoring import classification
from tinylab.scoring.intervals import share_interval

__all__ = [
    "PROFILES",
    "TESTS",
    "KeywordRecipe",
    "evaluate",
    "evaluate_on_recordings",
    "train_early",
    "train_reference",
]

APPLICATION, STAGE = "keyword_spotting", "train"


@dataclass(frozen=True)
class KeywordRecipe:
    """How much of what.

    Attributes
    ----------
    per_class : int
        Training examples of each class.
    validation_per_class, test_per_class : int
    training : TrainingProfile
    disturbance : Disturbance or None
        What happens to the features each time they are used.
    dropout, weight_decay
        As in `ds_cnn`.
    """

    per_class: int
    validation_per_class: int
    test_per_class: int
    training: TrainingProfile
    disturbance: Disturbance | None = None
    dropout: tuple[float, float] = (0.2, 0.4)
    weight_decay: float = 1e-4


# Where the first class goes on from: a training like the full one, stopped long before its end.
EARLY = KeywordRecipe(
    1000,
    100,
    200,
    TrainingProfile(epochs=8, learning_rate=2e-3),
    dropout=(0.0, 0.2),
    weight_decay=1e-5,
)

PROFILES: Mapping[str, KeywordRecipe] = MappingProxyType(
    {
        "quick": KeywordRecipe(
            400, 50, 100, TrainingProfile(epochs=6, batch_size=50, learning_rate=2e-3)
        ),
        # So much disturbance leaves little to overfit.
        "full": KeywordRecipe(
            8000,
            100,
            200,
            TrainingProfile(epochs=22, learning_rate=2e-3, averaging=0.999),
            Disturbance(),
            dropout=(0.0, 0.2),
            weight_decay=1e-5,
        ),
    }
)

# Held-out sets of the built-in bank: name -> (split, what happens to the words).
TESTS: Mapping[str, tuple[str, Augmentation]] = MappingProxyType(
    {
        "held_out_voices": ("test", LIGHT),
        "held_out_voices_noisy": ("test", STRONG),
        "held_out_engine": ("test_engine", LIGHT),
    }
)


def train_reference(
    profile: str = "full",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> KeywordFigures:
    """Train the model, measure it, and write it with its figures.

    Parameters
    ----------
    profile : {"quick", "full"}
        Half a minute, or about forty minutes.
    seed : int
    directory : path, optional
        Where the checkpoint goes; by default the learner's work folder. The bundled one lies in
        `tinylab/models/reference`.
    workers : int, optional
        Processes that compute features; by default one a core.
    progress : bool
        Show progress bars.

    Returns
    -------
    KeywordFigures
        As they are in the JSON beside the model. With `TINYLAB_REAL_DATA` set to
        the folder of the real recordings, they include the accuracy on those.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    recipe = PROFILES[profile]
    model, figures = _trained(recipe, profile, seed, workers, progress)
    checkpoints.save(model, APPLICATION, STAGE, metrics=plain(figures), directory=directory)
    compress_reference(model, recipe.test_per_class, directory=directory, seed=seed)
    return figures


def train_early(
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> KeywordFigures:
    """Train for a few minutes, measure, and write the stage "early": weights to go on from."""
    model, figures = _trained(EARLY, "early", seed, workers, progress)
    checkpoints.save(model, APPLICATION, "early", metrics=plain(figures), directory=directory)
    return figures


def compress_reference(
    model: keras.Model, test_per_class: int, *, directory: str | Path | None = None, seed: int = 0
) -> Int8Figures:
    """Convert the trained model to int8, measure it, and write it as the stage "compress".

    Returns
    -------
    Int8Figures
        Measured on held-out voices.
    """
    typical = examples("train", 20, seed=seed, workers=1, progress=False)
    program = litert.convert(model, "int8", representative_dataset=typical.x)
    split, augmentation = TESTS["held_out_voices"]
    test = examples(
        split, test_per_class, augmentation=augmentation, seed=seed, workers=1, progress=False
    )
    accuracy = round(litert.evaluate(program, test.x, test.y).accuracy, 4)
    figures = Int8Figures(accuracy, len(test.y), flash_bytes=len(program))
    checkpoints.save(program, APPLICATION, "compress", metrics=plain(figures), directory=directory)
    return figures


def evaluate(
    model: keras.Model,
    per_class: int,
    *,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
) -> dict[str, SetFigures]:
    """Measure a model on every held-out set.

    Returns
    -------
    dict of str to SetFigures
        By the names of `TESTS`; with `TINYLAB_REAL_DATA` set also "real_recordings".
    """
    figures = {}
    for name, (split, augmentation) in TESTS.items():
        test = examples(
            split,
            per_class,
            augmentation=augmentation,
            seed=seed,
            workers=workers,
            progress=progress,
        )
        figures[name] = _figures_of_bank(model, test)
    real = os.environ.get("TINYLAB_REAL_DATA")
    if real:
        figures["real_recordings"] = evaluate_on_recordings(model, Path(real))
    return figures


def evaluate_on_recordings(model: keras.Model, folder: Path) -> SetFigures:
    """Measure a model on 400 features of real people's words: never trained on, but in view
    when bank and recipe were chosen."""
    with np.load(folder / "real_clips" / "kws01_dev400.npz") as clips:
        x = (clips["x"].astype(np.float32) - int(clips["zero_point"])) * float(clips["scale"])
        return _figures(model, x[..., np.newaxis], clips["y"].astype(np.int64))


def _trained(
    recipe: KeywordRecipe, profile: str, seed: int, workers: int | None, progress: bool
) -> tuple[keras.Model, KeywordFigures]:
    """A model trained by a recipe, with its figures."""
    training = examples("train", recipe.per_class, seed=seed, workers=workers, progress=progress)
    validation = examples(
        "validation",
        recipe.validation_per_class,
        seed=seed,
        workers=workers,
        progress=progress,
    )
    keras.utils.set_random_seed(seed)
    model = ds_cnn(dropout=recipe.dropout, weight_decay=recipe.weight_decay)
    run = train(
        model,
        training.x,
        training.y,
        (validation.x, validation.y),
        profile=recipe.training,
        disturb=recipe.disturbance,
        options=TrainingOptions(seed=seed, progress=progress),
    )
    tests = evaluate(model, recipe.test_per_class, workers=workers, progress=progress)
    figures = KeywordFigures(
        profile=profile,
        seed=seed,
        training_examples=len(training.y),
        training_voices=len(set(training.speakers) - {""}),
        training=dataclasses.asdict(recipe.training),
        disturbance=recipe.disturbance and dataclasses.asdict(recipe.disturbance),
        dropout=tuple(recipe.dropout),
        weight_decay=recipe.weight_decay,
        validation_accuracy=round(float(run.validation_accuracy[-1]), 4),
        accuracy=tests["held_out_voices"].accuracy,
        tests=tests,
    )
    return model, figures


def _figures(model: keras.Model, x, y) -> SetFigures:
    scores = model.predict(x, batch_size=500, verbose=0)
    report = classification.report(y, scores)
    return SetFigures(
        accuracy=round(report.accuracy, 4),
        low=round(report.low, 4),
        high=round(report.high, 4),
        examples=report.examples,
        recall={
            label: round(float(recall), 3)
            for label, recall in zip(speech.LABELS, report.recall, strict=True)
        },
    )


def _figures_of_bank(model: keras.Model, test: Examples) -> SetFigures:
    """Figures of a set of the bank: the interval counts voices, whose clips are not independent."""
    answers = model.predict(test.x, batch_size=500, verbose=0).argmax(axis=1)
    right = test.y == answers
    voices = np.array([":".join(speaker.split(":")[:2]) for speaker in test.speakers])
    engines = np.array([voice.split(":")[0] for voice in voices])
    spoken = voices != ""
    shares = {name: float(right[engines == name].mean()) for name in np.unique(engines) if name}
    return dataclasses.replace(
        _figures(model, test.x, test.y),
        low=None,
        high=None,
        spoken=_spoken(right[spoken], voices[spoken]),
        by_engine={str(name): round(share, 4) for name, share in shares.items()},
    )


def _spoken(right: np.ndarray, voices: np.ndarray) -> VoiceFigures | None:
    """None where a single voice speaks: it says nothing of others."""
    if len(np.unique(voices)) < 2:
        return None
    interval = share_interval(right, voices)
    ends = round(interval.low, 4), round(interval.high, 4)
    return VoiceFigures(round(interval.mean, 4), *ends, len(right), interval.repeats)
