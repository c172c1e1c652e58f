"""Slices with pruned and quantized kernels, and with an early exit: all of them, counted.

A slice of fewer blocks has a classifier of its own and the same activations as the beginning of a
longer one, so it is that one's early exit as it stands. Kernels are changed after the slice is cut
out, and batch normalization is calibrated for what is left; nothing is trained again.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from scipy.special import softmax

from tinylab.compress.pruning.masks import magnitude_mask
from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters
from tinylab.search.joint.settings import Compression
from tinylab.search.network import build_network
from tinylab.search.space import Architecture
from tinylab.search.super_network.network import POOL_GAIN, SuperNetwork, all_scores

__all__ = ["as_model", "compress_kernel", "count_answers", "count_exits"]

PRUNED = ("stem", "pointwise")


def compress_kernel(compression: Compression) -> Callable[[np.ndarray, str], np.ndarray]:
    """The change that `SuperNetwork.changed_kernels` takes: prune, then quantize."""

    def change(kernel, layer: str) -> np.ndarray:
        kernel = np.asarray(kernel)
        if layer in PRUNED:
            kernel = kernel * magnitude_mask(kernel, 1 - compression.kept)
        axis = 2 if layer == "depthwise" else kernel.ndim - 1
        largest = np.abs(kernel).max(axis=tuple(set(range(kernel.ndim)) - {axis}))
        grid = quantization_parameters(
            -largest, largest, bits=compression.bits, symmetric=True, axis=axis
        )
        return fake_quantize(kernel, grid)

    return change


def count_answers(
    network: SuperNetwork,
    compression: Compression,
    thresholds: Sequence[float],
    calibration: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Right answers and early ones of every slice without an exit and with each.

    Parameters
    ----------
    network : SuperNetwork
    compression : Compression
    thresholds : sequence of float
    calibration, x : ndarray of float32, shape (n, 49, 10, 1)
    y : ndarray of int64, shape (n,)
        Of `x`.

    Returns
    -------
    right, early : ndarray of int64, shape (exits,)
        In the order of `tinylab.search.joint.settings.exits_of`.
    """
    counts: dict[Architecture, list] = {}
    said: list[np.ndarray] = []
    with network.changed_kernels(compress_kernel(compression)):
        for one, scores in all_scores(network, calibration, x):
            said = [*said[: one.depth - 1], scores]
            counts[one] = count_exits(said, y, thresholds)
    in_order = [pair for one in network.space.architectures for pair in counts[one]]
    right, early = np.array(in_order).T
    return right, early


def count_exits(
    said: Sequence[np.ndarray], y: np.ndarray, thresholds: Sequence[float]
) -> list[tuple[int, int]]:
    """Right and early answers of a network without an exit, then with one after each earlier block.

    Parameters
    ----------
    said : sequence of ndarray, shape (n, classes)
        Scores before the softmax after each block; the last ones are the network's own.
    y : ndarray of int64, shape (n,)
    thresholds : sequence of float
        An example leaves if the largest probability at the exit reaches it.
    """
    right = [scores.argmax(axis=1) == y for scores in said]
    counts = [(int(right[-1].sum()), 0)]
    for scores, at_exit in zip(said[:-1], right):
        sure = softmax(scores, axis=1).max(axis=1)
        for threshold in thresholds:
            leaves = sure >= threshold
            counts.append((int(np.where(leaves, at_exit, right[-1]).sum()), int(leaves.sum())))
    return counts


def as_model(network: SuperNetwork, one: Architecture, calibration: np.ndarray) -> keras.Model:
    """A slice as a Keras model of its own, with its kernels as `changed_kernels` says.

    Parameters
    ----------
    network : SuperNetwork
    one : Architecture
    calibration : ndarray of float32, shape (n, 49, 10, 1)
        For batch normalization.
    """
    model, statistics = build_network(one, dropout=0.0), network.statistics_of(one, calibration)
    kernels = {"stem": network.stem_kernel(one.widths[0])}
    channels = [one.widths[0]]
    for block, (width, wider) in enumerate(zip(one.widths, one.widths[1:])):
        kernels[f"block{block + 1}_depthwise"] = network.depthwise_kernel(block, width)
        kernels[f"block{block + 1}_pointwise"] = network.pointwise_kernel(block, width, wider)
        channels += [width, wider]
    for layer, (name, kernel) in enumerate(kernels.items()):
        model.get_layer(name).set_weights([np.asarray(kernel)])
        weights = (*network.norm_weights(layer, channels[layer]), *statistics[layer])
        model.get_layer(f"{name}_norm").set_weights([np.asarray(each) for each in weights])
    last = one.depth - 1
    classifier = POOL_GAIN * np.asarray(network.classifier_kernel(last, one.widths[-1]))
    bias = np.asarray(network.biases[last])
    model.get_layer("classifier").set_weights([classifier, bias])
    return model
