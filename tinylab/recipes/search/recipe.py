"""The keyword space, measured: one super-network, all its slices, and some networks trained alone.

`tinylab train search FOLDER` makes the tables that the notebook and its explorers look things up
in. Each part is kept in the folder when it is done, so that a run that was stopped goes on.
"""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
from tqdm.auto import tqdm

from tinylab.data.augment import LIGHT, STRONG
from tinylab.files import replacing
from tinylab.models import checkpoints
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.recipes.keyword_features import Examples, examples
from tinylab.recipes.search.joint import FRESH_CLIPS, PROGRAMS, measure_joint
from tinylab.recipes.search.kept import kept
from tinylab.scoring.classification import measured_accuracy
from tinylab.search.joint.settings import Compression
from tinylab.search.network import build_network
from tinylab.search.proxies import gradient_norm, naswot, synflow
from tinylab.search.results import AloneRow, SearchResults, UncalibratedRow
from tinylab.search.space import KEYWORDS, Architecture, Space
from tinylab.search.super_network.network import SuperNetwork, accuracy_of, measure_all
from tinylab.search.super_network.training import SuperTraining, train_super_network

__all__ = ["RECIPES", "SearchRecipe", "measure_space"]

PROXY_EXAMPLES = 48


@dataclasses.dataclass(frozen=True)
class SearchRecipe:
    """How much is trained and measured; clips are for each of twelve classes.

    Parameters
    ----------
    space : Space
    training_clips, calibration_clips, validation_clips : int
    super_training : SuperTraining
    alone_clips, alone_pool : int
        For each network that is trained alone, as `alone_profile` says: drawn from the first so
        many training clips.
    alone_profile : TrainingProfile
    alone : tuple of Architecture
    fresh_clips : int
    programs : tuple of (Architecture, Compression)
        Of the joint search, see `measure_joint`.
    """

    space: Space = KEYWORDS
    training_clips: int = 1600
    calibration_clips: int = 34
    validation_clips: int = 67
    super_training: SuperTraining = SuperTraining(epochs=8)
    alone_clips: int = 240
    alone_pool: int = 400
    alone_profile: TrainingProfile = TrainingProfile(epochs=8, batch_size=50, learning_rate=3e-3)
    alone: tuple[Architecture, ...] = tuple(
        Architecture(stride, widths)
        for stride, widths in (
            (2, (64,) * 5),
            (2, (32,) * 5),
            (2, (16,) * 5),
            (2, (64,) * 3),
            (2, (16, 32, 64)),
            (3, (32,) * 5),
            (3, (16, 32, 64, 64)),
            (3, (32,) * 3),
            (4, (64,) * 5),
            (4, (32,) * 4),
            (4, (64, 16, 32)),
            (4, (16, 16)),
            (2, (64, 64)),
            (3, (32, 64)),
            (2, (64, 16, 16, 64)),
            (4, (16,) * 5),
        )
    )
    fresh_clips: int = FRESH_CLIPS
    programs: tuple[tuple[Architecture, Compression], ...] = PROGRAMS


