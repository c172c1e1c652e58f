"""A model that learns a new camera from a few pictures: the reference model and cameras in, initial
weights and honest figures out.

`tinylab train vww-adapt` runs `train_reference`. Meta-training sees the training split through
training cameras; every choice is made on the validation split through validation cameras; the test
split through test cameras, whose parameters lie outside of all that was seen before, is measured
once at the end. `sparse_reference` measures which weights to train within a budget of RAM.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import keras
import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.evaluation import Method, accuracies, compare, draw_tasks
from tinylab.adapt.few_shot import FewShotTable
from tinylab.adapt.learner import Learner
from tinylab.adapt.meta import MetaSettings, meta_train
from tinylab.adapt.sparse_memory import Unit, plan_bytes, units
from tinylab.adapt.sparse_sweep import SparseRow, SparseSweep
from tinylab.adapt.sparse_training import SparseTrainer, measure_contributions
from tinylab.adapt.sparse_update import SparsePlan, best_plans
from tinylab.adapt.tasks import CameraPool, camera_pool
from tinylab.data import people
from tinylab.data.cameras import FAMILIES, random_camera
from tinylab.models import checkpoints

__all__ = ["META", "PROFILES", "SCOPE", "Recipe", "cameras", "pool", "train_reference"]

APPLICATION, STAGE = "visual_wake_words", "adapt"
SCOPE = "last_2_blocks"
"""What few-shot learning may change; all below is the factory's and stays frozen in flash."""

BUDGETS_KIB = (64, 80, 96, 128, 160, 192, 256, 384, 512)
SPARSE_RATES, SPARSE_STEPS = (0.01, 0.03, 0.1), (5, 10, 20)


@dataclass(frozen=True)
class Recipe:
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
    sparse_queries : int
        Query pictures of each class in the measurements of sparse updates.
    budgets_KiB : tuple of int
    """

    cameras: int
    validation_cameras: int
    test_cameras: int
    pictures: int
    iterations: int
    draws: int
    queries: int
    sparse_queries: int
    budgets_KiB: tuple[int, ...] = BUDGETS_KIB


PROFILES: Mapping[str, Recipe] = MappingProxyType(
    {
        "quick": Recipe(2, 1, 1, 60, 20, 1, 20, 20, (64, 256)),
        "full": Recipe(12, 2, 4, 240, 1000, 3, 100, 100),
    }
)

META: Mapping[str, MetaSettings] = MappingProxyType(
    {
        "joint": MetaSettings("joint", outer_rate=1e-3),
        "Reptile": MetaSettings("reptile", inner_rate=0.03, inner_steps=4, outer_rate=0.5),
        "first-order MAML": MetaSettings("first_order", inner_rate=0.03, inner_steps=3),
        "MAML": MetaSettings("maml", inner_rate=0.03, inner_steps=3),
    }
)
"""How each method trains; rates were chosen on the validation cameras."""


def cameras(split: str, per_family: int, seed: int) -> list:
    """Cameras of a split, as many of each family.

    Parameters
    ----------
    split : {"train", "validation", "test"}
    per_family : int
    seed : int
    """
    rng = np.random.default_rng([seed, ("train", "validation", "test").index(split)])
    return [random_camera(rng, family, split) for family in FAMILIES for _ in range(per_family)]


def pool(
    split: str, per_family: int, features, *, pictures: int, seed: int = 0, progress: bool = False
) -> CameraPool:
    """Features of a split's pictures through its cameras.

    Parameters
    ----------
    split : {"train", "validation", "test"}
        Of the scenes and of the cameras alike.
    per_family : int
        Cameras of each family.
    features : callable
        uint8 pictures to features.
    pictures : int
        By each camera.
    """
    scenes = people.load(split)
    bar = partial(tqdm, unit="camera", desc=split, disable=not progress)
    chosen = cameras(split, per_family, seed)
    return camera_pool(
        scenes.images, scenes.labels, chosen, features, pictures=pictures, seed=seed, progress=bar
    )


def train_reference(
    profile: str = "full",
    *,
    seed: int = 0,
    directory: str | Path | None = None,
    sparse: bool = True,
    progress: bool = True,
) -> dict:
    """Meta-train, compare, choose on the validation cameras, and write the chosen model.

    Parameters
    ----------
    profile : {"quick", "full"}
    seed : int
    directory : path, optional
        Where the checkpoint goes; by default the learner's work folder.
    sparse : bool
        Also measure sparse updates, which takes longer than all the rest.
    progress : bool

    Returns
    -------
    dict
        The figures, as they stand in the JSON beside the model.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {tuple(PROFILES)}, got {profile!r}")
    recipe, factory = PROFILES[profile], checkpoints.load(APPLICATION, "train").model
    keras.utils.set_random_seed(seed)
    learner = Learner(factory, SCOPE)
    starts = meta_starts(learner, recipe, seed=seed, progress=progress)
    table = few_shot_table(learner, starts, recipe, seed=seed, progress=progress)
    chosen = max(META, key=lambda name: table.row(name, 5).validation_accuracy)
    figures = {
        "accuracy": round(table.row(chosen, 5).interval.mean, 4),
        "profile": profile,
        "seed": seed,
        "method": chosen,
        "scope": SCOPE,
        "few_shot": _rounded(dataclasses.asdict(table)),
        "meta_training": {
            name: dataclasses.asdict(_settings(name, recipe, seed)) for name in META
        },
    }
    if sparse:
        sweep = sparse_reference(factory, recipe, seed=seed, progress=progress)
        figures["sparse_update"] = _rounded(dataclasses.asdict(sweep))
    model = learner.model(starts[chosen])
    checkpoints.save(model, APPLICATION, STAGE, metrics=figures, directory=directory)
    return figures


