"""A model that learns a new camera from a few pictures, meta-trained from the reference model.

`tinylab train vww-adapt` runs `train_reference`. Meta-training sees the training split through
training cameras; every choice is made on the validation split through validation cameras; the test
split through test cameras, whose parameters lie outside of all that was seen before, is measured
once at the end.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import keras
from tqdm.auto import tqdm

from tinylab.adapt.few_shot.camera_pools import pool
from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.meta import MetaSettings, meta_train
from tinylab.adapt.few_shot.results import FewShotResults
from tinylab.adapt.few_shot.study import LEARNING_RATES, STEPS, FewShotSettings, Method, compare
from tinylab.models import checkpoints
from tinylab.recipes.figures import FewShotFigures, plain
from tinylab.recipes.visual_wake_words_sparse_update import SparseRecipe, sparse_reference

__all__ = [
    "META",
    "PROFILES",
    "SCOPE",
    "FewShotRecipe",
    "few_shot_results",
    "meta_starts",
    "train_reference",
]

APPLICATION, STAGE = "visual_wake_words", "adapt"
SCOPE = "last_2_blocks"
"""What few-shot learning may change; all below is the factory's and stays frozen in flash."""


@dataclass(frozen=True)
class FewShotRecipe:
    """How much of what.

    Attributes
    ----------
    cameras, validation_cameras, test_cameras : int
        Of each family.
    pictures : int
        By each training camera.
    iterations : int
        Of meta-training.
    draws, queries : int
        Support sets for each camera in validation and test, and query pictures of each class.
    sparse : SparseRecipe
    learning_rates, steps : tuple
        What is tried for every method on the validation cameras.
    """

    cameras: int
    validation_cameras: int
    test_cameras: int
    pictures: int
    iterations: int
    draws: int
    queries: int
    sparse: SparseRecipe
    learning_rates: tuple[float, ...] = LEARNING_RATES
    steps: tuple[int, ...] = STEPS


PROFILES: Mapping[str, FewShotRecipe] = MappingProxyType(
    {
        "quick": FewShotRecipe(2, 1, 1, 60, 20, 1, 20, SparseRecipe(1, 1, 10, (64, 256))),
        "full": FewShotRecipe(4, 1, 3, 80, 600, 1, 60, SparseRecipe()),
    }
)

META: Mapping[str, MetaSettings] = MappingProxyType(
    {
        "joint": MetaSettings("joint", tasks_per_iteration=2, queries=10),
        "Reptile": MetaSettings(
            "reptile", tasks_per_iteration=2, queries=10, inner_rate=0.03, outer_rate=0.5
        ),
        "first-order MAML": MetaSettings(
            "first_order", tasks_per_iteration=2, queries=10, inner_rate=0.03
        ),
        "MAML": MetaSettings("maml", tasks_per_iteration=2, queries=10, inner_rate=0.03),
    }
)
"""How each method trains; everything else is the same for all four."""


def train_reference(
    profile: str = "full",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    sparse: bool = True,
    progress: bool = True,
) -> FewShotFigures:
    """Meta-train, compare, choose on the validation cameras, and write the chosen model.

    Parameters
    ----------
    profile : {"quick", "full"}
    seed : int
    directory : path, optional
        Where the checkpoint goes; by default the learner's work folder.
    sparse : bool
        Also measure sparse updates, which takes as long as all the rest.
    progress : bool

    Returns
    -------
    FewShotFigures
        As they are in the JSON beside the model.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    recipe, factory = PROFILES[profile], checkpoints.load(APPLICATION, "train").model
    keras.utils.set_random_seed(seed)
    learner = Learner(factory, SCOPE)
    starts = meta_starts(learner, recipe, seed=seed, progress=progress)
    table = few_shot_results(learner, starts, recipe, seed=seed, progress=progress)
    chosen = max(META, key=lambda name: table.row(name, 5).validation_accuracy)
    update = None
    if sparse:
        results = sparse_reference(factory, recipe.sparse, seed=seed, progress=progress)
        update = _rounded(dataclasses.asdict(results))
    figures = FewShotFigures(
        accuracy=round(table.row(chosen, 5).interval.mean, 4),
        profile=profile,
        seed=seed,
        method=chosen,
        scope=SCOPE,
        few_shot=_rounded(dataclasses.asdict(table)),
        meta_training={name: dataclasses.asdict(_settings(name, recipe, seed)) for name in META},
        sparse_update=update,
    )
    model = learner.model(starts[chosen])
    checkpoints.save(model, APPLICATION, STAGE, metrics=plain(figures), directory=directory)
    return figures


def meta_starts(
    learner: Learner, recipe: FewShotRecipe, *, seed: int = 0, progress: bool = True
) -> dict[str, Sequence]:
    """The initial weights that each method of `META` finds on the training cameras."""
    training = pool(
        "train",
        recipe.cameras,
        learner.features,
        pictures=recipe.pictures,
        seed=seed,
        progress=progress,
    )
    runs = {
        name: meta_train(learner, training, _settings(name, recipe, seed), progress=progress)
        for name in META
    }
    return {name: run.weights for name, run in runs.items()}


def few_shot_results(
    learner: Learner,
    starts: Mapping[str, Sequence],
    recipe: FewShotRecipe,
    *,
    seed: int = 0,
    progress: bool = True,
) -> FewShotResults:
    """Every method on the test cameras, tuned on the validation cameras."""
    pictures = 2 * (recipe.queries + 10)
    validation, test = (
        pool(split, count, learner.features, pictures=pictures, seed=seed + 1, progress=progress)
        for split, count in (
            ("validation", recipe.validation_cameras),
            ("test", recipe.test_cameras),
        )
    )
    classifier = [float(name in learner.names[-2:]) for name in learner.names]
    methods = {
        "unchanged": Method(learner.start, adapts=False),
        "linear probe": Method(learner.start, masks=classifier),
        "fine-tuning": Method(learner.start),
    } | {name: Method(weights) for name, weights in starts.items()}
    settings = FewShotSettings(
        draws=recipe.draws,
        queries=recipe.queries,
        learning_rates=recipe.learning_rates,
        steps=recipe.steps,
        seed=seed,
        progress=partial(tqdm, unit="row", desc="compare", disable=not progress),
    )
    return compare(learner, methods, validation, test, settings)


def _settings(name: str, recipe: FewShotRecipe, seed: int) -> MetaSettings:
    return dataclasses.replace(META[name], iterations=recipe.iterations, seed=seed)


def _rounded(figures: dict, digits: int = 4) -> dict:
    """The same figures with shorter decimals, for a file that people can read."""
    return json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), digits))
