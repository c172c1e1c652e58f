"""Which weights of the visual-wake-words model to train in little RAM, measured.

Contributions are measured on the validation split through validation cameras. The plans chosen by
them are then measured once, on the test split through test cameras.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import keras
from tqdm.auto import tqdm

from tinylab.adapt.few_shot.camera_pools import pool
from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.study import Method, draw_tasks, measured
from tinylab.adapt.sparse_update.choice import SparsePlan, best_plans
from tinylab.adapt.sparse_update.memory import Unit, plan_bytes, units
from tinylab.adapt.sparse_update.results import SparseRow, SparseUpdateResults
from tinylab.adapt.sparse_update.training import SparseTrainer, measure_contributions

__all__ = ["SparseRecipe", "sparse_reference"]

CONTRIBUTION_RATES, CONTRIBUTION_STEPS = (0.03,), (5,)
RATES, STEPS = (0.001, 0.003, 0.01, 0.03), (5, 10)


@dataclass(frozen=True)
class SparseRecipe:
    """How much of what.

    Attributes
    ----------
    validation_cameras, test_cameras : int
        Of each family.
    queries : int
        Query pictures of each class.
    budgets_KiB : tuple of int
    shots : int
        Pictures of each class to learn from.
    """

    validation_cameras: int = 1
    test_cameras: int = 3
    queries: int = 40
    budgets_KiB: tuple[int, ...] = (64, 96, 128, 192, 256, 384)
    shots: int = 5


def sparse_reference(
    factory: keras.Model, recipe: SparseRecipe, *, seed: int = 0, progress: bool = True
) -> SparseUpdateResults:
    """Contributions, the best plan of each budget, and what it reaches.

    Training starts from the factory's model.

    Parameters
    ----------
    factory : keras.Model
    recipe : SparseRecipe
    seed : int
    progress : bool
    """
    all_units, bar = units(factory), partial(tqdm, disable=not progress)
    on_validation = _trainer(
        factory, all_units, recipe, "validation", recipe.validation_cameras, seed
    )
    on_test = _trainer(factory, all_units, recipe, "test", recipe.test_cameras, seed)
    contributions = measure_contributions(
        on_validation,
        all_units,
        learning_rates=CONTRIBUTION_RATES,
        steps=CONTRIBUTION_STEPS,
        progress=partial(bar, unit="layer", desc="contributions"),
    )
    budgets = [1024 * budget for budget in recipe.budgets_KiB]
    plans = best_plans(all_units, contributions, budgets)
    chosen = [(b, plan) for b, plan in zip(budgets, plans, strict=True) if plan is not None]
    chosen.append((0, _everything(all_units, contributions.bias_loss[0])))
    rows = [
        _row(*choice, on_validation, on_test) for choice in bar(chosen, unit="budget", desc="plans")
    ]
    return SparseUpdateResults(
        units=all_units,
        contributions=contributions,
        rows=tuple(rows[:-1]),
        unchanged=_unchanged(factory, recipe, seed),
        everything=rows[-1],
        shots=recipe.shots,
        queries=2 * recipe.queries,
    )


def _pool(split: str, count: int, recipe: SparseRecipe, seed: int, features):
    """The same pictures through the same cameras, whatever the features."""
    pictures = 2 * (recipe.queries + recipe.shots)
    return pool(split, count, features, pictures=pictures, seed=seed + 2)


def _trainer(
    factory, all_units, recipe: SparseRecipe, split: str, count: int, seed: int
) -> SparseTrainer:
    make_pool = partial(_pool, split, count, recipe, seed)
    return SparseTrainer(
        factory, all_units, make_pool, shots=recipe.shots, queries=recipe.queries, seed=seed
    )


def _everything(all_units: Sequence[Unit], loss: float) -> SparsePlan:
    """All kernels and biases; its loss was not predicted, so that of the biases stands for it."""
    kernels = {unit.name: 1.0 for unit in all_units[:-1]}
    return SparsePlan(0, tuple(kernels.items()), plan_bytes(all_units, 0, kernels), loss)


def _row(
    budget: int, plan: SparsePlan, on_validation: SparseTrainer, on_test: SparseTrainer
) -> SparseRow:
    """Learning rate and steps by the validation cameras, accuracy on the test cameras."""
    kernels = dict(plan.kernels)
    rate, steps, _ = on_validation.tune(plan.first_bias, kernels, learning_rates=RATES, steps=STEPS)
    accuracies = on_test.accuracies(plan.first_bias, kernels, learning_rate=rate, steps=steps)
    return SparseRow(budget, plan, tuple(map(float, accuracies)), rate, steps)


def _unchanged(factory: keras.Model, recipe: SparseRecipe, seed: int) -> tuple[float, ...]:
    """Accuracy on the same test tasks before anything is learned."""
    learner = Learner(factory, "last_layer")
    test = _pool("test", recipe.test_cameras, recipe, seed, learner.features)
    tasks = draw_tasks(test, shots=recipe.shots, queries=recipe.queries, seed=seed)
    accuracies = measured(learner, Method(learner.start), tasks, learning_rate=0.0, steps=[0])
    return tuple(map(float, accuracies[:, 0]))
