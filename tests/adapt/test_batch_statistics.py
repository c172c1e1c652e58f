"""Statistics counted anew: by hand, and undoing a shift exactly where it is one of channels."""

import keras
import numpy as np
import pytest

from tinylab.adapt.batch_statistics import with_batch_statistics


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 4, 3))
    x = keras.layers.Conv2D(5, 1, name="first")(inputs)
    x = keras.layers.BatchNormalization(epsilon=1e-6, name="norm")(x)
    x = keras.layers.ReLU()(keras.layers.Dropout(0.5, name="drop")(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))


def pictures(seed, count=40):
    return np.random.default_rng(seed).normal(1.0, 2.0, (count, 4, 4, 3)).astype(np.float32)


def seen_by_norm(model, x):
    return np.asarray(keras.Model(model.inputs, model.get_layer("first").output)(x))


@pytest.mark.parametrize("prior", [0, 40, 120])
def test_statistics_are_those_of_the_inputs_mixed_with_the_old(model, prior):
    x = pictures(1)
    values = seen_by_norm(model, x)
    norm = with_batch_statistics(model, x, prior_examples=prior).get_layer("norm")
    share = prior / (prior + len(x))
    means, variances = values.mean(axis=(0, 1, 2)), values.var(axis=(0, 1, 2))
    np.testing.assert_allclose(norm.moving_mean, (1 - share) * means, atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, share + (1 - share) * variances, rtol=1e-4)


def test_a_camera_that_shifts_every_channel_is_undone(model):
    x = pictures(2)
    first = with_batch_statistics(model, x)
    shifted = 3 * x + 7  # of the same kind in every channel of the first layer's output
    second = with_batch_statistics(model, shifted)
    np.testing.assert_allclose(
        second.predict(shifted, verbose=0), first.predict(x, verbose=0), atol=1e-4
    )


def test_the_model_itself_is_left_alone(model):
    before = [np.array(weight) for weight in model.get_weights()]
    adapted = with_batch_statistics(model, pictures(3))
    for old, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, now)
    assert adapted.get_layer("norm").momentum == model.get_layer("norm").momentum
    assert adapted.get_layer("drop").rate == 0.5
    others = ("first", "dense")
    for layer in adapted.layers:
        if layer.name.startswith(others):
            for old, now in zip(model.get_layer(layer.name).get_weights(), layer.get_weights()):
                np.testing.assert_array_equal(old, now)


def test_what_cannot_adapt_is_refused(model):
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="no batch normalization"):
        with_batch_statistics(plain, np.ones((4, 3), np.float32))
    with pytest.raises(ValueError, match="two inputs or more"):
        with_batch_statistics(model, pictures(4, count=1))
    with pytest.raises(ValueError, match="at least 0"):
        with_batch_statistics(model, pictures(4), prior_examples=-1)
