"""Batch-norm folding and the blocks it works on."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.models.surgery.blocks import find_blocks, fresh_copy
from tinylab.models.surgery.fold import fold_batch_norm


def chain(*stack, shape=(8, 8, 3)):
    x = source = keras.Input(shape)
    for layer in stack:
        x = layer(x)
    return keras.Model(source, x)


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_folding_changes_nothing_but_the_layers(trained, test_data):
    x, _ = test_data
    folded = fold_batch_norm(trained)
    assert "BatchNormalization" not in kinds(folded)
    np.testing.assert_allclose(np.asarray(folded(x)), np.asarray(trained(x)), atol=1e-5)
    assert kinds(fold_batch_norm(folded)) == kinds(folded)


def test_sequential_models_and_every_linear_layer():
    model = keras.Sequential([keras.Input((6, 6, 2))])
    for layer in (
        layers.Conv2D(4, 3),
        layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
        layers.Flatten(),
        layers.Dense(5),
    ):
        model.add(layer)
        if not isinstance(layer, layers.Flatten):
            model.add(layers.BatchNormalization())
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.2, 1, w.shape) for w in model.get_weights()])
    x = rng.normal(size=(5, 6, 6, 2))
    folded = fold_batch_norm(model)
    assert "BatchNormalization" not in kinds(folded)
    np.testing.assert_allclose(np.asarray(folded(x)), np.asarray(model(x)), rtol=1e-4, atol=1e-4)


def test_the_original_is_left_alone(trained):
    before = [w.copy() for w in trained.get_weights()]
    fold_batch_norm(trained)
    for old, new in zip(before, trained.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_blocks_hold_what_is_fused():
    model = chain(
        layers.Conv2D(4, 3, name="a"),
        layers.BatchNormalization(),
        layers.Activation("relu6"),
        layers.Conv2D(4, 1, activation="relu", name="b"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax", name="c"),
    )
    blocks, absorbed = find_blocks(fresh_copy(model))
    assert [(b.activation, b.tail) for b in blocks.values()] == [
        ("relu6", "linear"),
        ("relu", "linear"),
        ("linear", "softmax"),
    ]
    assert blocks["a"].batch_norm is not None and len(absorbed) == 2


def test_an_output_that_others_read_is_not_fused():
    source = keras.Input((8, 8, 3))
    x = layers.Conv2D(3, 3, padding="same", name="a")(source)
    y = layers.ReLU()(x)
    blocks, absorbed = find_blocks(fresh_copy(keras.Model(source, layers.Add()([x, y]))))
    assert blocks["a"].activation == "linear" and not absorbed


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ([layers.BatchNormalization(name="early"), layers.Conv2D(3, 3)], "early"),
        ([layers.Conv2D(3, 3, activation="relu"), layers.BatchNormalization(name="late")], "late"),
        ([layers.Conv2DTranspose(3, 3, name="up")], "'up' is a Conv2DTranspose"),
        ([layers.LeakyReLU(name="leaky")], "leaky"),
        ([layers.ReLU(negative_slope=0.1, name="slope")], "slope"),
        ([layers.Conv2D(3, 3, groups=3, name="grouped")], "grouped"),
    ],
)
def test_what_cannot_be_folded_is_named(stack, message):
    with pytest.raises(ValueError, match=message):
        fold_batch_norm(chain(*stack))


def test_a_layer_used_twice_is_named():
    source, shared = keras.Input((4,)), layers.Dense(4, name="shared")
    with pytest.raises(ValueError, match="shared"):
        fold_batch_norm(keras.Model(source, shared(shared(source))))
