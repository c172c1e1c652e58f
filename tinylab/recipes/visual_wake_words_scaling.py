"""How MobileNetV1 scales: accuracy and cost over width and resolution, every point trained.

In: the built-in pictures. Out: a table that the notebook's explorer looks up. It takes half an
hour, so the table that `tinylab train vww-scaling` wrote is bundled.

Each network gets the learning rate that serves it best on the validation pictures, of a grid that
goes on while the best lies at its end.

Source of the question: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (2019).
"""

import dataclasses
import gc
from pathlib import Path

import keras
import numpy as np
from sklearn.metrics import roc_auc_score
from tqdm.auto import tqdm

from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.models.augmentation.pictures import LIGHT, disturber, shrink
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.networks.scaling_results import ScalingResults, ScalingRow
from tinylab.models.repeats import begun, write_study
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.models.tuning import tried
from tinylab.scoring.classification import accuracy

__all__ = [
    "PROFILE",
    "RATES",
    "RESOLUTIONS",
    "WIDTHS",
    "Splits",
    "figures_of",
    "largest_activation",
    "measure_scaling",
]

WIDTHS = (0.125, 0.25, 0.5)
RESOLUTIONS = (32, 64, 96)
RATES = (3e-3, 9e-3, 2.7e-2)
PROFILE = TrainingProfile(epochs=5, batch_size=50)


@dataclasses.dataclass(frozen=True)
class Splits:
    """The pictures of a study."""

    train: people.Pictures
    validation: people.Pictures
    test: people.Pictures

    @classmethod
    def load(cls, pictures: int) -> "Splits":
        """The built-in ones, with so many to train on."""
        return cls(
            people.load("train", limit=pictures), people.load("validation"), people.load("test")
        )

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Pictures to test, to validate and to train on."""
        return len(self.test), len(self.validation), len(self.train)


def measure_scaling(
    splits: Splits | None = None,
    *,
    widths=WIDTHS,
    resolutions=RESOLUTIONS,
    rates=RATES,
    profile: TrainingProfile = PROFILE,
    path: str | Path | None = None,
    progress: bool = True,
) -> ScalingResults:
    """Tune and train one network for every width and resolution, and measure them.

    Parameters
    ----------
    splits : Splits, optional
        Without it, 4,000 of the built-in training pictures and all others.
    widths, resolutions : sequences
    rates : sequence of float
        Learning rates; `tinylab.models.tuning.tried` goes on beyond them, for each network, while
        its best is the first or the last.
    profile : TrainingProfile
        Its learning rate is replaced.
    path : path, optional
        Where the table is written as JSON after each training; what it already holds is not trained
        again.
    progress : bool

    Returns
    -------
    ScalingResults
        Accuracy and area under the ROC curve on the test scenes.

    Raises
    ------
    ValueError
        If there is a file that holds another study, or none.
    """
    splits = splits or Splits.load(4000)
    path = Path(path) if path is not None else None
    empty = ScalingResults((), *splits.sizes, profile.epochs)
    before = begun(path, empty) if path else empty
    rows = list(before.trials)

    def results() -> ScalingResults:
        return dataclasses.replace(before, trials=tuple(rows))

    def measured(width: float, resolution: int, rate: float) -> float:
        for row in rows:
            if (row.width, row.resolution, row.learning_rate) == (width, resolution, rate):
                return row.validation_auc
        network = (1.0, width, resolution)
        rows.append(ScalingRow(**figures_of(network, rate, 0, splits, profile)))
        if path:
            write_study(results(), path)
        return rows[-1].validation_auc

    points = [(width, resolution) for resolution in resolutions for width in widths]
    for point in tqdm(points, disable=not progress):
        tried("learning rate", rates, lambda rate, point=point: measured(*point, rate))
    return results()


def figures_of(
    network: tuple[float, float, int], rate: float, seed: int, splits: Splits, profile
) -> dict[str, float]:
    """Train a network of a depth, width and resolution, and measure it.

    Returns
    -------
    dict of str to float
        The fields that `ScalingRow` and `DoublingRow` have in common.
    """
    depth, width, resolution = network
    keras.utils.set_random_seed(seed)
    model = mobilenet_v1(width, resolution, depth=depth)
    run = train(
        model,
        shrink(splits.train.images, resolution),
        splits.train.labels,
        profile=dataclasses.replace(profile, learning_rate=rate),
        disturb=disturber(LIGHT, resolution),
        options=TrainingOptions(seed=seed, progress=False),
    )
    validation, test = (
        model.predict(inputs(shrink(split.images, resolution)), batch_size=200, verbose=0)
        for split in (splits.validation, splits.test)
    )
    figures = {
        "width": width,
        "resolution": resolution,
        "learning_rate": rate,
        "parameters": folded_parameters(model),
        "macs": multiply_accumulates(model),
        "largest_activation_bytes": largest_activation(model),
        "validation_auc": _auc(splits.validation.labels, validation),
        "accuracy": round(accuracy(splits.test.labels, test), 4),
        "auc": _auc(splits.test.labels, test),
        "training_s": round(run.seconds, 1),
    }
    del model
    keras.backend.clear_session()  # what a finished training keeps, as far as Keras lets go of it
    gc.collect()
    return figures


def _auc(labels, scores) -> float:
    return round(float(roc_auc_score(labels, scores[:, 1])), 4)


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
