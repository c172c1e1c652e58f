"""Bias correction restores the statistics it promises to restore."""

import numpy as np
import pytest

from tinylab.compress.quantization.bias_correction import bias_correction, output_shift

RNG = np.random.default_rng(0)
W = RNG.normal(0.1, 1, (3, 3, 4, 5))
Q = np.round(W)


def test_mean_and_spread_of_every_channel_are_restored():
    corrected = bias_correction(W, Q)
    np.testing.assert_allclose(corrected.mean(axis=(0, 1, 2)), W.mean(axis=(0, 1, 2)), atol=1e-6)
    np.testing.assert_allclose(corrected.std(axis=(0, 1, 2)), W.std(axis=(0, 1, 2)), rtol=1e-5)


def test_whole_tensor_and_constant_channels():
    corrected = bias_correction(W, Q, axis=None)
    assert corrected.mean() == pytest.approx(W.mean(), abs=1e-6)
    flat = np.full((4, 2), 0.3)
    np.testing.assert_allclose(bias_correction(flat, np.zeros((4, 2))), flat, rtol=1e-6)


def test_shift_of_a_dense_layer_is_exact():
    x = RNG.normal(2, 1, (100, 20))
    w = RNG.normal(size=(20, 6))
    q = np.round(w)
    np.testing.assert_allclose(
        output_shift(w, q, x.mean(axis=0)), (x @ q - x @ w).mean(axis=0), rtol=1e-4, atol=1e-4
    )


def test_shift_of_convolutions_with_constant_inputs():
    mean = np.array([1.0, 2.0, 0.5, -1.0])
    expected = np.einsum("hwio,i->o", Q - W, mean)
    np.testing.assert_allclose(output_shift(W, Q, mean), expected, rtol=1e-4)
    expected = np.einsum("hwcm,c->cm", Q - W, mean).ravel()
    np.testing.assert_allclose(output_shift(W, Q, mean, depthwise=True), expected, rtol=1e-4)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        bias_correction(W, Q[..., :2])
    with pytest.raises(ValueError, match="one entry per input channel"):
        output_shift(W, Q, np.ones(3))
