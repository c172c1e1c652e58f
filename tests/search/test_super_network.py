"""Slices of one set of weights: against Keras, with statistics of their own."""

import keras
import numpy as np
import pytest

from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.search.network import build_network
from tinylab.search.space import Architecture, Space, as_rows, costs_of
from tinylab.search.super_network.network import SuperNetwork, accuracy_of, measure_all
from tinylab.search.super_network.training import SuperTraining, train_super_network

SPACE = Space((3,), (8, 16))
X = np.random.default_rng(0).normal(0, 1, (24, 49, 10, 1)).astype(np.float32)
Y = np.arange(24) % 12


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return ds_cnn(filters=16, dropout=(0.0, 0.0))


def softmax(logits):
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def test_the_largest_slice_is_the_network_it_came_from(model):
    """Keras in training mode normalizes by the batch, as a calibrated slice does."""
    network = SuperNetwork(SPACE, model)
    logits = network.logits(X, 2, np.array((16,) * 5))
    np.testing.assert_allclose(softmax(logits), model(X, training=True), atol=1e-5)


def test_a_narrow_slice_is_the_network_of_its_weights(model):
    network, one = SuperNetwork(SPACE, model), Architecture(3, (8, 16, 8))
    alone = build_network(one, dropout=0.0)
    kernels = [
        network.stem[..., :8],
        network.depthwise[0][:, :, :8],
        network.pointwise[0][:, :, :8],
    ]
    kernels += [network.depthwise[1], network.pointwise[1][:, :, :, :8]]
    layers = (
        "stem",
        "block1_depthwise",
        "block1_pointwise",
        "block2_depthwise",
        "block2_pointwise",
    )
    for at, (name, kernel) in enumerate(zip(layers, kernels)):
        alone.get_layer(name).set_weights([np.asarray(kernel)])
        norm, width = alone.get_layer(f"{name}_norm"), (8, 8, 16, 16, 8)[at]
        kind = SPACE.widths.index(width)
        gain, offset = (np.asarray(v[at])[kind][:width] for v in (network.gains, network.offsets))
        norm.set_weights([gain, offset, *norm.get_weights()[2:]])
    head = 4 * np.asarray(network.heads[1])[:8]
    alone.get_layer("classifier").set_weights([head, np.asarray(network.biases[1])])
    logits = network.logits(X, one.stride, np.array(one.widths))
    np.testing.assert_allclose(softmax(logits), alone(X, training=True), atol=1e-5)


def test_each_beginning_of_a_slice_is_a_slice(model):
    network, widths = SuperNetwork(SPACE, model), (8, 16, 8, 16, 8)
    after_each = network.logits_after_each_block(X, 3, np.array(widths))
    assert len(after_each) == 4
    for blocks, logits in enumerate(after_each, start=1):
        alone = network.logits(X, 3, np.array(widths[: blocks + 1]))
        np.testing.assert_allclose(logits, alone, atol=1e-5)


def test_walking_the_tree_measures_what_each_slice_measures_alone(model):
    network = SuperNetwork(SPACE, model)
    table = dict(measure_all(network, X[:16], X[16:], Y[16:]))
    assert set(table) == set(SPACE.architectures)
    for one in SPACE.architectures[::11]:
        assert table[one] == accuracy_of(network, one, X[:16], X[16:], Y[16:])


def test_statistics_of_the_largest_are_others_for_a_slice(model):
    network, one = SuperNetwork(SPACE, model), np.array((8, 8))
    own = np.asarray(network.logits(X, 3, one))
    with network.frozen_statistics(Architecture(3, (16,) * 5), X):
        borrowed = np.asarray(network.logits(X, 3, one))
        whole = np.asarray(network.logits(X, 3, np.array((16,) * 5)))
    assert np.abs(own - borrowed).max() > 1e-3
    np.testing.assert_allclose(whole, network.logits(X, 3, np.array((16,) * 5)), atol=1e-4)
    np.testing.assert_allclose(network.logits(X, 3, one), own)


@pytest.mark.training
def test_a_few_steps_lower_the_loss_of_all(model):
    network, losses = SuperNetwork(SPACE, model), []
    teacher = np.eye(12, dtype=np.float32)[Y]
    settings = SuperTraining(epochs=6, batch_size=12, learning_rate=5e-3)
    train_super_network(
        network, X, Y, teacher, settings, after_epoch=lambda _, loss: losses.append(loss)
    )
    assert losses[-1] < losses[0]


def test_every_depth_width_and_stride_learns(model):
    """Each slice, also those that no step draws by name, does better than before."""
    network = SuperNetwork(SPACE, model)

    def loss_of(one):
        logits = network.logits(X, one.stride, np.array(one.widths))
        return float(np.mean(keras.losses.sparse_categorical_crossentropy(Y, softmax(logits))))

    some = [Architecture(3, widths) for widths in ((8, 8), (16, 8, 16), (8, 16, 16, 8), (16,) * 5)]
    before = [loss_of(one) for one in some]
    settings = SuperTraining(epochs=8, batch_size=24, learning_rate=5e-3)
    train_super_network(network, X, Y, np.eye(12, dtype=np.float32)[Y], settings)
    assert all(loss_of(one) < was for one, was in zip(some, before))


def test_a_network_alone_costs_what_the_space_says():
    one = Architecture(3, (16, 32, 16))
    alone = build_network(one)
    weights = sum(
        int(np.prod(layer.get_weights()[0].shape))
        for layer in alone.layers
        if layer.weights and "norm" not in layer.name
    )
    costs = costs_of(as_rows([one]))
    assert costs.weight_bytes[0] == weights + 4 * (16 + 16 + 32 + 32 + 16 + 12)
