"""Small trained Keras models and data, made once for all tests that need one."""

import numpy as np
import pytest

CLASSES = 4
SHAPE = (10, 8, 1)


def examples(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy pictures of four patterns, of different brightness, and their classes."""
    patterns = np.random.default_rng(42).normal(size=(CLASSES, *SHAPE))
    rng = np.random.default_rng(seed)
    y = rng.integers(0, CLASSES, count)
    gain = rng.uniform(0.5, 1.5, (count, 1, 1, 1))
    x = gain * patterns[y] + rng.normal(0, 1.1, (count, *SHAPE))
    return x.astype(np.float32), y


def small_ds_cnn():
    """Convolution, depthwise, pointwise, each with batch norm; every kind of fused activation."""
    keras = pytest.importorskip("keras")
    layers = keras.layers
    keras.utils.set_random_seed(1)
    source = keras.Input(SHAPE)
    x = layers.Conv2D(12, 3, padding="same", use_bias=False, name="stem")(source)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8)(x))
    x = layers.Dropout(0.1)(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.8, scale=False)(x))
    x = layers.Conv2D(16, 1, name="pointwise", activation="relu")(x)
    x = layers.AveragePooling2D((5, 4))(x)
    x = layers.Flatten()(x)
    answers = layers.Dense(CLASSES, activation="softmax", name="classifier")(x)
    return keras.Model(source, answers, name="small")


def fit(model, x, y, epochs: int, rate: float = 3e-3) -> None:
    keras = pytest.importorskip("keras")
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=50, epochs=epochs, verbose=0)


@pytest.fixture(scope="session")
def training_data():
    return examples(1000, 0)


@pytest.fixture(scope="session")
def test_data():
    return examples(400, 1)


@pytest.fixture(scope="session")
def trained(training_data):
    model = small_ds_cnn()
    fit(model, *training_data, epochs=6)
    return model


@pytest.fixture(scope="session")
def accuracy(test_data):
    """Function from a model to its accuracy on the test data."""
    x, y = test_data
    return lambda model: float(np.mean(np.asarray(model(x)).argmax(axis=1) == y))
