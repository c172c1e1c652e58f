"""Layers that compute with quantized values: ranges, gradients, folding, saving and loading."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tinylab.compress.quantization.qat_layers import (
    ActivationQuantizer,
    QuantizedConv2D,
    QuantizedDense,
    QuantizedDepthwiseConv2D,
)

EPSILON = 0.03  # far from Keras' default, so that a wrong one shows

# Quantized layer, its float twin, input shape: each with settings other than the defaults.
LINEAR_LAYERS = {
    "convolution": (
        lambda **options: QuantizedConv2D(5, (3, 2), strides=(2, 2), padding="same", **options),
        lambda: layers.Conv2D(5, (3, 2), strides=2, padding="same", use_bias=False),
        (7, 6, 3),
    ),
    "dilated convolution": (
        lambda **options: QuantizedConv2D(4, (2, 2), dilation_rate=(2, 2), **options),
        lambda: layers.Conv2D(4, 2, dilation_rate=2, use_bias=False),
        (6, 5, 2),
    ),
    "depthwise convolution": (
        lambda **options: QuantizedDepthwiseConv2D(
            (3, 3), strides=(2, 2), padding="same", depth_multiplier=2, **options
        ),
        lambda: layers.DepthwiseConv2D(
            3, strides=2, padding="same", depth_multiplier=2, use_bias=False
        ),
        (6, 7, 3),
    ),
    "dilated depthwise convolution": (
        lambda **options: QuantizedDepthwiseConv2D((2, 2), dilation_rate=(2, 2), **options),
        lambda: layers.DepthwiseConv2D(2, dilation_rate=2, use_bias=False),
        (6, 5, 2),
    ),
    "dense": (
        lambda **options: QuantizedDense(4, **options),
        lambda: layers.Dense(4, use_bias=False),
        (6,),
    ),
}


@pytest.fixture(params=LINEAR_LAYERS, name="kind")
def linear_kind(request):
    return request.param


def randomized(kind: str, seed: int = 0, **options):
    """A quantized layer, built, all its weights random; and inputs for it."""
    make, _, shape = LINEAR_LAYERS[kind]
    rng = np.random.default_rng(seed)
    layer = make(epsilon=EPSILON, **options)
    layer.build((None, *shape))
    for weight in layer.weights:
        drawn = (
            rng.uniform(0.5, 2, weight.shape)
            if weight.name == "variance"
            else rng.normal(size=weight.shape)
        )
        weight.assign(drawn)
    return layer, rng.normal(size=(8, *shape)).astype(np.float32)


def by_channel(kernel: np.ndarray, kind: str) -> np.ndarray:
    """A view of the kernel as (weights of a scale, scales)."""
    if kind == "dense":
        return kernel.reshape(-1, 1)
    if "depthwise" in kind:
        return kernel.reshape(-1, kernel.shape[2] * kernel.shape[3])
    return kernel.reshape(-1, kernel.shape[-1])


def rounded(kernel: np.ndarray, bits: int, kind: str) -> np.ndarray:
    """Symmetric quantization, by hand."""
    flat = by_channel(kernel, kind)
    scale = np.abs(flat).max(axis=0) / (2 ** (bits - 1) - 1)
    return (np.rint(flat / scale) * scale).reshape(kernel.shape)


def float_twin(kind: str, kernel: np.ndarray):
    _, make, shape = LINEAR_LAYERS[kind]
    twin = make()
    twin.build((None, *shape))
    twin.set_weights([kernel])
    return twin


class TestActivationQuantizer:
    def quantizer(self, **options):
        layer = ActivationQuantizer(**options)
        layer.build((None, 2))
        return layer

    def range_of(self, layer):
        return float(layer.low), float(layer.high)

    def test_first_training_batch_sets_the_range(self):
        layer = self.quantizer()
        assert not layer.is_calibrated
        layer(np.float32([[-1.5, 0.25], [3.0, 2.0]]), training=True)
        assert self.range_of(layer) == (-1.5, 3.0)
        assert layer.is_calibrated

    def test_later_batches_move_it_by_the_moving_average(self):
        layer = self.quantizer(momentum=0.75)
        batches = np.float32([[-4, 8], [-8, 4], [-2, 16], [-1, 1]])
        for batch in batches:
            layer(batch[None], training=True)
        low, high = batches[0]
        for batch in batches[1:]:
            low, high = 0.75 * low + 0.25 * batch[0], 0.75 * high + 0.25 * batch[1]
        np.testing.assert_allclose(self.range_of(layer), (low, high), rtol=1e-6)

    def test_by_default_a_batch_moves_the_range_by_a_twentieth(self):
        layer = self.quantizer()
        layer(np.float32([[-1, 1]]), training=True)
        layer(np.float32([[-2, 5]]), training=True)
        np.testing.assert_allclose(self.range_of(layer), (-1.05, 1.2), rtol=1e-6)

    @pytest.mark.parametrize(
        ("batch", "expected"), [([2.0, 5.0], (0.0, 5.0)), ([-5.0, -2.0], (-5.0, 0.0))]
    )
    def test_zero_is_always_within_the_range(self, batch, expected):
        trained, set_by_hand = self.quantizer(), self.quantizer()
        trained(np.float32([batch]), training=True)
        set_by_hand.set_range(*batch)
        assert self.range_of(trained) == self.range_of(set_by_hand) == expected

    def test_a_batch_of_zeros_leaves_the_range_to_the_next(self):
        layer = self.quantizer()
        layer(np.zeros((3, 2), np.float32), training=True)
        assert not layer.is_calibrated
        layer(np.float32([[-1, 2]]), training=True)
        assert self.range_of(layer) == (-1.0, 2.0)

    def test_inference_leaves_the_range_alone_and_clips_to_it(self):
        layer = self.quantizer()
        layer.set_range(-1.0, 1.0)
        y = np.asarray(layer(np.float32([[-9, 9]])))
        assert self.range_of(layer) == (-1.0, 1.0)
        np.testing.assert_allclose(y, [[-1, 1]], atol=1 / 255)

    def test_an_empty_range_makes_zeros(self):
        assert not np.any(self.quantizer()(np.float32([[-9, 9]])))

    @pytest.mark.parametrize("bits", [2, 4, 8, 16])
    def test_values_are_those_of_the_affine_scheme(self, bits):
        low, high = -1.0, 2.5
        layer = self.quantizer(bits=bits)
        layer.set_range(low, high)
        x = np.random.default_rng(bits).normal(size=(50, 2)).astype(np.float32)
        scale = (high - low) / (2**bits - 1)
        zero_point = np.rint(-low / scale)
        steps = np.clip(np.rint(x / scale) + zero_point, 0, 2**bits - 1)
        np.testing.assert_allclose(layer(x), (steps - zero_point) * scale, atol=1e-5)

    def test_gradient_is_one_inside_the_range_and_zero_outside(self):
        layer = self.quantizer(bits=3)
        layer.set_range(-1.0, 2.5)  # a step is 0.5, zero is the third: the limits are exact
        x = tf.constant([[-1.3, -0.9], [0.01, 0.26], [2.4, 2.6]])
        upstream = tf.constant([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        np.testing.assert_array_equal(
            tape.gradient(y, x, output_gradients=upstream), [[0, 2], [3, -4], [5, 0]]
        )

    def test_the_range_is_no_trainable_weight(self):
        layer = self.quantizer()
        assert not layer.trainable_weights
        assert len(layer.non_trainable_weights) == 2


class TestLinearLayers:
    def test_folding_equals_the_layer_followed_by_its_batch_norm(self, kind):
        layer, x = randomized(kind)
        norm = layers.BatchNormalization(epsilon=EPSILON)
        twin = float_twin(kind, np.asarray(layer.kernel))
        y = twin(x)
        norm.build(y.shape)
        norm.set_weights(
            [np.asarray(w) for w in (layer.gamma, layer.bias, layer.mean, layer.variance)]
        )
        kernel, bias = layer.folded()
        np.testing.assert_allclose(
            layer.apply_kernel(x, kernel) + bias, norm(y, training=False), atol=2e-5
        )

    @pytest.mark.parametrize("bits", [2, 3, 8])
    def test_computes_with_the_rounded_folded_kernel(self, kind, bits):
        layer, x = randomized(kind, weight_bits=bits)
        kernel, bias = (np.asarray(part) for part in layer.folded())
        expected = np.asarray(float_twin(kind, rounded(kernel, bits, kind))(x)) + bias
        np.testing.assert_allclose(layer(x), expected, atol=2e-5)

    def test_training_does_not_change_the_statistics_of_the_batch_norm(self, kind):
        layer, x = randomized(kind)
        before = layer.mean.numpy().copy(), layer.variance.numpy().copy()
        layer(x, training=True)
        np.testing.assert_array_equal((layer.mean, layer.variance), before)
        assert [w.name for w in layer.trainable_weights] == ["kernel", "bias", "gamma"]

    @pytest.mark.parametrize(
        ("activation", "limit"), [("linear", None), ("relu", np.inf), ("relu6", 6.0)]
    )
    def test_activation_comes_last(self, activation, limit):
        layer, x = randomized("dense", activation=activation)
        plain = randomized("dense")[0]
        y = np.asarray(plain(4 * x))
        assert y.min() < 0
        assert y.max() > 6
        expected = y if limit is None else np.clip(y, 0, limit)
        np.testing.assert_allclose(layer(4 * x), expected, rtol=1e-6)

    def test_a_kernel_of_zeros_stays_zero(self, kind):
        layer, x = randomized(kind)
        layer.kernel.assign(np.zeros(layer.kernel.shape))
        assert np.isfinite(np.asarray(layer(x))).all()
        np.testing.assert_array_equal(layer.fake_quantized(layer.folded()[0]), 0)


class TestStraightThroughGradient:
    def test_kernel_learns_as_if_it_were_not_rounded(self, kind):
        """The gradient of a float layer that has the rounded kernel, times the folding's factor."""
        layer, x = randomized(kind, weight_bits=3)
        kernel, _ = layer.folded()
        twin = float_twin(kind, rounded(np.asarray(kernel), 3, kind))
        upstream = np.random.default_rng(9).normal(size=twin(x).shape).astype(np.float32)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(upstream * layer(x))
        gradient = tape.gradient(loss, layer.kernel)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(upstream * twin(x))
        factor = np.asarray(layer.gamma) / np.sqrt(np.asarray(layer.variance) + EPSILON)
        if "depthwise" in kind:
            factor = factor.reshape(layer.kernel.shape[2:])
        np.testing.assert_allclose(
            gradient, tape.gradient(loss, twin.kernel) * factor, rtol=1e-3, atol=1e-4
        )

    def test_gradients_of_a_dense_layer_by_hand(self):
        layer, x = randomized("dense", weight_bits=3, activation="relu")
        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        upstream = np.random.default_rng(9).normal(size=y.shape).astype(np.float32)
        weights = [layer.kernel, layer.bias, layer.gamma, x]
        by_tape = tape.gradient(y, weights, output_gradients=tf.constant(upstream))
        kernel, gamma = np.asarray(layer.kernel), np.asarray(layer.gamma)
        deviation = np.sqrt(np.asarray(layer.variance) + EPSILON)
        d_y = upstream * (np.asarray(y) > 0)
        d_kernel, d_bias = np.asarray(x).T @ d_y, d_y.sum(axis=0)
        d_gamma = ((d_kernel * kernel).sum(axis=0) - d_bias * np.asarray(layer.mean)) / deviation
        d_x = d_y @ rounded(kernel * gamma / deviation, 3, "dense").T
        for computed, expected in zip(
            by_tape, (d_kernel * gamma / deviation, d_bias, d_gamma, d_x), strict=True
        ):
            np.testing.assert_allclose(computed, expected, rtol=1e-4, atol=1e-4)


