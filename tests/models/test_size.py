"""MACs and parameters of layers of every kind, against the graph that LiteRT makes of them."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.deploy import litert
from tinylab.graph import count, read_tflite
from tinylab.models.size import folded_parameters, multiply_accumulates

PICTURE, SERIES = (8, 8, 3), (20, 6)


def network(shape, *stack) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *stack])


@pytest.mark.parametrize(
    "model",
    [
        network(PICTURE, layers.Conv2D(4, 3, strides=2, padding="same"), layers.ReLU()),
        network(PICTURE, layers.DepthwiseConv2D(3, depth_multiplier=2)),
        network(PICTURE, layers.SeparableConv2D(5, 3, padding="same")),
        network(SERIES, layers.Conv1D(4, 3), layers.GlobalAveragePooling1D(), layers.Dense(2)),
        network(SERIES, layers.SeparableConv1D(4, 3, padding="same")),
        network((5, 4), layers.Flatten(), layers.Dense(3, activation="softmax")),
    ],
    ids=lambda model: model.layers[0].name,
)
def test_it_counts_what_the_converted_graph_counts(model):
    graph = read_tflite(litert.convert(model))
    assert multiply_accumulates(model) == count(graph).macs > 0


@pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.GRU, layers.LSTM])
def test_a_recurrent_layer_multiplies_all_its_kernels_at_every_step(kind):
    layer = kind(7)
    model = network(SERIES, layer)
    kernels = sum(np.prod(w.shape) for w in layer.trainable_weights if "kernel" in w.name)
    assert multiply_accumulates(model) == SERIES[0] * kernels


def test_a_transposed_convolution_multiplies_every_input_with_its_whole_kernel():
    model = network(PICTURE, layers.Conv2DTranspose(4, 3, strides=2, padding="same"))
    assert multiply_accumulates(model) == 8 * 8 * 3 * 3 * 3 * 4


def test_an_unknown_layer_is_refused_by_name():
    model = network(SERIES, layers.LayerNormalization(name="odd_one"))
    with pytest.raises(ValueError, match="odd_one.*LayerNormalization"):
        multiply_accumulates(model)


def test_an_open_size_is_refused():
    with pytest.raises(ValueError, match="no fixed size"):
        multiply_accumulates(network((None, 6), layers.Conv1D(4, 3)))


@pytest.mark.parametrize(
    ("stack", "parameters"),
    [
        ((layers.Conv2D(4, 3), layers.BatchNormalization()), 4 * 27 + 4),
        ((layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization()), 4 * 27 + 4),
        ((layers.Conv2D(4, 3), layers.ReLU(), layers.BatchNormalization()), 4 * 27 + 4 + 8),
        ((layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization()), 4 * 27 + 4 + 8),
    ],
)
def test_batch_norm_is_folded_only_where_it_can_be(stack, parameters):
    assert folded_parameters(network(PICTURE, *stack)) == parameters
