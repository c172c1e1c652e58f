"""Model files without what has its default: smaller words, the same model."""

import json
import zipfile

import keras
import numpy as np
import pytest

from tinylab.models import checkpoints
from tinylab.models.portable import leave_defaults_out

# Arguments that Keras got after 3.12, the version for Python 3.10, which refuses them.
NEWER = {"renorm", "renorm_clipping", "renorm_momentum", "input_axes", "output_axes"}


def words(part):
    """All names in a configuration."""
    if isinstance(part, dict):
        return set(part) | {name for value in part.values() for name in words(value)}
    return {name for item in part for name in words(item)} if isinstance(part, list) else set()


def config(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("config.json"))


@pytest.fixture
def model():
    inputs = keras.Input((8, 8, 2))
    x = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(inputs)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.ReLU(max_value=6.0)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))


def test_the_model_answers_as_before(model, tmp_path):
    path = tmp_path / "m.keras"
    model.save(path)
    before, untouched = words(config(path)), keras.saving.load_model(path, compile=False)
    leave_defaults_out(path)
    after = words(config(path))
    assert {"use_bias", "momentum", "max_value", "padding", "strides"} <= after < before
    assert not after & NEWER
    again = keras.saving.load_model(path, compile=False)
    x = np.random.default_rng(0).normal(size=(5, 8, 8, 2)).astype(np.float32)
    assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.get_config() == untouched.get_config()


def test_what_is_saved_and_what_is_bundled_is_portable(model, own_work_dir):
    own = checkpoints.save(model, "keyword_spotting", "train")
    bundled = sorted(checkpoints.REFERENCE.glob("*.keras"))
    assert len(bundled) >= 5
    for path in (own, *bundled):
        assert not words(config(path)) & NEWER, path.name


def test_a_layer_of_ones_own_keeps_all(tmp_path):
    @keras.saving.register_keras_serializable("own")
    class Twice(keras.layers.Layer):
        def __init__(self, times=2, **settings):
            super().__init__(**settings)
            self.times = times

        def call(self, x):
            return self.times * x

        def get_config(self):
            return super().get_config() | {"times": self.times}

    inputs = keras.Input((2,))
    path = tmp_path / "m.keras"
    keras.Model(inputs, Twice()(inputs)).save(path)
    leave_defaults_out(path)
    assert "times" in words(config(path))
