"""Sparse update: the knapsack against brute force, memory by hand, and what a plan trains."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.tasks import CameraPool
from tinylab.adapt.sparse_update.choice import Contributions, Option, best_plan, best_plans
from tinylab.adapt.sparse_update.knapsack import knapsack
from tinylab.adapt.sparse_update.memory import base_bytes, plan_bytes, units
from tinylab.adapt.sparse_update.training import SparseTrainer, measure_contributions, plan_masks
from tinylab.data.cameras import INFRARED, WIDE_ANGLE

ITEMS = st.tuples(st.integers(-3, 20).map(float), st.integers(0, 30))
GROUPS = st.lists(st.lists(ITEMS, max_size=3), max_size=5)


@settings(max_examples=150)
@given(groups=GROUPS, budget=st.integers(0, 60))
def test_knapsack_equals_brute_force(groups, budget):
    value, chosen = knapsack(groups, budget)
    feasible = [
        sum(group[index][0] for group, index in zip(groups, places) if index >= 0)
        for places in itertools.product(*(range(-1, len(group)) for group in groups))
        if sum(group[p][1] for group, p in zip(groups, places) if p >= 0) <= budget
    ]
    assert value == max(feasible)
    taken = [group[index] for group, index in zip(groups, chosen) if index >= 0]
    assert (
        sum(option[0] for option in taken) == value and sum(option[1] for option in taken) <= budget
    )


def test_a_budget_below_zero():
    with pytest.raises(ValueError, match="pass 0 or more"):
        knapsack([], -1)


@pytest.fixture(scope="module")
def chain(small_cnn):
    return units(small_cnn)


def test_units_are_convolutions_with_their_batch_norm(chain, small_cnn):
    assert [unit.kind for unit in chain] == [
        "Conv2D",
        "DepthwiseConv2D",
        "Conv2D",
        "DepthwiseConv2D",
        "Conv2D",
        "Dense",
    ]
    assert [unit.block for unit in chain] == [3, 2, 2, 1, 1, 0]
    assert [unit.kernel_weights for unit in chain] == [64, 72, 64, 72, 64, 96]
    assert chain[0].bias.endswith("/beta") and chain[-1].bias == f"{chain[-1].name}/bias"
    assert chain[1].shares == (1.0,) and chain[2].shares[-1] == 1.0 and len(chain[2].shares) == 3


def test_bytes_by_hand(chain):
    """6 x 3 positions of 8 channels: 144 values between, 72 into and 24 out of the pooling."""
    work_int8, work_float = 144 + 144, 4 * (144 + 144)
    classifier = 8 * (24 * 4 + 4) + 24
    assert base_bytes(chain, 5) == classifier + max(work_int8, 4 * 4)
    assert base_bytes(chain, 4) == classifier + 8 * 8 + 144 // 8 + max(work_int8, 4 * 144)
    assert base_bytes(chain, 3) == classifier + 2 * (8 * 8 + 144 // 8) + work_float
    half = 8 * 32 + 72
    assert plan_bytes(chain, 3, {chain[4].name: 0.5}) == base_bytes(chain, 3) + half
    assert chain[3].kernel_bytes(1.0) == 8 * 72 + 144


def test_bytes_of_the_reference_architecture():
    """MobileNetV1-0.25 at 96 pixels: 210,850 weights; training all of them needs megabytes."""
    mobilenet = pytest.importorskip("tinylab.models.networks.mobilenet").mobilenet_v1()
    chain = units(mobilenet)
    assert sum(unit.kernel_weights + unit.biases for unit in chain) == 210_850
    assert len(chain) == 28 and chain[0].block == 14
    everything = plan_bytes(chain, 0, {unit.name: 1.0 for unit in chain[:-1]})
    assert base_bytes(chain, 27) < 64 * 1024 < 256 * 1024 < everything


def test_plans_that_cannot_be(chain):
    with pytest.raises(ValueError, match="not among the units from 4"):
        plan_bytes(chain, 4, {chain[3].name: 1.0})
    with pytest.raises(ValueError, match="units 0 to 5"):
        base_bytes(chain, 6)


def test_models_that_are_no_chain(small_residual):
    with pytest.raises(ValueError, match="chain"):
        units(small_residual)
    inputs = keras.Input((4, 4, 2))
    x = keras.layers.Flatten()(keras.layers.Conv2D(2, 1, use_bias=False)(inputs))
    with pytest.raises(ValueError, match="bias"):
        units(keras.Model(inputs, keras.layers.Dense(2)(x)))


@pytest.fixture(scope="module")
def imagined(chain):
    """Contributions out of the hat, some of them harmful."""
    rng = np.random.default_rng(11)
    options = [
        Option(unit_index, share, float(rng.normal(0.01, 0.02)))
        for unit_index, unit in enumerate(chain[:-1])
        for share in unit.shares[-2:]
    ]
    return Contributions(tuple(rng.uniform(0.6, 0.8, len(chain))), tuple(options))


def brute_force(chain, contributions, budget):
    """Lowest loss over every depth and every combination of kernels."""
    best = np.inf
    for first in range(len(chain)):
        groups = [
            [(chain[unit].name, share, gain) for share, gain in contributions.gains(unit).items()]
            for unit in range(first, len(chain) - 1)
        ]
        for picked in itertools.product(*([None, *group] for group in groups)):
            taken = [option for option in picked if option]
            if plan_bytes(chain, first, {name: share for name, share, _ in taken}) <= budget:
                best = min(
                    best, contributions.bias_loss[first] - sum(option[2] for option in taken)
                )
    return best


@pytest.mark.parametrize("budget", [1_200, 2_200, 2_800, 3_500, 10_000])
def test_best_plan_equals_brute_force(chain, imagined, budget):
    plan = best_plan(chain, imagined, budget)
    assert plan.predicted_loss == pytest.approx(brute_force(chain, imagined, budget))
    assert plan.bytes == plan_bytes(chain, plan.first_bias, dict(plan.kernels)) <= budget


def test_one_pass_serves_every_budget(chain, imagined):
    budgets = [100, 1_500, 2_500, 4_000]
    together = best_plans(chain, imagined, budgets)
    assert together == [best_plan(chain, imagined, budget) for budget in budgets]
    assert together[0] is None
    assert together[1].predicted_loss >= together[2].predicted_loss >= together[3].predicted_loss


@pytest.fixture(scope="module")
def trainer(small_cnn, chain, clips):
    x, y = np.tile(clips[0], (2, 1, 1, 1)), np.tile(clips[1], 2)

    def pool(features):
        seen = np.stack([features(x * gain) for gain in (-1.0, 0.5)])
        return CameraPool((INFRARED, WIDE_ANGLE), seen, np.stack([y, y]))

    return SparseTrainer(small_cnn, chain, pool, shots=3, queries=10)


def test_a_plan_trains_what_it_names_and_nothing_else(small_cnn, chain, clips):
    learner = Learner(small_cnn, "last_2_blocks")
    masks = plan_masks(learner, chain, 3, {chain[4].name: 0.5})
    adapted = learner.adapt(
        learner.start, learner.features(clips[0]), clips[1], 0.05, 2, masks=masks
    )
    changed = {
        name: np.asarray(old) != np.asarray(new)
        for name, old, new in zip(learner.names, learner.start, adapted, strict=True)
    }
    moved = {name for name, where in changed.items() if where.any()}
    classifier = chain[-1].name
    assert moved == {
        chain[3].bias,
        chain[4].bias,
        f"{chain[4].name}/kernel",
        f"{classifier}/kernel",
        f"{classifier}/bias",
    }
    half = changed[f"{chain[4].name}/kernel"]
    assert half[:, :, :4].any() and not half[:, :, 4:].any()
    with pytest.raises(ValueError, match="'last_2_blocks' does not adapt"):
        plan_masks(learner, chain, 0, {})


def test_every_depth_meets_the_same_tasks(trainer, chain):
    """A plan that trains the classifier alone gives the same accuracy through any cut."""
    shallow = trainer.accuracies(5, {}, learning_rate=0.05, steps=3)
    learner, tasks, _ = trainer._for(0, {})
    masks = plan_masks(learner, chain, 5, {})
    deep = []
    for draws in tasks:
        (task,) = draws
        weights = learner.adapt(learner.start, task.support_x, task.support_y, 0.05, 3, masks=masks)
        deep.append(learner.accuracy(weights, task.query_x, task.query_y))
    np.testing.assert_allclose(shallow, deep, atol=0.026)  # one of forty pictures may tip


def test_contributions_cover_every_choice(trainer, chain):
    contributions = measure_contributions(trainer, chain, learning_rates=(0.05,), steps=(2,))
    assert len(contributions.bias_loss) == 6 and set(contributions.gains(2)) == {0.25, 0.5, 1.0}
    assert not contributions.gains(5)
    alone = trainer.loss(1, {chain[1].name: 1.0}, learning_rates=(0.05,), steps=(2,))
    assert contributions.gains(1)[1.0] == pytest.approx(contributions.bias_loss[1] - alone)
