"""Attacks against a linear model, whose worst case is known, and the laws of every attack."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.linear import examples_of, linear_model
from tinylab.security.inputs import Range, count_fooled, fgsm, loss_gradient, pgd, random_signs

WEIGHTS = np.array([[1.0, -1.0], [0.5, -0.5], [-2.0, 2.0], [0.1, -0.1]])
WIDE = Range(-100, 100)


@pytest.fixture(scope="module")
def model():
    return linear_model(WEIGHTS)


@pytest.fixture(scope="module")
def gradient(model):
    return loss_gradient(model)


def test_fgsm_is_the_worst_case_of_a_linear_model(gradient):
    x, y = examples_of(WEIGHTS, 50)
    away = np.where(y[:, None] == 0, -np.sign(WEIGHTS[:, 0]), np.sign(WEIGHTS[:, 0]))
    np.testing.assert_allclose(fgsm(gradient, x, y, 0.7, WIDE), x + 0.7 * away, atol=1e-6)


def test_pgd_reaches_the_same_corner(gradient):
    x, y = examples_of(WEIGHTS, 50)
    one, many = (attack(gradient, x, y, 0.7, within=WIDE) for attack in (fgsm, pgd))
    np.testing.assert_allclose(many, one, atol=1e-5)


def test_a_saturated_softmax_hides_nothing(model, gradient):
    x = np.array([[300.0, 0, 0, 0]], np.float32)
    assert model.predict(x, verbose=0).max() == 1.0
    assert np.all(gradient(x, np.array([1])) != 0)


@settings(max_examples=20)
@given(epsilon=st.floats(0.01, 5), seed=st.integers(0, 99), steps=st.integers(1, 6))
def test_no_attack_leaves_the_ball_or_the_range(epsilon, seed, steps):
    def any_direction(x, y):
        return np.random.default_rng(seed).normal(size=x.shape)

    x = np.random.default_rng(seed).uniform(-2, 2, (7, 5)).astype(np.float32)
    y = np.zeros(7, int)
    within = Range(-2, 2)
    for attacked in (
        fgsm(any_direction, x, y, epsilon, within),
        pgd(any_direction, x, y, epsilon, steps=steps, seed=seed, within=within),
        random_signs(x, epsilon, seed=seed, within=within),
    ):
        assert attacked.dtype == np.float32 and attacked.shape == x.shape
        assert np.abs(attacked - x).max() <= epsilon * (1 + 1e-5)
        assert -2 <= attacked.min() and attacked.max() <= 2


def test_the_control_moves_every_feature_as_far():
    x = np.zeros((20, 30), np.float32)
    moved = random_signs(x, 0.3, within=WIDE)
    assert np.all(np.abs(moved) == np.float32(0.3)) and 0.4 < (moved > 0).mean() < 0.6


def test_only_what_was_right_can_be_fooled():
    labels = np.array([0, 0, 1, 1, 1])
    found = count_fooled(np.array([0, 1, 1, 1, 0]), np.array([1, 1, 1, 0, 0]), labels)
    assert (found.fooled, found.attackable) == (2, 3)
    assert found.share == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="nothing to attack"):
        count_fooled(labels + 1, labels, labels)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"epsilon": 0}, "above 0"), ({"y": np.zeros(3, int)}, "3 for 2"), ({"steps": 0}, "one step")],
)
def test_wrong_arguments_get_a_sentence(gradient, change, says):
    arguments = {"x": np.zeros((2, 4)), "y": np.zeros(2, int), "epsilon": 0.1} | change
    with pytest.raises(ValueError, match=says):
        pgd(gradient, **arguments)
