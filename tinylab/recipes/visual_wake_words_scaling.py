"""How MobileNetV1 scales: accuracy and cost over width and resolution, every point trained.

In: the built-in pictures. Out: a table that the notebook's explorer looks up. It takes minutes, so
the table that `tinylab train vww-scaling` wrote is bundled.

Source of the question: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (2019).
"""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
from sklearn.metrics import roc_auc_score
from tqdm.auto import tqdm

from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.files import replacing
from tinylab.models.augmentation.pictures import LIGHT, disturber, shrink
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.networks.scaling_results import ScalingResults, ScalingRow
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.scoring.classification import accuracy

__all__ = ["PROFILE", "RESOLUTIONS", "WIDTHS", "largest_activation", "measure_scaling"]

WIDTHS = (0.125, 0.25, 0.5)
RESOLUTIONS = (32, 64, 96)
PROFILE = TrainingProfile(epochs=8, batch_size=50, learning_rate=3e-3)


def measure_scaling(
    pictures: int = 4000,
    *,
    widths=WIDTHS,
    resolutions=RESOLUTIONS,
    profile: TrainingProfile = PROFILE,
    seed: int = 0,
    path: str | Path | None = None,
    progress: bool = True,
) -> ScalingResults:
    """Train one network for every width and resolution, all alike, and measure them.

    Parameters
    ----------
    pictures : int
        Training pictures.
    widths, resolutions : sequences
    profile : TrainingProfile
    seed : int
    path : path, optional
        Where the table is written as JSON after each training; what it already holds is not trained
        again.
    progress : bool

    Returns
    -------
    ScalingResults
        Accuracy and area under the ROC curve on the test scenes.
    """
    path = Path(path) if path is not None else None
    training, test = people.load("train", limit=pictures, seed=seed), people.load("test")
    rows = list(ScalingResults.read(path).rows) if path is not None and path.is_file() else []
    points = [(w, r) for r in resolutions for w in widths]
    for width, resolution in tqdm(points, disable=not progress):
        if any((row.width, row.resolution) == (width, resolution) for row in rows):
            continue
        rows.append(_measure(width, resolution, training, test, profile, seed))
        results = ScalingResults(tuple(rows), len(test), len(training), profile.epochs)
        if path is not None:
            with replacing(path) as temporary:
                temporary.write_text(
                    json.dumps(dataclasses.asdict(results), indent=1) + "\n", "utf-8"
                )
    return ScalingResults(tuple(rows), len(test), len(training), profile.epochs)


def _measure(width, resolution, training, test, profile: TrainingProfile, seed: int) -> ScalingRow:
    keras.utils.set_random_seed(seed)
    model = mobilenet_v1(width, resolution)
    images = shrink(training.images, resolution)
    disturb = disturber(LIGHT, resolution)
    run = train(
        model,
        images,
        training.labels,
        profile=profile,
        disturb=disturb,
        options=TrainingOptions(seed=seed, progress=False),
    )
    scores = model.predict(inputs(shrink(test.images, resolution)), batch_size=200, verbose=0)
    return ScalingRow(
        width=width,
        resolution=resolution,
        parameters=folded_parameters(model),
        macs=multiply_accumulates(model),
        largest_activation_bytes=largest_activation(model),
        accuracy=round(accuracy(test.labels, scores), 4),
        auc=round(float(roc_auc_score(test.labels, scores[:, 1])), 4),
        training_s=round(run.seconds, 1),
    )


def largest_activation(model: keras.Model) -> int:
    """Bytes of the largest input and output of one layer together, in int8."""
    layers = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D)
    ]
    return max(
        int(np.prod(each.input.shape[1:]) + np.prod(each.output.shape[1:])) for each in layers
    )
