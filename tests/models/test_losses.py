"""Losses against numpy and scikit-learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from tinylab.models.losses import (
    FocalLoss,
    class_balanced_weights,
    class_weights,
    tempered_weights,
    weighted_cross_entropy,
)

RNG = np.random.default_rng(0)
LABELS = np.eye(2, dtype=np.float32)[RNG.integers(0, 2, 50)]
SCORES = RNG.dirichlet([1, 1], 50).astype(np.float32)
TRUE = (LABELS * SCORES).sum(axis=1)


def each(loss):
    return keras.ops.convert_to_numpy(loss.call(LABELS, SCORES))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
def test_focal_loss_is_the_published_formula(gamma):
    assert each(FocalLoss(gamma)) == pytest.approx(
        -((1 - TRUE) ** gamma) * np.log(TRUE), rel=1e-4, abs=1e-6
    )


def test_gamma_zero_is_keras_cross_entropy():
    keras_loss = keras.losses.CategoricalCrossentropy()(LABELS, SCORES)
    assert float(FocalLoss(0.0)(LABELS, SCORES)) == pytest.approx(float(keras_loss), rel=1e-5)


def test_weights_count_the_true_class():
    weighted = each(weighted_cross_entropy([1.0, 3.0]))
    assert weighted == pytest.approx(-np.log(TRUE) * np.where(LABELS[:, 1], 3.0, 1.0), rel=1e-4)


def test_a_certain_mistake_stays_finite():
    loss = FocalLoss(2.0)(np.array([[0.0, 1.0]], np.float32), np.array([[1.0, 0.0]], np.float32))
    assert np.isfinite(float(loss)) and float(loss) > 10


def test_class_weights_are_those_of_scikit_learn():
    labels = np.repeat([0, 1, 2], [70, 20, 10])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert class_weights(labels) == pytest.approx(expected)
    assert class_weights(labels)[labels].mean() == pytest.approx(1)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="gamma"):
        FocalLoss(-1)
    with pytest.raises(ValueError, match="every class"):
        class_weights([0, 0, 0], 2)


def test_a_loss_survives_its_config():
    loss = FocalLoss.from_config(FocalLoss(1.5, [1, 2]).get_config())
    assert loss.gamma == 1.5 and loss.weights == [1.0, 2.0]


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_gradients_stay_finite_when_the_network_is_certain(gamma):
    scores = tf.Variable([[0.0, 1.0], [1.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = FocalLoss(gamma)(tf.constant([[0.0, 1.0], [0.0, 1.0]]), scores)
    assert np.all(np.isfinite(tape.gradient(loss, scores)))


def test_effective_numbers_of_examples():
    """Cui et al. (2019), equation 2; with beta 0 all weigh alike, near 1 as by frequency."""
    labels = np.repeat([0, 1], [1200, 40])
    weights = class_balanced_weights(labels, 0.99)
    effective = [sum(0.99**k for k in range(n)) for n in (1200, 40)]
    assert weights[1] / weights[0] == pytest.approx(effective[0] / effective[1])
    assert weights[labels].mean() == pytest.approx(1)
    assert class_balanced_weights(labels, 0.0) == pytest.approx([1, 1])
    assert class_balanced_weights(labels, 1 - 1e-7) == pytest.approx(
        class_weights(labels), rel=1e-3
    )
    for beta in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match="beta"):
            class_balanced_weights(labels, beta)


def test_tempered_weights_lie_between_equal_and_inverse():
    labels = np.repeat([0, 1, 2], [80, 15, 5])
    assert tempered_weights(labels, 0.0) == pytest.approx([1, 1, 1])
    assert tempered_weights(labels, 1.0) == pytest.approx(class_weights(labels))
    half = tempered_weights(labels, 0.5)
    assert half[2] / half[0] == pytest.approx(4.0)
    assert half[labels].mean() == pytest.approx(1.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        tempered_weights(labels, 2.0)
