"""Side exits for the visual-wake-words model: trained, calibrated, measured on new scenes.

In: the trained network and the built-in pictures. Out: the heads of its exits, a temperature for
each, a threshold chosen on the validation scenes, and what all that gives on the test scenes.
`tinylab train vww-exits` runs `train_reference_exits`.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from tinylab.data import people
from tinylab.early_exit.files import load_exits, save_exits
from tinylab.early_exit.network import EarlyExits, attach_exits, calibrate_exits, train_exits
from tinylab.early_exit.threshold import at_threshold, choose_threshold, exit_record
from tinylab.models import checkpoints
from tinylab.models.training import TrainingProfile
from tinylab.recipes.figures import ExitFigures, ExitsFigures, RealExitFigures, plain
from tinylab.scoring.confidence import expected_calibration_error

__all__ = [
    "CUTS",
    "PROFILES",
    "exits_for",
    "measure_exits",
    "measure_on_real_pictures",
    "train_reference_exits",
]

CUTS = ("block5_pointwise", "block8_pointwise")
FILTERS = 64
MAX_LOSS = 0.01
"""What early exits may cost in accuracy: a percentage point."""


@dataclass(frozen=True)
class ExitRecipe:
    """How many training pictures (None for all; each also mirrored), and how long."""

    pictures: int | None
    training: TrainingProfile


PROFILES: Mapping[str, ExitRecipe] = MappingProxyType(
    {
        "quick": ExitRecipe(1200, TrainingProfile(epochs=6, batch_size=100, learning_rate=3e-3)),
        "full": ExitRecipe(None, TrainingProfile(epochs=8, batch_size=100, learning_rate=2e-3)),
    }
)


def train_reference_exits(
    profile: str = "full",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    progress: bool = True,
) -> ExitsFigures:
    """Train exits on the trained network, measure them, and write them with their figures.

    Parameters
    ----------
    profile : {"quick", "full"}
        Half a minute, or some minutes, on two cores.
    seed : int
    directory : path, optional
        Where the exits go, and where their network comes from; by default the learner's work folder
        and the model that `checkpoints.load` finds. The bundled ones lie in
        `tinylab/models/reference`.
    progress : bool

    Returns
    -------
    ExitsFigures
        As they are in the JSON beside the heads. With `TINYLAB_REAL_DATA` set to the
        folder of the real pictures, they include the figures on those.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    bundled = directory is not None and Path(directory).resolve() == checkpoints.REFERENCE
    origin = "reference" if bundled else None
    network = checkpoints.load("visual_wake_words", "train", origin=origin).model
    exits = _train(network, profile, seed, progress)
    figures = dataclasses.replace(
        measure_exits(exits),
        profile=profile,
        seed=seed,
        training=dataclasses.asdict(PROFILES[profile].training),
    )
    if real := os.environ.get("TINYLAB_REAL_DATA"):
        measured = measure_on_real_pictures(exits, Path(real), figures.threshold_bits)
        figures = dataclasses.replace(figures, real_pictures=measured)
    save_exits(exits, metrics=plain(figures), directory=directory)
    return figures


def exits_for(network: keras.Model, *, progress: bool = True) -> EarlyExits:
    """The exits of a network: those on disk, else trained now, in about a minute, and kept.

    Parameters
    ----------
    network : keras.Model
        A trained `mobilenet_v1`, your own or the bundled one.
    """
    try:
        return load_exits(network)
    except FileNotFoundError:
        exits = _train(network, "quick", 0, progress)
        save_exits(exits)
        return exits


def measure_exits(exits: EarlyExits, *, max_loss: float = MAX_LOSS) -> ExitsFigures:
    """Choose a threshold on the validation scenes; report it, and every exit, on the test scenes.

    Returns
    -------
    ExitsFigures
        Without how they were trained.
    """
    validation, test = people.load("validation"), people.load("test")
    chosen = choose_threshold(
        exits.measure(validation.images, validation.labels), max_loss=max_loss
    )
    record = exits.measure(test.images, test.labels)
    point, alone = at_threshold(record, chosen), record.correct[:, -1].mean()
    network = exits.workloads()[-1].macs - sum(head.macs for head in exits.head_workloads())
    return ExitsFigures(
        test_pictures=record.examples,
        exits=tuple(_exit_figures(exits, test, index) for index in range(record.exits)),
        macs=tuple(record.macs.tolist()),
        network_macs=network,
        threshold_bits=round(chosen, 4),
        exit_rates=tuple(np.round(point.exit_rates, 4).tolist()),
        accuracy=round(point.accuracy, 4),
        network_accuracy=round(float(alone), 4),
        mean_macs=round(point.mean_macs),
        saved=round(1 - point.mean_macs / network, 4),
    )


def measure_on_real_pictures(
    exits: EarlyExits, folder: Path, threshold_bits: float
) -> RealExitFigures:
    """The same threshold on 400 real photographs: never trained on, but in view when the
    network's augmentation and scenes were chosen."""
    with np.load(folder / "real_clips" / "vww01_dev400.npz") as pictures:
        x, y = pictures["x"], pictures["y"].astype(np.int64)
    scores = exits.predict(x)
    record = exit_record(scores, y, [workload.macs for workload in exits.workloads()])
    point = at_threshold(record, threshold_bits)
    return RealExitFigures(
        pictures=record.examples,
        auc=tuple(round(float(roc_auc_score(y, of_exit[:, 1])), 4) for of_exit in scores),
        exit_accuracy=tuple(np.round(record.correct.mean(axis=0), 4).tolist()),
        exit_rates=tuple(np.round(point.exit_rates, 4).tolist()),
        accuracy=round(point.accuracy, 4),
    )


def _exit_figures(exits: EarlyExits, test: people.Pictures, index: int) -> ExitFigures:
    raw = exits.predict(test.images, calibrated=False)[index]
    calibrated = exits.predict(test.images, calibrated=True)[index]
    return ExitFigures(
        accuracy=round(float((raw.argmax(axis=1) == test.labels).mean()), 4),
        calibration_error=round(expected_calibration_error(raw, test.labels), 4),
        calibrated_error=round(expected_calibration_error(calibrated, test.labels), 4),
        temperature=round(exits.temperatures[index], 3),
    )


def _train(network: keras.Model, profile: str, seed: int, progress: bool) -> EarlyExits:
    recipe = PROFILES[profile]
    pictures = people.load("train", limit=recipe.pictures, seed=seed)
    keras.utils.set_random_seed(seed)
    exits = train_exits(
        attach_exits(network, CUTS, filters=FILTERS),
        np.concatenate((pictures.images, pictures.images[:, :, ::-1])),
        np.tile(pictures.labels, 2),
        profile=recipe.training,
        seed=seed,
        progress=progress,
    )
    validation = people.load("validation")
    return calibrate_exits(exits, validation.images, validation.labels)
