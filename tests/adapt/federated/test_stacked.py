"""All clients at once equal them one by one, and gradients equal slopes."""

import numpy as np
import pytest

from tinylab.adapt.federated.messages import LocalRecipe, Task, to_vector
from tinylab.adapt.federated.networks import Head, LastBlock, accuracy_by_word
from tinylab.adapt.federated.stacked import (
    ClientData,
    StackedFleet,
    Stragglers,
    batches,
    train_one,
)

WORDS = 6


def head_case(rng):
    x = rng.normal(size=(7, 13, 9)).astype(np.float32)
    return Head(), x, tuple(rng.normal(size=s).astype(np.float32) for s in [(9, WORDS), (WORDS,)])


def block_case(rng):
    x = np.maximum(rng.normal(size=(7, 13, 5, 4)), 0).astype(np.float32)
    shapes = [(4, 4), (4,), (4, WORDS), (WORDS,)]
    return LastBlock(), x, tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes)


@pytest.fixture(params=[head_case, block_case], ids=["head", "last block"])
def case(request):
    rng = np.random.default_rng(3)
    network, x, weights = request.param(rng)
    counts = np.array([13, 4, 9, 1, 13, 12, 10])
    names = tuple(f"user {k}" for k in range(7))
    return network, ClientData(names, x, rng.integers(0, WORDS, (7, 13)), counts), weights


def task_for(weights, **more):
    return Task(to_vector(weights), seed=4, round=2, recipe=LocalRecipe(3, 5, 0.1), **more)


@pytest.mark.parametrize("mu", [0.0, 0.7])
@pytest.mark.parametrize("corrected", [False, True])
def test_stacked_equals_one_by_one(case, mu, corrected):
    network, data, weights = case
    chosen, size = np.array([0, 1, 3, 6]), to_vector(weights).size
    corrections = np.random.default_rng(5).normal(0, 0.1, (4, size)).astype(np.float32)
    task = task_for(weights, mu=mu, corrections=corrections if corrected else None)
    replies = StackedFleet(network, data, weights).train(chosen, task)
    assert [update.steps for update in replies.updates] == [9, 3, 3, 6]
    for row, (k, update) in enumerate(zip(chosen, replies.updates)):
        own = task_for(
            weights, mu=mu, corrections=corrections[row : row + 1] if corrected else None
        )
        x, y = data.x[k, : data.counts[k]], data.y[k, : data.counts[k]]
        alone = train_one(network, weights, x, y, own, int(k))
        np.testing.assert_allclose(update.change, alone, atol=1e-6)
        assert update.examples == data.counts[k] and update.client == data.names[k]


def test_a_client_trains_the_same_whoever_trains_beside_it(case):
    network, data, weights = case
    fleet, task = StackedFleet(network, data, weights), task_for(weights)
    alone = fleet.train(np.array([2]), task).updates[0].change
    among = fleet.train(np.arange(7), task).updates[2].change
    np.testing.assert_allclose(alone, among, atol=1e-6)


def test_gradients_are_slopes(case):
    network, data, weights = case
    x, y = data.x[0], data.y[0]
    shares = np.full(13, 1 / 13, np.float32)
    weights = tuple(value.astype(np.float64) for value in weights)

    def loss(values):
        z = network.logits(values, x.astype(np.float64))
        z = z - z.max(-1, keepdims=True)
        return -np.mean((z - np.log(np.exp(z).sum(-1, keepdims=True)))[np.arange(13), y])

    rng = np.random.default_rng(8)
    gradient = network.gradients(weights, x, y, shares)
    way = tuple(rng.normal(size=value.shape) for value in weights)
    step = 1e-5
    up, down = (loss(tuple(w + sign * step * d for w, d in zip(weights, way))) for sign in (1, -1))
    slope = sum(np.sum(g * d) for g, d in zip(gradient, way))
    assert (up - down) / (2 * step) == pytest.approx(slope, rel=1e-4)


def test_every_epoch_uses_every_example_once():
    index, shares = batches(13, LocalRecipe(epochs=3, batch_size=5), (1, 2, 3))
    assert index.shape == shares.shape == (9, 5)
    for epoch in range(3):
        rows = slice(3 * epoch, 3 * epoch + 3)
        used = index[rows][shares[rows] > 0]
        assert sorted(used) == list(range(13))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert not np.array_equal(index[:3], index[3:6])


def test_seeds_of_rounds_and_clients_do_not_overlap():
    keys = [(seed, number, client) for seed in (0, 1) for number in (1, 2, 3) for client in (0, 1)]
    orders = {batches(40, LocalRecipe(1, 40), key)[0].tobytes() for key in keys}
    assert len(orders) == len(keys)


def test_stragglers_send_what_they_have_or_drop_out(case):
    network, data, weights = case
    chosen, task = np.arange(7), task_for(weights)
    part = StackedFleet(network, data, weights, Stragglers(0.6)).train(chosen, task)
    late = StackedFleet(network, data, weights, Stragglers(0.6, partial=False)).train(chosen, task)
    assert len(part.updates) == 7 and not part.dropouts
    full = {u.client: 3 * -(-u.examples // 5) for u in part.updates}
    slow = {u.client for u in part.updates if u.steps < full[u.client]}
    assert slow and slow == set(late.dropouts)
    assert {u.client for u in late.updates} == set(data.names) - slow
    everyone = StackedFleet(network, data, weights, Stragglers(1.0, partial=False))
    assert not everyone.train(chosen, task).updates


def test_accuracy_by_word_counts():
    network, weights = Head(), (np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    x = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], np.float32)
    got = accuracy_by_word(network, weights, x, np.array([0, 1, 1, 1]), 2)
    np.testing.assert_allclose(got, [1, 1 / 3])


def test_a_fleet_needs_a_recipe_and_whole_data(case):
    network, data, weights = case
    with pytest.raises(ValueError, match="need a recipe"):
        task = Task(to_vector(weights), 0, 1)
        StackedFleet(network, data, weights).train(np.array([0]), task)
    with pytest.raises(ValueError, match="a row for each of 1 or more clients"):
        ClientData(data.names[1:], data.x, data.y, data.counts)
    with pytest.raises(ValueError, match="needs 1 to 13 examples"):
        ClientData(data.names, data.x, data.y, data.counts * 0)
