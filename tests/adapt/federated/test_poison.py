"""Attackers do what they say, and nobody else does."""

import numpy as np

from tinylab.adapt.federated.messages import LocalRecipe, Task
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.poison import ScalingFleet, with_shifted_labels
from tinylab.adapt.federated.stacked import ClientData, StackedFleet


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 6, 3)).astype(np.float32)
    return ClientData(tuple("abcd"), x, rng.integers(0, 5, (4, 6)), np.full(4, 6))


def test_only_attackers_labels_move_on_by_one():
    before = data()
    after = with_shifted_labels(before, [1, 3], 5)
    np.testing.assert_array_equal(after.y[[0, 2]], before.y[[0, 2]])
    np.testing.assert_array_equal((after.y[[1, 3]] - before.y[[1, 3]]) % 5, 1)
    assert after.y.max() < 5 and after.x is before.x


def test_only_attackers_updates_are_multiplied():
    plain = StackedFleet(Head(), data(), Head().start(3, 5))
    task = Task(np.zeros(20, np.float32), 0, 1, LocalRecipe(2, 3, 0.1))
    honest = plain.train(np.arange(4), task).updates
    sent = ScalingFleet(plain, [2], -5).train(np.arange(4), task).updates
    for before, after, factor in zip(honest, sent, (1, 1, -5, 1)):
        np.testing.assert_allclose(after.change, factor * before.change, rtol=1e-6)
