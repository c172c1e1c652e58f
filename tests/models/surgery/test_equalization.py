"""Cross-layer equalization: what it may change, and what it must not."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.models.surgery.test_fold import chain
from tinylab.compress.quantization.ptq import quantize_model
from tinylab.compress.quantization.schemes import SCHEMES
from tinylab.models.surgery.equalization import equalize_channels, equalizing_factors
from tinylab.models.surgery.fold import fold_batch_norm

PER_TENSOR = SCHEMES[0]


def random_weights(model: keras.Model, seed: int = 0) -> keras.Model:
    """Of both signs, a batch norm's variances excepted; channels of very different size."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [
            np.abs(rng.normal(size=w.shape)) + 0.1
            if "variance" in v.path
            else rng.normal(size=w.shape) * 10.0 ** rng.uniform(-1, 1, w.shape[-1])
            for v, w in zip(model.weights, model.get_weights(), strict=True)
        ]
    )
    return model


def every_kind() -> keras.Model:
    """All layers that pass factors through, and two that stop them."""
    return random_weights(
        chain(
            layers.Conv2D(4, 3, name="a"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.ZeroPadding2D(1),
            layers.DepthwiseConv2D(3, depth_multiplier=2, name="b"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(6, 1, activation="relu", name="c"),
            layers.AveragePooling2D(2, padding="same"),
            layers.Conv2D(5, 1, activation="relu6", name="d"),
            layers.Conv2D(5, 1, activation="relu", name="e"),
            layers.Flatten(),
            layers.Dense(7, activation="tanh", name="f"),
            layers.Dense(3, activation="softmax", name="g"),
        )
    )


def written(model, name) -> np.ndarray:
    kernel = np.asarray(model.get_layer(name).get_weights()[0])
    channels = int(np.prod(kernel.shape[2:])) if name == "b" else kernel.shape[-1]
    return np.abs(kernel).reshape(-1, channels).max(axis=0)


def read(model, name, channels) -> np.ndarray:
    kernel = np.abs(np.asarray(model.get_layer(name).get_weights()[0]))
    if name == "b":
        return kernel.max(axis=(0, 1, 3))
    return kernel.reshape(-1, channels, kernel.shape[-1]).max(axis=(0, 2))


def test_no_other_factors_leave_less_to_share_a_scale():
    """Steps are set by the largest channel of each layer; brute force finds no better factors."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = rng.uniform(0.01, 10, (2, 3))

        def coarse(factors, first=first, second=second):
            return (first / factors).max(axis=-1) * (second * factors).max(axis=-1)

        grid = np.exp(np.linspace(-4, 4, 41))
        tried = np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(-1, 3)
        factors = equalizing_factors(first, second)
        assert coarse(factors) <= coarse(tried).min() * (1 + 1e-9)
        np.testing.assert_allclose(first / factors, second * factors, rtol=1e-9)


def test_factors_of_silent_channels_and_wrong_shapes():
    np.testing.assert_array_equal(equalizing_factors([0, 2, 8], [3, 0, 2]), [1, 1, 2])
    with pytest.raises(ValueError, match="one range a channel"):
        equalizing_factors([1, 2], [1, 2, 3])


def test_the_function_stays_and_both_sides_of_a_channel_are_alike():
    model = every_kind()
    before = [w.copy() for w in model.get_weights()]
    equal, folded = equalize_channels(model), fold_batch_norm(model)
    x = np.random.default_rng(1).normal(size=(30, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(equal(x)), np.asarray(model(x)), atol=1e-5)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    for first, second in (("a", "b"), ("b", "c"), ("c", "d"), ("e", "f")):
        ranges = written(equal, first)
        np.testing.assert_allclose(ranges, read(equal, second, len(ranges)), rtol=0.01)
        assert np.ptp(ranges / written(folded, first)) > 0.1, "nothing was changed"
    # ReLU6 and tanh do not pass factors through: what reads their output keeps its weights.
    np.testing.assert_array_equal(
        equal.get_layer("g").get_weights()[0], model.get_layer("g").get_weights()[0]
    )
    np.testing.assert_allclose(equal.get_layer("d").bias, folded.get_layer("d").bias)


def test_a_channel_that_two_layers_read_is_left_alone():
    source = keras.Input((6, 6, 2))
    a = layers.Conv2D(3, 1, name="a")(source)
    sums = layers.Add()([a, layers.Conv2D(3, 1, name="b")(a)])
    end = layers.Conv2D(2, 1, name="d")(layers.Conv2D(4, 1, activation="relu", name="c")(sums))
    model = random_weights(keras.Model(source, end))
    equal = equalize_channels(model)
    for name in ("a", "b"):
        np.testing.assert_array_equal(
            equal.get_layer(name).get_weights()[0], model.get_layer(name).get_weights()[0]
        )
    assert np.abs(equal.get_layer("d").kernel - model.get_layer("d").kernel).max() > 0.01
    x = np.random.default_rng(1).normal(size=(10, 6, 6, 2)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(equal(x)), np.asarray(model(x)), rtol=1e-4, atol=1e-4)


def test_where_nothing_can_be_equalized_that_is_said():
    with pytest.raises(ValueError, match="nothing to equalize"):
        equalize_channels(chain(layers.Conv2D(3, 3, activation="relu6"), layers.Conv2D(2, 1)))


def test_badly_scaled_channels_no_longer_cost_accuracy(trained, test_data, training_data, accuracy):
    """The same function, written with channels of very different size: 4 bits fail, and recover."""
    scaled = fold_batch_norm(trained)
    factors = 10.0 ** np.linspace(-1.5, 1.5, 12)
    stem, depthwise = scaled.get_layer("stem"), scaled.get_layer("depthwise")
    kernel, bias = stem.get_weights()
    stem.set_weights([kernel * factors, bias * factors])
    kernel, bias = depthwise.get_weights()
    depthwise.set_weights([kernel / factors[:, None], bias])
    assert accuracy(scaled) == pytest.approx(accuracy(trained), abs=0.005)
    x = training_data[0][:100]
    before, after = (
        accuracy(quantize_model(model, PER_TENSOR, 4, calibration=x))
        for model in (scaled, equalize_channels(scaled))
    )
    assert after > before + 0.1
    assert after > accuracy(trained) - 0.1
