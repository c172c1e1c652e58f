"""Small models that have every kind of layer the adaptation code reads."""

import keras
import numpy as np
import pytest

from tinylab.models.surgery.blocks import fresh_copy

layers = keras.layers


def _convolution_block(x, layer):
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layer(x)))


@pytest.fixture(scope="session")
def small_cnn(clips) -> keras.Model:
    """A DS-CNN in small: 12 x 6 features, two separable blocks, four classes, lively batch norm.

    Its weights are random, its batch norm has seen the clips: random features, but of use.
    """
    keras.utils.set_random_seed(1)
    inputs = keras.Input((12, 6, 1))
    x = _convolution_block(inputs, layers.Conv2D(8, (4, 2), strides=2, padding="same"))
    for _ in range(2):
        x = _convolution_block(x, layers.DepthwiseConv2D(3, padding="same"))
        x = _convolution_block(x, layers.Conv2D(8, 1))
    x = layers.Dropout(0.4)(x)
    x = layers.Flatten()(layers.AveragePooling2D((2, 3))(x))
    model = keras.Model(inputs, layers.Dense(4, activation="softmax")(x))
    _with_lively_batch_norm(model)
    for _ in range(40):
        model(clips[0], training=True)
    return model


@pytest.fixture(scope="session")
def small_residual() -> keras.Model:
    """Two dense paths that meet in an addition."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((10,))
    x = layers.Dense(7, activation="relu")(inputs)
    side = layers.Dense(7, activation="relu")(x)
    x = layers.Add()([x, layers.Dense(7, activation="tanh")(side)])
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


@pytest.fixture(scope="session")
def small_autoencoder() -> keras.Model:
    """Twelve values through a bottleneck of three, with batch norm before each ReLU."""
    keras.utils.set_random_seed(3)
    inputs = x = keras.Input((12,))
    for width in (8, 3, 8):
        x = layers.Dense(width, use_bias=width != 3)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return _with_lively_batch_norm(keras.Model(inputs, layers.Dense(12)(x)))


def _with_lively_batch_norm(model: keras.Model) -> keras.Model:
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


@pytest.fixture(scope="session")
def clips() -> tuple[np.ndarray, np.ndarray]:
    """Sixty-four noisy 12 x 6 patterns of four classes."""
    random = np.random.default_rng(4)
    labels = np.arange(64) % 4
    patterns = random.normal(size=(4, 12, 6, 1))
    examples = patterns[labels] + 0.3 * random.normal(size=(64, 12, 6, 1))
    return examples.astype("float32"), labels


@pytest.fixture(scope="session")
def only_the_last_layer():
    """Compile a copy of a model with Keras so that only its classifier learns."""

    def compiled(model: keras.Model, optimizer: keras.Optimizer) -> keras.Model:
        copy = fresh_copy(model)
        for layer in copy.layers[:-1]:
            layer.trainable = False
            if isinstance(layer, layers.Dropout):
                layer.rate = 0.0
        copy.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
        return copy

    return compiled
