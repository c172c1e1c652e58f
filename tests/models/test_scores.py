"""Answers in small batches against Keras' own."""

import keras
import numpy as np
import pytest

from tinylab.models import scores
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.scores import scores_of


def test_they_are_those_of_predict_also_for_a_last_batch_that_is_not_full():
    model = mobilenet_v1(0.125, 32, dropout=0.5)
    pictures = np.random.default_rng(0).integers(0, 256, (7, 32, 32, 3), np.uint8)
    expected = model.predict(pictures / np.float32(255), verbose=0)
    for given in (pictures, pictures / np.float32(255)):
        assert np.allclose(scores_of(model, given, batch_size=3), expected, atol=1e-5)


def test_no_example_is_refused():
    with pytest.raises(ValueError, match="one example or more"):
        scores_of(mobilenet_v1(0.125, 32), np.zeros((0, 32, 32, 3), np.uint8))


def test_many_batches_of_any_size_need_one_graph():
    traced = []

    class Watched(keras.layers.Dense):
        def call(self, inputs, training=None):
            traced.append(training)
            return super().call(inputs)

    model = keras.Sequential([keras.Input((4,)), Watched(2)])
    traced.clear()
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    assert np.allclose(scores_of(model, x, batch_size=3), x @ model.layers[0].kernel.numpy())
    assert traced == [False]


class Sorting(keras.layers.Layer):
    """Needs numbers: no graph can be made of it."""

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape)

    def call(self, inputs):
        return np.sort(np.asarray(inputs), axis=-1)


def test_a_layer_that_needs_numbers_is_asked_without_a_graph():
    model = keras.Sequential([keras.Input((4,)), Sorting()])
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    assert np.array_equal(scores_of(model, x, batch_size=3), np.sort(x))


def test_sequences_of_several_lengths_are_asked_one_by_one():
    model = keras.Sequential([keras.Input((None, 1)), keras.layers.GlobalMaxPooling1D()])
    x = [np.array([[1.0], [2.0]]), np.array([[3.0], [5.0], [4.0]])]
    assert np.array_equal(scores_of(model, x, batch_size=1), [[2], [5]])


def test_what_a_model_refuses_is_said_by_the_model():
    with pytest.raises(ValueError, match="incompatible with the layer"):
        scores_of(mobilenet_v1(0.125, 32), np.zeros((3, 32, 32, 1), np.uint8), batch_size=2)


def test_a_single_picture_waits_for_no_graph(monkeypatch):
    def refused(*_, **__):
        raise AssertionError("a graph was made")

    monkeypatch.setattr(scores, "_as_graph", refused)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Rescaling(2.0)])
    assert np.array_equal(scores_of(model, np.ones((1, 4))), np.full((1, 4), 2.0))
