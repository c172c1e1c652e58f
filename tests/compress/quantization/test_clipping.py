"""Calibration against the published constants, scipy, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from tinylab.compress.quantization.clipping import METHODS, aciq_ratio, calibrate, expected_error
from tinylab.compress.quantization.quantize import (
    fake_quantize,
    mean_squared_error,
    quantization_parameters,
)

LAW = settings(max_examples=30)
PUBLISHED = {  # Banner et al. 2019, "ACIQ", in units of b and sigma
    "laplace": {2: 2.83, 3: 3.89, 4: 5.03},
    "gauss": {2: 1.71, 3: 2.15, 4: 2.55},
}


def error_of(x, ends, bits, **options):
    parameters = quantization_parameters(*ends, bits=bits, **options)
    return mean_squared_error(x, fake_quantize(x, parameters))


@pytest.mark.parametrize("distribution", PUBLISHED)
@pytest.mark.parametrize("bits", [2, 3, 4])
def test_aciq_constants_are_the_published_ones(distribution, bits):
    assert aciq_ratio(distribution, bits) == pytest.approx(PUBLISHED[distribution][bits], abs=0.011)


@pytest.mark.parametrize("distribution", PUBLISHED)
@pytest.mark.parametrize("bits", [2, 4, 8, 12])
def test_aciq_constants_minimise_the_expected_error(distribution, bits):
    minimum = optimize.minimize_scalar(
        lambda a: float(expected_error(a, bits, distribution)), bounds=(0.1, 30), method="bounded"
    )
    assert aciq_ratio(distribution, bits) == pytest.approx(minimum.x, rel=1e-3)


@pytest.mark.parametrize(
    ("distribution", "law"),
    [("laplace", stats.laplace(scale=0.7)), ("gauss", stats.norm(scale=0.7))],
)
def test_expected_error_is_clipped_tails_plus_rounding(distribution, law):
    threshold, bits = 1.3, 4
    tails = 2 * integrate.quad(lambda v: (v - threshold) ** 2 * law.pdf(v), threshold, np.inf)[0]
    rounding = (2 * threshold / 2**bits) ** 2 / 12
    assert expected_error(threshold, bits, distribution, 0.7) == pytest.approx(tails + rounding)


@pytest.mark.parametrize("distribution", PUBLISHED)
def test_analytic_range_is_near_the_best_one(distribution):
    rng = np.random.default_rng(0)
    x = rng.laplace(1.0, 2.0, 50_000) if distribution == "laplace" else rng.normal(1.0, 2.0, 50_000)
    analytic = error_of(x, calibrate(x, f"aciq_{distribution}", bits=4), 4)
    best = error_of(x, calibrate(x, "mse", bits=4), 4)
    widest = error_of(x, calibrate(x, "min_max", bits=4), 4)
    assert analytic < 1.1 * best
    assert analytic < 0.8 * widest


def test_values_of_a_relu_count_as_half_a_distribution():
    x = np.maximum(np.random.default_rng(0).laplace(size=50_000), 0)
    low, high = calibrate(x, "aciq_laplace", bits=4)
    assert low == 0
    assert high == pytest.approx(aciq_ratio("laplace", 5), rel=0.03)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("symmetric", [False, True])
@LAW
@given(values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), bits=st.integers(2, 16))
def test_ranges_are_ordered_and_no_wider_than_the_values(method, symmetric, values, bits):
    low, high = calibrate(np.array(values), method, bits=bits, symmetric=symmetric)
    assert low <= high
    assert max(abs(low), abs(high)) <= np.abs(values).max() * (1 + 1e-12)
    if symmetric:
        assert low == -high


@pytest.mark.parametrize("method", METHODS)
def test_per_channel_is_channel_by_channel(method):
    x = np.random.default_rng(0).normal(size=(3, 3, 5)) * np.arange(1, 6)
    bits = np.array([2, 3, 4, 5, 6])
    low, high = calibrate(x, method, bits=bits, axis=-1)
    for channel in range(5):
        alone = calibrate(x[..., channel], method, bits=int(bits[channel]))
        assert (low[channel], high[channel]) == pytest.approx(tuple(alone))


@LAW
@given(st.integers(2, 8), st.booleans())
def test_least_squares_is_no_worse_than_the_whole_range(bits, symmetric):
    x = np.random.default_rng(bits).standard_t(3, size=500)
    options = {"symmetric": symmetric}
    best = error_of(x, calibrate(x, "mse", bits=bits, **options), bits, **options)
    assert best <= error_of(x, calibrate(x, "min_max", **options), bits, **options) * (1 + 1e-9)


def test_percentile_leaves_the_same_share_out_at_either_end():
    low, high = calibrate(np.arange(1001.0), "percentile", percentile=99)
    assert (low, high) == pytest.approx((10, 990))


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.ones(3), {"method": "entropy"}, "method"),
        (np.array([]), {}, "at least one value"),
        (np.array([1.0, np.inf]), {}, "finite"),
        (np.ones(3), {"method": "percentile", "percentile": 20}, "50 to 100"),
    ],
)
def test_wrong_arguments_are_refused(x, options, message):
    with pytest.raises(ValueError, match=message):
        calibrate(x, **options)


def test_unknown_distribution_is_refused():
    with pytest.raises(ValueError, match="laplace"):
        aciq_ratio("cauchy", 4)
    with pytest.raises(ValueError, match="laplace"):
        expected_error(1.0, 4, "cauchy")
