"""Server strategies against their formulas written out, and the laws of the draw."""

import numpy as np
import pytest

from tinylab.adapt.federated.messages import LocalRecipe, Update
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.stacked import ClientData, StackedFleet
from tinylab.adapt.federated.strategies import FedAdam, FedAvg, FedAvgM, Scaffold


def updates(values, steps=4):
    return [
        Update(f"c{k}", np.full(2, value, np.float32), 1, steps, 8)
        for k, value in enumerate(values)
    ]


NAMES = ("c0", "c1", "c2")


def test_a_fixed_share_is_drawn_fairly_and_again_for_the_same_seed():
    strategy = FedAvg(share=1 / 3)
    drawn = []
    for seed in range(300):
        state = strategy.start(np.zeros(2), 3, seed)
        drawn += strategy.sample(state).tolist()
        assert np.array_equal(strategy.sample(state), strategy.sample(state))
    assert len(drawn) == 300 and min(np.bincount(drawn)) > 70


def test_two_rounds_draw_anew():
    strategy, state = FedAvg(), FedAvg().start(np.zeros(2), 100, 0)
    later = strategy.aggregate(state, [], ())
    assert not np.array_equal(strategy.sample(state), strategy.sample(later))


def test_poisson_draws_have_the_binomials_mean_and_spread():
    strategy = FedAvg(share=0.2, draw="poisson")
    sizes = [len(strategy.sample(strategy.start(np.zeros(2), 100, s))) for s in range(1000)]
    assert np.mean(sizes) == pytest.approx(20, abs=0.5)
    assert np.std(sizes) == pytest.approx(4, abs=0.3)


def test_momentum_is_a_heavy_ball():
    strategy = FedAvgM(momentum=0.5, server_rate=2.0)
    state = strategy.start(np.zeros(2), 3, 0)
    path = []
    for value in (1.0, 1.0, -3.0):
        state = strategy.aggregate(state, updates([value]), NAMES)
        path.append(state.weights[0])
    # velocities 1, 1.5, -2.25, each times 2
    np.testing.assert_allclose(path, [2, 5, 0.5])


def test_adam_is_its_formula():
    strategy = FedAdam(server_rate=0.1, decay=0.8, decay_squares=0.9, floor=0.01)
    state, m, v, w = strategy.start(np.zeros(2), 3, 0), 0.0, 0.0, 0.0
    for value in (1.0, -2.0, 0.5):
        state = strategy.aggregate(state, updates([value]), NAMES)
        m, v = 0.8 * m + 0.2 * value, 0.9 * v + 0.1 * value**2
        w += 0.1 * m / (np.sqrt(v) + 0.01)
        assert state.weights[0] == pytest.approx(w, rel=1e-5)


@pytest.mark.parametrize("strategy", [FedAvgM(), FedAdam(), FedAvg()])
def test_a_state_is_never_changed_in_place(strategy):
    first = strategy.start(np.ones(2), 3, 0)
    second = strategy.aggregate(first, updates([1.0]), NAMES)
    before = (second.weights.copy(), {k: np.copy(v) for k, v in second.memory.items()})
    strategy.aggregate(second, updates([5.0]), NAMES)
    np.testing.assert_array_equal(first.weights, [1, 1])
    np.testing.assert_array_equal(second.weights, before[0])
    assert all(np.array_equal(second.memory[k], v) for k, v in before[1].items())


def unlike_clients(seed=0):
    """Two clients with regressions of their own: classes turned round, so that they disagree."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 20, 5)).astype(np.float32)
    y = (x[..., 0] > 0).astype(int)
    y[1] = (x[1, :, 1] > 0).astype(int)
    return ClientData(("a", "b"), x, y, np.array([20, 20]))


def test_scaffold_keeps_the_mean_of_the_controls():
    """The common control is the mean of the clients' (Karimireddy et al., equation 5)."""
    data, like = unlike_clients(), Head().start(5, 2)
    strategy = Scaffold(LocalRecipe(3, 5, 0.2), share=0.5)
    fleet, state = StackedFleet(Head(), data, like), strategy.start(np.zeros(12), 2, 0)
    for _ in range(6):
        chosen = strategy.sample(state)
        replies = fleet.train(chosen, strategy.instruct(state, chosen))
        state = strategy.aggregate(state, replies.updates, data.names)
        controls = state.memory["controls"]
        np.testing.assert_allclose(state.memory["common"], controls.mean(axis=0), atol=1e-6)
    assert np.abs(controls).max() > 0.01


@pytest.mark.training
def test_scaffold_ends_where_the_common_gradient_is_zero_and_averaging_does_not():
    """With full batches SCAFFOLD stops at the optimum of all data; drift moves FedAvg away."""
    data, like = unlike_clients(), Head().start(5, 2)
    recipe = LocalRecipe(epochs=20, batch_size=20, learning_rate=0.5)

    def slope_at_the_end(strategy):
        weights, _ = federate(strategy, StackedFleet(Head(), data, like), like, rounds=300)
        x, y = data.x.reshape(40, 5), data.y.reshape(40)
        gradient = Head().gradients(weights, x, y, np.full(40, 1 / 40, np.float32))
        return max(np.abs(part).max() for part in gradient)

    assert slope_at_the_end(Scaffold(recipe, share=1.0)) < 1e-4
    assert slope_at_the_end(FedAvg(recipe, share=1.0)) > 1e-3


def test_scaffold_without_a_recipe_is_refused():
    with pytest.raises(ValueError, match="pass a recipe"):
        Scaffold(recipe=None)
