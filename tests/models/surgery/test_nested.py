"""Models inside models and separable convolutions go through what works layer by layer."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.adapt.fine_tuning.new_class import add_class
from tinylab.compress.pruning.channels import shrink_channels
from tinylab.compress.quantization.qat import quantization_aware
from tinylab.early_exit.network import attach_exits
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.surgery.nested import flattened

SHAPE = (12, 12, 3)


def _block(x, filters, name):
    x = layers.Conv2D(filters, 3, use_bias=False, name=name)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def backbone_in_head():
    """Transfer learning: a functional backbone and a Sequential head as layers of a model."""
    source = keras.Input(SHAPE)
    backbone = keras.Model(source, _block(_block(source, 8, "conv1"), 6, "conv2"), name="backbone")
    head = [layers.GlobalAveragePooling2D(), layers.Dense(4, activation="softmax", name="answer")]
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, keras.Sequential(head, name="head")(backbone(inputs)))


def sequential_in_sequential():
    inner = keras.Sequential(
        [layers.Conv2D(8, 3, name="conv"), layers.ReLU(), layers.GlobalAveragePooling2D()]
    )
    return keras.Sequential(
        [keras.Input(SHAPE), inner, layers.Dense(4, activation="softmax", name="answer")]
    )


def separable():
    inputs = keras.Input(SHAPE)
    x = layers.SeparableConv2D(8, 3, strides=2, padding="same", name="apart")(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(4, activation="softmax", name="answer")(x))


@pytest.fixture(params=[backbone_in_head, sequential_in_sequential, separable])
def model(request):
    keras.utils.set_random_seed(5)
    model = request.param()
    rng = np.random.default_rng(1)
    model.set_weights([w + 0.1 * np.abs(rng.normal(size=w.shape)) for w in model.get_weights()])
    return model


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(16, *SHAPE)).astype(np.float32)


def _answers(model, x):
    return np.asarray(model(x, training=False))


def test_the_same_function_in_one_row(model, x):
    flat = flattened(model)
    assert not any(isinstance(layer, keras.Model) for layer in flat.layers)
    np.testing.assert_allclose(_answers(flat, x), _answers(model, x), atol=1e-6)
    assert flat.get_layer("answer").units == 4
    assert flattened(flat) is flat


def test_compression_and_adaptation_take_them(model, x):
    expected = _answers(model, x)
    np.testing.assert_allclose(_answers(fold_batch_norm(model), x), expected, atol=1e-5)
    assert np.abs(_answers(quantization_aware(model, calibration=x), x) - expected).max() < 0.05
    smaller = shrink_channels(model, 0.5)
    assert smaller.count_params() < model.count_params()
    assert memory_cost(model, "all").total_bytes > 0
    assert add_class(model, x[:3]).output_shape == (None, 5)


def test_exits_after_an_inner_layer(x):
    exits = attach_exits(backbone_in_head(), ["conv1"])
    assert exits.predict(x[:2]).shape == (2, 2, 4)
    inputs = keras.Input(SHAPE)
    yes_or_no = layers.Dense(1, activation="sigmoid", name="yes")(
        layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="conv")(inputs))
    )
    with pytest.raises(ValueError, match="'yes' gives no probabilities"):
        attach_exits(keras.Model(inputs, yes_or_no), ["conv"])


def test_names_that_clash_get_their_models_name():
    parts = [
        keras.Sequential([keras.Input((4,)), layers.Dense(4, name="same")], name=name)
        for name in ("first", "second")
    ]
    flat = flattened(keras.Sequential([keras.Input((4,)), *parts]))
    assert [layer.name for layer in flat.layers[1:]] == ["same", "second_same"]


def test_what_cannot_be_taken_apart_is_named():
    class Own(keras.Model):
        def call(self, x):
            return x * 2.0

    inputs = keras.Input((4,))
    with pytest.raises(ValueError, match="'mine' is a class of its own"):
        flattened(keras.Model(inputs, Own(name="mine")(inputs)))


@pytest.mark.parametrize(
    ("layer", "remedy"),
    [
        (layers.Conv1D(4, 3, name="odd"), "Conv2D with a window"),
        (layers.LSTM(3, name="odd"), "int8"),
    ],
)
def test_refusals_name_the_layer_and_a_remedy(layer, remedy):
    inputs = keras.Input((8, 2))
    with pytest.raises(ValueError, match=f"'odd' is a .*{remedy}"):
        fold_batch_norm(keras.Model(inputs, layer(inputs)))


def test_a_norm_after_the_activation_is_refused_with_a_remedy():
    inputs = keras.Input(SHAPE)
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    model = keras.Model(inputs, layers.BatchNormalization(name="late")(x))
    with pytest.raises(ValueError, match="'late' does not .* put it between"):
        quantization_aware(model)
