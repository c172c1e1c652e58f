"""Noise against threshold: the curve against the point, the point against fake quantization."""

import numpy as np
import pytest

from tinylab.compress.quantization.aciq import aciq_ratio
from tinylab.compress.quantization.clipping_noise import clipping_noise, noise_curve
from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters, sqnr_dB

X = np.random.default_rng(0).laplace(size=20_000)


def test_point_is_the_error_of_fake_quantization():
    noise = clipping_noise(X, 3.0, 4)
    kept = fake_quantize(X, quantization_parameters(-3.0, 3.0, bits=4, symmetric=True))
    assert noise.total_error == pytest.approx(np.mean((kept - X) ** 2))
    assert noise.sqnr_dB == pytest.approx(sqnr_dB(X, kept))
    assert noise.clipped_share == np.mean(np.abs(X) > 3)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_curve_agrees_with_points(bits):
    curve = noise_curve(X, bits, np.array([0.5, 2.0, 5.0]))
    points = [clipping_noise(X, threshold, bits) for threshold in curve.thresholds]
    np.testing.assert_allclose(curve.total_error, [p.total_error for p in points], rtol=0.03)
    np.testing.assert_allclose(curve.clipping_error, [p.clipping_error for p in points], rtol=0.03)


def test_rounding_grows_and_clipping_shrinks_with_the_threshold():
    curve = noise_curve(X, 4)
    assert np.all(np.diff(curve.clipping_error) <= 1e-12)
    assert curve.rounding_error[-1] > 5 * curve.rounding_error[10]


def test_best_threshold_is_where_the_analysis_says():
    assert noise_curve(X, 4).best_threshold == pytest.approx(
        aciq_ratio("laplace", 4, symmetric=True), rel=0.07
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: clipping_noise(X, 0.0, 4),
        lambda: clipping_noise(np.array([]), 1.0, 4),
        lambda: noise_curve(np.zeros(3), 4),
        lambda: noise_curve(X, 4, np.array([-1.0])),
    ],
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ValueError):
        wrong()
