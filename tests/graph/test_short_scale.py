"""One multiplication of 32 bits gives what the exact arithmetic gives, whatever the sum."""

import numpy as np
import pytest

from tinylab.graph.core.fixed_point import requantize_once
from tinylab.graph.core.short_scale import short_scale


def outputs(scale, sums):
    multiplier, low, high, shift = scale
    return np.clip((sums * multiplier + (high << 32) + low) >> (32 + shift), -128, 127)


@pytest.mark.parametrize("seed", range(40))
def test_every_sum(seed):
    rng = np.random.default_rng(seed)
    real = float(2.0 ** rng.uniform(-14, -1.01))
    if seed % 2:  # halves are met exactly
        real = int(rng.integers(1, 64)) / 2 ** int(rng.integers(7, 14))
    lowest, highest = -int(2 ** rng.uniform(0, 17)), int(2 ** rng.uniform(0, 17))
    zero_point = int(rng.integers(-128, 128))
    sums = np.arange(lowest, highest + 1)
    exact = np.clip(requantize_once(sums, np.array([real])) + zero_point, -128, 127)
    scale = short_scale(real, lowest, highest, zero_point)
    np.testing.assert_array_equal(outputs(scale, sums), exact)


@pytest.mark.parametrize("real", [0.7, 1e-9])
def test_factors_out_of_reach(real):
    assert short_scale(real, -1000, 1000, 0) is None


def test_sums_out_of_reach():
    assert short_scale(0.01, -(2**33), 1000, 0) is None
