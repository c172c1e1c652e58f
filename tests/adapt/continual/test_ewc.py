"""Fisher information against a closed form and Jacobians; the penalty against differences."""

import numpy as np
import pytest

from tinylab.adapt.continual.ewc import (
    Anchor,
    anchor,
    ewc_penalty,
    ewc_penalty_gradient,
    fisher_diagonal,
)
from tinylab.adapt.dense_training import from_keras, predict


@pytest.fixture(scope="module")
def data():
    return np.random.default_rng(0).normal(size=(200, 12)).astype(np.float32)


def test_one_linear_layer_has_a_closed_form():
    """For y = xW + b the Fisher of W[i, o] is mean(x_i^2) / variance, of b[o] 1 / variance."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 3)).astype(np.float32) * np.float32([1, 2, 3])
    weights = (np.zeros((3, 3), np.float32), np.zeros(3, np.float32))
    kernel, bias = fisher_diagonal(weights, x, variance=0.5, draws=20)
    expected = np.mean(x**2, axis=0) / 0.5
    np.testing.assert_allclose(kernel, np.tile(expected[:, np.newaxis], 3), rtol=0.1)
    np.testing.assert_allclose(bias, 2.0, rtol=0.1)


def test_a_deep_one_equals_its_jacobian(small_autoencoder, data):
    weights, x = from_keras(small_autoencoder), data[:4]
    estimate = fisher_diagonal(weights, x, variance=1.0, draws=3000, seed=2)
    for layer, index in ((0, (2, 3)), (2, (4, 1)), (4, (0, 5)), (7, (6,))):
        step = 1e-2
        outputs = []
        for sign in (1, -1):
            moved = [value.astype(np.float64) for value in weights]
            moved[layer] = moved[layer].copy()
            moved[layer][index] += sign * step
            outputs.append(exact_outputs(moved, x))
        slope = (outputs[0] - outputs[1]) / (2 * step)
        assert estimate[layer][index] == pytest.approx(
            np.mean(np.sum(slope**2, axis=1)), rel=0.15, abs=1e-3
        )


def exact_outputs(weights, x):
    """The same chain in double precision, so that differences are not rounding."""
    value = x.astype(np.float64)
    for layer in range(0, len(weights), 2):
        value = value @ weights[layer] + weights[layer + 1]
        value = np.maximum(value, 0) if layer < len(weights) - 2 else value
    return value


def test_the_penalty_gradient_is_the_penaltys_slope(small_autoencoder, data):
    weights = from_keras(small_autoencoder)
    held = anchor(weights, data)
    rng = np.random.default_rng(3)
    moved = tuple((value + rng.normal(size=value.shape)).astype(np.float32) for value in weights)
    gradient = ewc_penalty_gradient(moved, held, 2.5)
    direction = [rng.normal(size=value.shape) for value in moved]
    along = sum(np.sum(g * d) for g, d in zip(gradient, direction))

    def at(t):
        shifted = tuple(value.astype(np.float64) + t * d for value, d in zip(moved, direction))
        return ewc_penalty(shifted, held, 2.5)

    assert along == pytest.approx((at(1e-3) - at(-1e-3)) / 2e-3, rel=1e-4)
    assert ewc_penalty(weights, held, 2.5) == 0
    assert all(not value.any() for value in ewc_penalty_gradient(weights, held, 2.5))


def test_the_noise_is_that_of_the_model_unless_told(small_autoencoder, data):
    weights = from_keras(small_autoencoder)
    variance = float(np.mean((predict(weights, data) - data) ** 2))
    of_given_variance = fisher_diagonal(weights, data, variance=variance)
    assert all(np.allclose(a, b) for a, b in zip(of_given_variance, fisher_diagonal(weights, data)))


def test_memory_is_two_numbers_a_weight():
    weights = (np.zeros((5, 7), np.float32), np.zeros(7, np.float32))
    assert Anchor(weights, weights).memory_bytes == 2 * 4 * 42
