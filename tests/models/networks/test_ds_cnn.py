"""DS-CNN against the published figures of MLPerf Tiny."""

import csv

import keras
import numpy as np
import pytest

from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.models.size import folded_parameters, multiply_accumulates


@pytest.fixture(scope="module")
def model():
    return ds_cnn()


def test_published_size(model):
    assert folded_parameters(model) == 22_604
    assert multiply_accumulates(model) == 2_656_768


def test_layers_are_the_published_ones(model, real_data):
    path = real_data / "mlperf_tiny" / "layers.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "kws" and int(row["macs"])]
    heavy = [layer for layer in model.layers if layer.name in _computing_layers(model)]
    shapes = ["x".join(map(str, (1, *layer.output.shape[1:]))) for layer in heavy]
    assert shapes == [row["out_shape"] for row in rows]
    assert [layer.count_params() for layer in heavy] == [int(row["params"]) for row in rows]


def _computing_layers(model):
    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)
    return {layer.name for layer in model.layers if isinstance(layer, kinds)}


def test_answers_are_probabilities(model):
    x = np.random.default_rng(0).normal(size=(4, 49, 10, 1)).astype(np.float32)
    answers = np.asarray(model(x))
    assert answers.shape == (4, 12)
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


def test_size_counts_every_kind_of_layer():
    layers = keras.layers
    inputs = keras.Input((8, 8, 4))
    x = layers.Conv2D(6, 3, groups=2, use_bias=False)(inputs)  # 6 x 6 x 6 outputs of 9 x 2 taps
    x = layers.DepthwiseConv2D(3, strides=2, padding="same")(x)  # 3 x 3 x 6 outputs of 9 taps
    x = layers.Dense(5)(layers.Flatten()(layers.BatchNormalization()(x)))
    inner = keras.Model(inputs, x)
    outer_inputs = keras.Input((8, 8, 4))
    outer = keras.Model(outer_inputs, inner(outer_inputs))
    assert multiply_accumulates(outer) == 6 * 6 * 6 * 18 + 3 * 3 * 6 * 9 + 54 * 5
    assert folded_parameters(outer) == 6 * 9 * 2 + 6 * 9 + 6 + 54 * 5 + 5


def test_other_widths_and_depths():
    small = ds_cnn(classes=3, filters=8, blocks=1, input_shape=(25, 8, 1), weight_decay=0)
    assert small.output_shape == (None, 3)
    assert multiply_accumulates(small) < 100_000


def test_impossible_networks_say_why():
    with pytest.raises(ValueError, match="classes >= 2"):
        ds_cnn(classes=1)
