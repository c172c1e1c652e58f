"""Bit allocation: the quota, the 2/3 power, and the best of all where they can be listed."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from tinylab.compress.quantization.bit_allocation import allocate_bits, optimal_levels

LAW = settings(max_examples=60)
THRESHOLDS = st.lists(st.floats(0, 1e3), min_size=1, max_size=40).map(np.array)


@LAW
@given(THRESHOLDS, st.floats(2, 8))
def test_quota_and_limits_are_respected(thresholds, average):
    bits = allocate_bits(thresholds, average)
    assert bits.sum() == int(np.floor(len(thresholds) * average + 1e-9))
    assert bits.min() >= 2 and bits.max() <= 8


@LAW
@given(THRESHOLDS)
def test_a_wider_channel_never_gets_fewer_bits(thresholds):
    order = np.argsort(thresholds, kind="stable")
    bits = allocate_bits(thresholds, 4)[order]
    wider = np.diff(thresholds[order]) > 0
    assert np.all(np.diff(bits)[wider] >= 0)


def test_levels_follow_the_two_thirds_power():
    levels = optimal_levels(np.array([1.0, 8.0]), 4)
    assert levels[1] / levels[0] == pytest.approx(4)
    assert levels.sum() == pytest.approx(2 * 2**4)


def test_levels_minimise_the_rounding_error():
    thresholds, total = np.array([0.3, 1.0, 4.0]), 3 * 2.0**4
    minimum = optimize.minimize(
        lambda levels: np.sum(thresholds**2 / levels**2),
        np.full(3, total / 3),
        bounds=[(1, None)] * 3,
        constraints={"type": "eq", "fun": lambda levels: levels.sum() - total},
    )
    np.testing.assert_allclose(optimal_levels(thresholds, 4), minimum.x, rtol=1e-2)


@pytest.mark.parametrize("thresholds", [[1, 2, 4], [0.1, 1, 10], [1, 1, 1], [5, 0.01, 3]])
def test_near_the_best_of_all_whole_allocations(thresholds):
    thresholds = np.array(thresholds, float)

    def error(bits):
        return np.sum(thresholds**2 / 4.0 ** np.array(bits))

    best = min(error(bits) for bits in product(range(2, 9), repeat=3) if sum(bits) <= 12)
    assert error(allocate_bits(thresholds, 4)) <= 1.25 * best


def test_equal_channels_share_equally():
    assert allocate_bits(np.ones(7), 5).tolist() == [5] * 7
    assert allocate_bits(np.zeros(3), 3).tolist() == [3] * 3


@pytest.mark.parametrize(
    ("thresholds", "options", "message"),
    [
        (np.ones((2, 2)), {}, "vector"),
        (np.array([]), {}, "vector"),
        (np.array([-1.0]), {}, "negative"),
        (np.ones(2), {"average_bits": 9}, "average_bits"),
        (np.ones(2), {"average_bits": 1}, "average_bits"),
    ],
)
def test_wrong_arguments_are_refused(thresholds, options, message):
    with pytest.raises(ValueError, match=message):
        allocate_bits(thresholds, **options)
