"""Proxies: small cases by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.search.network import build_network
from tinylab.search.proxies import gradient_norm, naswot, synflow
from tinylab.search.space import Architecture

X = np.random.default_rng(0).normal(0, 1, (6, 4)).astype(np.float32)


def dense(*sizes: int) -> keras.Model:
    inputs = x = keras.Input((4,))
    for size in sizes[:-1]:
        x = layers.ReLU()(layers.Dense(size)(x))
    return keras.Model(inputs, layers.Dense(sizes[-1], activation="softmax")(x))


def test_synflow_of_two_layers_is_the_sum_over_paths_for_each_layer():
    """Weights 2 and -3: 4 x 5 x 3 paths of 2 * 3 each, counted once for each layer."""
    model = dense(5, 3)
    model.layers[1].set_weights([np.full((4, 5), 2.0), np.zeros(5)])
    model.layers[-1].set_weights([np.full((5, 3), -3.0), np.zeros(3)])
    assert synflow(model) == pytest.approx(np.log(2 * 4 * 5 * 3 * 6))


@pytest.mark.filterwarnings("error:The structure of:UserWarning")  # red in a notebook
def test_examples_that_switch_alike_have_no_volume():
    keras.utils.set_random_seed(0)
    model = dense(64, 3)  # with few units two examples may switch the same ones
    different = naswot(model, X)
    assert np.isfinite(different)
    assert naswot(model, np.repeat(X[:1], 6, axis=0)) < different
    with pytest.raises(ValueError, match="ReLU"):
        naswot(dense(3), X)


def test_the_gradient_of_a_linear_softmax_by_hand():
    model = dense(3)
    y = np.array([0, 1, 2, 0, 1, 2])
    difference = (np.asarray(model(X)) - np.eye(3)[y]) / 6
    by_hand = np.sqrt(np.sum((X.T @ difference) ** 2) + np.sum(difference.sum(axis=0) ** 2))
    assert gradient_norm(model, X, y) == pytest.approx(by_hand, rel=1e-4)


def test_more_channels_have_more_flow():
    keras.utils.set_random_seed(0)
    narrow, wide = (build_network(Architecture(3, (w, w))) for w in (16, 64))
    assert synflow(wide) > synflow(narrow)
