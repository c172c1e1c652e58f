"""The reference anomaly detector: an autoencoder trained on normal sound of four machines.

`tinylab train ad` runs `train_reference`. It trains on normal sound alone, on the training split,
and then measures the model, in float and as int8, on the test split.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from tinylab.data import machines
from tinylab.data.machines import flat_windows, representative_windows
from tinylab.deploy import litert
from tinylab.models import checkpoints
from tinylab.models.networks.autoencoder import PROFILES, autoencoder, train_autoencoder
from tinylab.recipes.figures import AnomalyFigures, MachineFigures, plain
from tinylab.scoring import anomaly

__all__ = [
    "compress_reference",
    "evaluate",
    "train_reference",
]

APPLICATION = "anomaly_detection"


def train_reference(
    profile: str = "full",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    progress: bool = True,
) -> AnomalyFigures:
    """Train the autoencoder, measure it, and write it with its figures; then the same in int8.

    Parameters
    ----------
    profile : {"quick", "full"}
        Some 10 or 30 seconds on one core.
    seed : int
    directory : path, optional
        Where the checkpoints go; by default the learner's work folder. The bundled ones lie in
        `tinylab/models/reference`.
    progress : bool
        Show progress bars.

    Returns
    -------
    AnomalyFigures
        Of the float model, as they are in the JSON beside it.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    training, validation = machines.load("train"), machines.load("validation")
    healthy = validation[validation.labels == 0]
    keras.utils.set_random_seed(seed)
    model = autoencoder()
    run = train_autoencoder(
        model,
        flat_windows(training.log_mel),
        flat_windows(healthy.log_mel),
        profile=profile,
        seed=seed,
        progress=progress,
    )
    measured = dataclasses.replace(
        evaluate(lambda x: model.predict(x, batch_size=4096, verbose=0)),
        profile=profile,
        seed=seed,
        training=dataclasses.asdict(PROFILES[profile]),
        training_recordings=len(training),
        training_windows=run.windows,
        loss=round(float(run.loss[-1]), 3),
        validation_loss=round(float(run.validation_loss[-1]), 3),
    )
    checkpoints.save(model, APPLICATION, "train", metrics=plain(measured), directory=directory)
    compress_reference(model, directory=directory)
    return measured


def compress_reference(
    model: keras.Model, *, directory: str | Path | None = None
) -> AnomalyFigures:
    """Convert the trained model to int8, measure it, and write it as the stage "compress".

    Returns
    -------
    AnomalyFigures
        Of the int8 program.
    """
    program = litert.convert(model, "int8", representative_dataset=representative_windows())
    measured = evaluate(litert.LiteRTModel(program).predict)
    measured = dataclasses.replace(measured, flash_bytes=len(program))
    checkpoints.save(program, APPLICATION, "compress", metrics=plain(measured), directory=directory)
    return measured


def evaluate(predict: Callable[[np.ndarray], np.ndarray]) -> AnomalyFigures:
    """AUC and pAUC of a model on the test split: overall, by machine and by kind of fault.

    Parameters
    ----------
    predict : callable
        Windows (m, 640) in, what the model makes of them out.
    """
    test = machines.load("test")
    scores = anomaly.score_recordings(predict, test.log_mel)
    report = anomaly.report(test.labels, scores, test.machines)
    by_fault = {
        fault: round(anomaly.auc(test.labels[part], scores[part]), 4)
        for fault in machines.FAULTS
        for part in [(test.faults == fault) | (test.labels == 0)]
    }
    return AnomalyFigures(
        auc=round(report.auc, 4),
        pauc=round(report.pauc, 4),
        recordings=report.recordings,
        machines={
            str(number): MachineFigures(round(area, 4), round(partial, 4))
            for number, area, partial in zip(
                report.machines, report.machine_auc, report.machine_pauc, strict=True
            )
        },
        auc_by_fault=by_fault,
    )
