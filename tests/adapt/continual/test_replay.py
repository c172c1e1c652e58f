"""The reservoir is a fair sample, whatever the order and size of what passes by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from tinylab.adapt.continual.replay import Reservoir


def test_every_item_is_kept_equally_often():
    """Chi-square over where 40 items of a stream end up in 3,000 reservoirs of 8."""
    counts = np.zeros(40)
    for seed in range(3000):
        reservoir = Reservoir(8, 1, seed=seed)
        reservoir.add(np.arange(40.0)[:, np.newaxis])
        counts[reservoir.items[:, 0].astype(int)] += 1
    # Eight of forty are drawn without repetition, which makes the counts steadier than independent
    # draws by (1 - 8/40): the statistic divided by that follows chi-square with 39 degrees.
    statistic = chisquare(counts).statistic / (1 - 8 / 40)
    assert 20 < statistic < 66  # 0.5 % in either tail


@given(st.integers(0, 12), st.lists(st.integers(0, 9), max_size=6))
def test_it_holds_what_it_can_and_only_what_passed(capacity, batches):
    reservoir, passed = Reservoir(capacity, 2, seed=1), 0
    for size in batches:
        reservoir.add(np.arange(passed, passed + size)[:, np.newaxis] * np.ones(2))
        passed += size
    held = reservoir.items[:, 0]
    assert len(held) == len(reservoir) == min(capacity, passed) and reservoir.seen == passed
    assert len(set(held)) == len(held) and set(held) <= set(range(passed))


def test_bytes_cost_a_quarter_and_half_a_step():
    values = np.random.default_rng(2).uniform(-70, 30, (50, 640)).astype(np.float32)
    exact, coarse = Reservoir(50, 640), Reservoir(50, 640, low=-70, high=30)
    exact.add(values)
    coarse.add(values)
    assert exact.memory_bytes == 4 * coarse.memory_bytes == 50 * 640 * 4
    assert np.array_equal(exact.items, values)
    assert np.abs(coarse.items - values).max() <= 100 / 255 / 2 + 1e-4
    coarse.add(np.full((200, 640), 99.0))
    assert coarse.items.max() <= 30


def test_samples_come_from_what_is_held():
    reservoir = Reservoir(3, 1, seed=3)
    assert reservoir.sample(5).shape == (0, 1)
    reservoir.add(np.array([[1.0], [2.0], [3.0]]))
    assert set(reservoir.sample(200)[:, 0]) == {1.0, 2.0, 3.0}


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="cannot be"):
        Reservoir(-1, 4)
    with pytest.raises(ValueError, match="both low and high"):
        Reservoir(1, 4, low=0.0)