class TestSaving:
    def assert_round_trip(self, layer, shape, tmp_path):
        """Config and weights survive, through Keras' serialization and through a saved file."""
        restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        assert type(restored) is type(layer)
        assert restored.get_config() == layer.get_config()
        x = np.random.default_rng(5).normal(size=(3, *shape)).astype(np.float32)
        model = keras.Sequential([keras.Input(shape), layer])
        model.save(tmp_path / "layer.keras")
        loaded = keras.saving.load_model(tmp_path / "layer.keras")
        assert loaded.layers[-1].get_config() == layer.get_config()
        for ours, theirs in zip(model.weights, loaded.weights, strict=True):
            assert ours.name == theirs.name
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(model(x), loaded(x))
        return loaded

    @pytest.mark.parametrize("activation", ["linear", "relu6"])
    def test_linear_layers(self, kind, activation, tmp_path):
        layer, x = randomized(kind, weight_bits=3, activation=activation)
        loaded = self.assert_round_trip(layer, x.shape[1:], tmp_path)
        assert loaded.layers[-1].get_config() | {
            "weight_bits": 3,
            "epsilon": EPSILON,
            "activation": activation,
        } == (loaded.layers[-1].get_config())

    def test_linear_layer_without_batch_norm(self, tmp_path):
        self.assert_round_trip(QuantizedDense(3, weight_bits=5), (4,), tmp_path)

    def test_activation_quantizer_keeps_its_range_and_goes_on_from_it(self, tmp_path):
        layer = ActivationQuantizer(bits=5, momentum=0.5)
        layer.build((None, 3))
        layer.set_range(-1.0, 3.0)
        loaded = self.assert_round_trip(layer, (3,), tmp_path).layers[-1]
        assert (loaded.bits, loaded.momentum, loaded.is_calibrated) == (5, 0.5, True)
        loaded(np.float32([[-2, 0, 1]]), training=True)
        assert (float(loaded.low), float(loaded.high)) == (-1.5, 2.0)