def measure_space(folder: str | Path, recipe: SearchRecipe = SearchRecipe()) -> SearchResults:
    """Train the super-network, measure every slice, train some alone, and write both tables.

    They are `keywords.json` and, with every slice compressed and with exits, `keywords_joint.npz`.

    Parameters
    ----------
    folder : path
        Where each part is kept; what is there already is not made again.
    recipe : SearchRecipe
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    clips = kept(folder / "clips.pkl", lambda: _clips(recipe))
    model = checkpoints.load("keyword_spotting", "train", origin="reference").model
    network = SuperNetwork(recipe.space, model)
    trained = kept(folder / "weights.pkl", lambda: _trained(network, model, clips, recipe))
    for variable, value in zip(network.variables, trained["weights"], strict=True):
        variable.assign(value)
    table = kept(folder / "table.pkl", lambda: _table(network, clips))
    alone = kept(folder / "alone.pkl", lambda: _alone(clips, recipe, folder))
    results = SearchResults(
        strides=recipe.space.strides,
        widths=recipe.space.widths,
        accuracy=tuple(round(table["accuracy"][one], 5) for one in recipe.space.architectures),
        examples=len(clips["validation"].y),
        calibration_examples=len(clips["calibration"].y),
        largest_alone=round(measured_accuracy(model, *clips["validation"][:2]), 5),
        alone=tuple(
            AloneRow(one.stride, one.widths, shared=round(table["accuracy"][one], 5), **figures)
            for one, figures in zip(recipe.alone, alone["rows"], strict=True)
        ),
        uncalibrated=_uncalibrated(network, clips, table["accuracy"]),
        training={
            "clips": len(clips["training"].y),
            **dataclasses.asdict(recipe.super_training),
            "alone_clips": 12 * recipe.alone_clips,
            "alone_epochs": recipe.alone_profile.epochs,
            "super_network_cpu_s": trained["cpu_s"],
            "table_cpu_s": table["cpu_s"],
            "alone_cpu_s": alone["cpu_s"],
        },
    )
    with replacing(folder / "keywords.json") as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(results)) + "\n", encoding="utf-8")
    measure_joint(folder, network, clips, fresh_clips=recipe.fresh_clips, programs=recipe.programs)
    return results


RECIPES = {
    "quick": SearchRecipe(),
    "full": SearchRecipe(
        training_clips=3200,
        super_training=SuperTraining(epochs=20),
        alone_clips=400,
        alone_profile=TrainingProfile(epochs=8, batch_size=50, learning_rate=3e-3),
    ),
}
"""Some twenty minutes of one core, or two hours; the bundled table is a quick one."""


def _clips(recipe: SearchRecipe) -> dict:
    parts = {
        "training": ("train", recipe.training_clips, STRONG, 0),
        "calibration": ("train", recipe.calibration_clips, LIGHT, 7),
        "validation": ("validation", recipe.validation_clips, LIGHT, 1),
    }
    return {
        name: examples(split, count, augmentation=augmentation, seed=seed, workers=1)
        for name, (split, count, augmentation, seed) in parts.items()
    }


def _trained(network: SuperNetwork, model: keras.Model, clips: dict, recipe: SearchRecipe) -> dict:
    training = clips["training"]
    teacher = model.predict(training.x, batch_size=400, verbose=0)
    train_super_network(
        network,
        training.x,
        training.y,
        teacher,
        recipe.super_training,
        after_epoch=lambda epoch, loss: tqdm.write(f"epoch {epoch + 1}: loss {loss:.3f}"),
    )
    return {"weights": [variable.numpy() for variable in network.variables], "cpu_s": 0.0}


def _table(network: SuperNetwork, clips: dict) -> dict:
    calibration, validation = clips["calibration"].x, clips["validation"]
    measured = measure_all(network, calibration, validation.x, validation.y)
    count = len(network.space.architectures)
    return {"accuracy": dict(tqdm(measured, total=count, desc="slices")), "cpu_s": 0.0}


def _alone(clips: dict, recipe: SearchRecipe, folder: Path) -> dict:
    pool = Examples(*(part[: 12 * recipe.alone_pool] for part in clips["training"]))
    rows = [
        kept(
            folder / f"alone-{number}.pkl",
            lambda: _alone_figures(one, pool, clips["validation"], recipe),
        )
        for number, one in enumerate(tqdm(recipe.alone, desc="alone"))
    ]
    return {"rows": rows, "cpu_s": 0.0}


def _alone_figures(
    one: Architecture, pool: Examples, validation: Examples, recipe: SearchRecipe
) -> dict[str, float]:
    """Guess what one network is worth, train it on clips of every class, and measure it."""
    keras.utils.set_random_seed(1)
    model = build_network(one)
    chosen = np.random.default_rng(0).permutation(len(pool.y))[: 12 * recipe.alone_clips]
    few = chosen[:PROXY_EXAMPLES]
    x, y = pool.x[few] / pool.x.std(), pool.y[few]
    figures = {
        "gradient_norm": gradient_norm(model, x, y),
        "synflow": synflow(model),
        "naswot": naswot(model, x),
    }
    train(
        model,
        pool.x[chosen],
        pool.y[chosen],
        profile=recipe.alone_profile,
        options=TrainingOptions(seed=1, progress=False),
    )
    figures["alone"] = measured_accuracy(model, validation.x, validation.y)
    return {name: round(float(value), 5) for name, value in figures.items()}


def _uncalibrated(network: SuperNetwork, clips: dict, table: dict) -> tuple[UncalibratedRow, ...]:
    """Some slices with the statistics that the largest network has."""
    widths, stride = network.space.widths, min(network.space.strides)
    chosen = [Architecture(stride, (width,) * depth) for depth in (3, 5) for width in widths]
    calibration, validation = clips["calibration"].x, clips["validation"]
    largest = Architecture(stride, (max(widths),) * 5)
    rows = []
    for one in chosen:
        with network.frozen_statistics(largest, calibration):
            without = accuracy_of(network, one, calibration, validation.x, validation.y)
        rows.append(UncalibratedRow(stride, one.widths, round(table[one], 5), round(without, 5)))
    return tuple(rows)
