"""Calibration against brute force, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.compress.quantization.aciq import DISTRIBUTIONS, aciq_ratio
from tinylab.compress.quantization.clipping import METHODS, calibrate
from tinylab.compress.quantization.quantize import (
    fake_quantize,
    mean_squared_error,
    quantization_parameters,
)
from tinylab.models import checkpoints
from tinylab.models.surgery.fold import fold_batch_norm

LAW = settings(max_examples=30)


def error_of(x, ends, bits, **options):
    parameters = quantization_parameters(*ends, bits=bits, **options)
    return mean_squared_error(x, fake_quantize(x, parameters))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
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


def brute_force(values, bits):
    """The threshold with the least error of 400, by sums between the quantizer's boundaries."""
    ordered = np.sort(np.abs(values))
    sums, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in (ordered, ordered**2))
    levels = np.arange(2 ** (bits - 1))
    errors = []
    for threshold in ordered[-1] * np.linspace(0.0025, 1, 400):
        kept = levels * threshold / levels[-1]
        ends = np.searchsorted(ordered, (kept[1:] + kept[:-1]) / 2)
        ends = np.concatenate([[0], ends, [len(ordered)]])
        parts = (np.diff(squares[ends]), np.diff(sums[ends]), np.diff(ends))
        errors.append(np.sum(parts[0] - 2 * kept * parts[1] + kept**2 * parts[2]) / len(ordered))
    return min(errors)


@pytest.mark.training  # seconds of arithmetic: 48 layers at seven widths
@pytest.mark.parametrize(
    "application", ["keyword_spotting", "visual_wake_words", "anomaly_detection"]
)
def test_fitted_range_is_within_three_per_cent_of_the_best_on_every_layer(application):
    folded = fold_batch_norm(checkpoints.load(application, "train", origin="reference").model)
    layers = [layer for layer in folded.layers if layer.get_weights()]
    assert len(layers) >= 10
    for layer in layers:
        weights = np.float64(layer.get_weights()[0])
        for bits in range(2, 9):
            ends = calibrate(weights, "aciq", bits=bits, symmetric=True)
            error = error_of(weights, ends, bits, symmetric=True)
            assert error <= 1.03 * brute_force(weights.ravel(), bits), (layer.name, bits)