def meta_starts(
    learner: Learner, recipe: Recipe, *, seed: int = 0, progress: bool = True
) -> dict[str, Sequence]:
    """The initial weights that each method of `META` finds on the training cameras."""
    training = pool(
        "train", recipe.cameras, learner.features, pictures=recipe.pictures, seed=seed, progress=progress
    )
    runs = {
        name: meta_train(learner, training, _settings(name, recipe, seed), progress=progress)
        for name in META
    }
    return {name: run.weights for name, run in runs.items()}


def few_shot_table(
    learner: Learner, starts: Mapping[str, Sequence], recipe: Recipe, *, seed: int = 0,
    progress: bool = True,
) -> FewShotTable:  # fmt: skip
    """Every method on the test cameras, tuned on the validation cameras."""
    pictures = 2 * (recipe.queries + 10)
    validation, test = (
        pool(split, count, learner.features, pictures=pictures, seed=seed + 1, progress=progress)
        for split, count in (
            ("validation", recipe.validation_cameras), ("test", recipe.test_cameras),
        )
    )  # fmt: skip
    classifier = [float(name in learner.names[-2:]) for name in learner.names]
    methods = {
        "unchanged": Method(learner.start, adapts=False),
        "linear probe": Method(learner.start, masks=classifier),
        "fine-tuning": Method(learner.start),
    } | {name: Method(weights) for name, weights in starts.items()}
    return compare(
        learner, methods, validation, test, draws=recipe.draws, queries=recipe.queries, seed=seed,
        progress=partial(tqdm, unit="row", desc="compare", disable=not progress),
    )  # fmt: skip


def sparse_reference(
    factory: keras.Model, recipe: Recipe, *, shots: int = 10, seed: int = 0, progress: bool = True
) -> SparseSweep:
    """Contributions on validation cameras, the best plan of each budget, its test accuracy.

    Training starts from the factory's model with `shots` pictures of each class.
    """
    found = units(factory)
    pictures = 2 * (recipe.sparse_queries + shots)
    on_validation, on_test = (
        SparseTrainer(
            factory, found, partial(pool, split, count, pictures=pictures, seed=seed + 2),
            shots=shots, queries=recipe.sparse_queries, seed=seed,
        )
        for split, count in (
            ("validation", recipe.validation_cameras), ("test", recipe.test_cameras),
        )
    )  # fmt: skip
    contributions = measure_contributions(
        on_validation, found, learning_rates=SPARSE_RATES[1:2], steps=SPARSE_STEPS,
        progress=partial(tqdm, unit="layer", desc="contributions", disable=not progress),
    )  # fmt: skip
    budgets = [1024 * budget for budget in recipe.budgets_KiB]
    plans = best_plans(found, contributions, budgets)
    fitting = [(b, plan) for b, plan in zip(budgets, plans, strict=True) if plan is not None]
    rows = [
        _sparse_row(budget, plan, on_validation, on_test)
        for budget, plan in tqdm(fitting, unit="budget", disable=not progress)
    ]
    return SparseSweep(
        units=found,
        contributions=contributions,
        rows=tuple(rows),
        unchanged=_unchanged(factory, recipe, shots, seed),
        everything=_sparse_row(0, _everything(found), on_validation, on_test),
        shots=shots,
        queries=2 * recipe.sparse_queries,
    )


def _everything(found: Sequence[Unit]) -> SparsePlan:
    kernels = {unit.name: 1.0 for unit in found[:-1]}
    return SparsePlan(0, tuple(kernels.items()), plan_bytes(found, 0, kernels), 0.0)


def _sparse_row(
    budget: int, plan: SparsePlan, on_validation: SparseTrainer, on_test: SparseTrainer
) -> SparseRow:
    kernels = dict(plan.kernels)
    rate, steps, _ = on_validation.tune(
        plan.first_bias, kernels, learning_rates=SPARSE_RATES, steps=SPARSE_STEPS
    )
    found = on_test.accuracies(plan.first_bias, kernels, learning_rate=rate, steps=steps)
    return SparseRow(budget, plan, tuple(map(float, found)), rate, steps)


def _unchanged(factory: keras.Model, recipe: Recipe, shots: int, seed: int) -> tuple[float, ...]:
    """Accuracy on the same test tasks before anything is learned."""
    learner = Learner(factory, "last_layer")
    pictures = 2 * (recipe.sparse_queries + shots)
    test = pool("test", recipe.test_cameras, learner.features, pictures=pictures, seed=seed + 2)
    tasks = draw_tasks(test, shots=shots, queries=recipe.sparse_queries, seed=seed)
    found = accuracies(learner, Method(learner.start), tasks, learning_rate=0.0, steps=[0])
    return tuple(map(float, found[:, 0]))


def _settings(name: str, recipe: Recipe, seed: int) -> MetaSettings:
    return dataclasses.replace(META[name], iterations=recipe.iterations, seed=seed)


def _rounded(figures: dict, digits: int = 4) -> dict:
    """The same figures with shorter decimals, for a file that people can read."""
    return json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), digits))
