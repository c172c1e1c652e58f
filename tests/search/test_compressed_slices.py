"""Slices with changed kernels and exits: against Keras, against each one alone, and by hand."""

import keras
import numpy as np
import pytest

from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.search.joint.settings import Compression, exits_of
from tinylab.search.space import Architecture, Space
from tinylab.search.super_network.compressed import (
    as_model,
    compress_kernel,
    count_answers,
    count_exits,
)
from tinylab.search.super_network.network import SuperNetwork, slice_scores

SPACE = Space((4,), (8, 16))
RNG = np.random.default_rng(0)
X = RNG.normal(0, 1, (24, 49, 10, 1)).astype(np.float32)
Y = np.arange(24) % 12


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return SuperNetwork(SPACE, ds_cnn(filters=16, dropout=(0.0, 0.0)))


def test_a_pruned_kernel_of_four_bits_has_few_values_and_half_its_weights():
    kernel = RNG.normal(size=(1, 1, 16, 8)).astype(np.float32)
    changed = compress_kernel(Compression(4, 0.5))(kernel, "pointwise")
    kept = np.abs(kernel) > np.median(np.abs(kernel))
    assert not changed[~kept].any()
    for channel in range(8):
        step = np.abs(kernel[..., channel]).max() / 7
        levels = changed[..., channel] / step
        np.testing.assert_allclose(levels, np.rint(levels), atol=1e-5)
        error = np.abs(changed - kernel)[..., channel][kept[..., channel]]
        assert error.max() <= step / 2 + 1e-6


def test_depthwise_kernels_and_classifiers_are_not_pruned_and_have_a_grid_a_channel():
    kernel = RNG.normal(size=(3, 3, 4, 1)).astype(np.float32) * [[[[1], [10], [100], [1000]]]]
    changed = compress_kernel(Compression(8, 0.5))(kernel, "depthwise")
    error = np.abs(changed - kernel).max(axis=(0, 1, 3))
    np.testing.assert_array_less(error, np.abs(kernel).max(axis=(0, 1, 3)) / 250)
    ones = np.ones((4, 12), np.float32)
    np.testing.assert_allclose(compress_kernel(Compression(8, 0.5))(ones, "classifier"), ones)


def test_counts_are_those_of_each_slice_alone(network):
    compression, thresholds = Compression(4, 0.7), (0.1, 0.2)
    exits = exits_of(SPACE, thresholds)
    right, early = count_answers(network, compression, thresholds, X[:12], X[12:], Y[12:])
    assert len(right) == len(exits) and 0 < early.sum()
    with network.changed_kernels(compress_kernel(compression)):
        for at in range(0, len(exits), 37):
            one = SPACE.architectures[exits.network[at]]
            scores = slice_scores(network, one, X[:12], X[12:])
            answers, leaves = scores.argmax(axis=1), np.zeros(12, bool)
            if after := exits.after[at]:
                front = Architecture(one.stride, one.widths[: after + 1])
                first = slice_scores(network, front, X[:12], X[12:])
                sure = np.exp(first).max(axis=1) / np.exp(first).sum(axis=1)
                leaves = sure >= exits.threshold[at]
                answers = np.where(leaves, first.argmax(axis=1), answers)
            assert right[at] == np.sum(answers == Y[12:]) and early[at] == leaves.sum()


def test_exits_by_hand():
    """The first example is sure and wrong early, the second right late, the third right twice."""
    at_exit = np.array([[9.0, 0, 0], [0.2, 0, 0], [0, 0, 9]])
    at_end = np.array([[0.0, 5, 0], [0, 5, 0], [0, 0, 5]])
    counts = count_exits([at_exit, at_end], np.array([1, 1, 2]), (0.3, 0.9))
    assert counts == [(3, 0), (1, 3), (2, 2)]


def test_a_slice_with_changed_kernels_is_a_keras_model(network):
    one = Architecture(4, (8, 16, 8))
    with network.changed_kernels(compress_kernel(Compression(4, 0.5))):
        model = as_model(network, one, X[:12])
        scores = slice_scores(network, one, X[:12], X[12:])
    wanted = keras.ops.convert_to_numpy(keras.ops.softmax(scores))
    np.testing.assert_allclose(model(X[12:], training=False), wanted, atol=1e-5)
    np.testing.assert_array_equal(network.stem_kernel(8), network.stem[..., :8])
