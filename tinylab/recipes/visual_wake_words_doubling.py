"""Deeper, wider, sharper, or a share of each: four ways to double the work of a MobileNetV1.

In: the built-in pictures. Out: a table that the notebook's explorer looks up. It takes half an
hour, so the table that `tinylab train vww-doubling` wrote is bundled.

Each network gets the learning rate that serves it best on the validation pictures, and is then
trained with several seeds. The test scenes choose nothing.

Source of the question: Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (2019), section 3.3: depth, width and resolution times alpha, beta and gamma, with
alpha beta^2 gamma^2 about 2.
"""

import dataclasses
import gc
import json
from pathlib import Path

import keras
from sklearn.metrics import roc_auc_score
from tqdm.auto import tqdm

from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.files import replacing
from tinylab.models.augmentation.pictures import LIGHT, disturber, shrink
from tinylab.models.networks.doubling_results import BASE, DoublingResults, DoublingRow
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.recipes.visual_wake_words_scaling import largest_activation
from tinylab.scoring.classification import accuracy

__all__ = ["NETWORKS", "PROFILE", "RATES", "SEEDS", "Splits", "measure_doubling"]

# Depth, width, resolution. Maps of odd size are rounded up where they are halved and blocks are
# whole, so the counted work differs from alpha beta^2 gamma^2: the multipliers are those at which
# all four take 2.09 to 2.12 times the multiply-accumulates of the base. The base is smaller than
# the pictures, so that a sharper one shows more of them and not the same, enlarged.
NETWORKS = {
    BASE: (1.0, 0.25, 64),
    "deeper": (25 / 13, 0.25, 64),
    "wider": (1.0, 0.375, 64),
    "sharper": (1.0, 0.25, 88),
    "all three": (14 / 13, 0.2734375, 80),
}
RATES = (3e-3,)
SEEDS = (0, 1, 2)
PROFILE = TrainingProfile(epochs=5, batch_size=50, learning_rate=3e-3)


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


def measure_doubling(
    splits: Splits | None = None,
    *,
    networks=NETWORKS,
    rates=RATES,
    seeds=SEEDS,
    profile: TrainingProfile = PROFILE,
    path: str | Path | None = None,
    progress: bool = True,
) -> DoublingResults:
    """Tune and train every network, all on the same pictures for as long, and measure them.

    Parameters
    ----------
    splits : Splits, optional
        Without it, 4,000 of the built-in training pictures and all others.
    networks : mapping of str to (depth, width, resolution)
    rates : sequence of float
        Learning rates that are tried with the first seed.
    seeds : sequence of int
    profile : TrainingProfile
        Its learning rate is replaced.
    path : path, optional
        Where the table is written as JSON after each training; what it already holds is not trained
        again.
    progress : bool

    Returns
    -------
    DoublingResults
        Accuracy and area under the ROC curve on the test scenes.
    """
    splits = splits or Splits.load(4000)
    path = Path(path) if path is not None else None
    rows = list(DoublingResults.read(path).rows) if path is not None and path.is_file() else []

    def results() -> DoublingResults:
        return DoublingResults(
            tuple(rows),
            len(splits.test),
            len(splits.validation),
            len(splits.train),
            profile.epochs,
        )

    bar = tqdm(total=len(networks) * (len(rates) + len(seeds) - 1), disable=not progress)
    first, *others = seeds
    # The first seed of every rate, then seed by seed: whoever stops early has all ways alike.
    for rate in rates:
        for way in networks:
            _add(rows, way, networks[way], rate, first, splits, profile)
            _write(results(), path)
            bar.update()
    for seed in others:
        for way in networks:
            rate = results().chosen(way)[0].learning_rate
            _add(rows, way, networks[way], rate, seed, splits, profile)
            _write(results(), path)
            bar.update()
    bar.close()
    return results()


def _write(results: DoublingResults, path: Path | None) -> None:
    if path is not None:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(results), indent=1) + "\n", "utf-8")


def _add(rows: list, way: str, network, rate: float, seed: int, splits: Splits, profile) -> None:
    """Train one network and append its row, unless it is there."""
    known = {(row.way, row.learning_rate, row.seed) for row in rows}
    if (way, rate, seed) in known:
        return
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
        _scores(model, shrink(split.images, resolution))
        for split in (splits.validation, splits.test)
    )
    rows.append(
        DoublingRow(
            way=way,
            depth=round(depth, 4),
            width=width,
            resolution=resolution,
            learning_rate=rate,
            seed=seed,
            parameters=folded_parameters(model),
            macs=multiply_accumulates(model),
            largest_activation_bytes=largest_activation(model),
            validation_auc=_auc(splits.validation.labels, validation),
            accuracy=round(accuracy(splits.test.labels, test), 4),
            auc=_auc(splits.test.labels, test),
            training_s=round(run.seconds, 1),
        )
    )
    del model
    keras.backend.clear_session()  # what a finished training keeps, as far as Keras lets go of it
    gc.collect()


def _scores(model: keras.Model, images):
    return model.predict(inputs(images), batch_size=200, verbose=0)


def _auc(labels, scores) -> float:
    return round(float(roc_auc_score(labels, scores[:, 1])), 4)
