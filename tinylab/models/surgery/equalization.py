"""Cross-layer equalization: the same function with weights that are easier to quantize.

A ReLU passes factors through: relu(s x) = s relu(x) for s > 0. So a channel of one layer may be
divided by any s, if the next layer's weights for that channel are multiplied by s. The factors are
chosen so that both layers give the channel the same range, and no channel is lost in a scale that
it shares with larger ones.

Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction"
(2019), section 4.1. Its absorption of high biases is left out.
"""

from dataclasses import dataclass

import keras
import numpy as np

from tinylab.models.surgery.blocks import find_blocks, only_reader, readers_of
from tinylab.models.surgery.fold import channel_count, fold_batch_norm

__all__ = ["equalize_channels", "equalizing_factors"]

ROUNDS = 200
SETTLED = 0.001
"""Factors nearer to 1 than this end the rounds."""
# Layers that keep channels apart and positive factors as they are.
PASSING_LAYERS = (
    keras.layers.AveragePooling2D,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.MaxPooling2D,
    keras.layers.SpatialDropout2D,
    keras.layers.ZeroPadding2D,
)


def equalizing_factors(ranges: np.ndarray, next_ranges: np.ndarray) -> np.ndarray:
    """By what to divide each channel so that both layers give it the same range.

    With s = sqrt(ranges / next_ranges), ranges / s and s * next_ranges are both the geometric
    mean of the two (Nagel et al. 2019, eq. 11).

    Parameters
    ----------
    ranges : ndarray of float, shape (channels,)
        Largest magnitude of the weights that write each channel.
    next_ranges : ndarray of float, shape (channels,)
        Largest magnitude of the next layer's weights that read it.

    Returns
    -------
    ndarray of float64, shape (channels,)
        1 for a channel that is written or read by zeros only.
    """
    ranges, next_ranges = np.asarray(ranges, np.float64), np.asarray(next_ranges, np.float64)
    if ranges.shape != next_ranges.shape or ranges.ndim != 1:
        raise ValueError(
            f"pass one range a channel of either layer, not shapes {ranges.shape} and"
            f" {next_ranges.shape}"
        )
    alive = (ranges > 0) & (next_ranges > 0)
    ratio = np.divide(ranges, next_ranges, out=np.ones_like(ranges), where=alive)
    return np.sqrt(ratio)


def equalize_channels(model: keras.Model) -> keras.Model:
    """Copy of a model, batch norm folded, whose channels have equal ranges in both their layers.

    Parameters
    ----------
    model : keras.Model
        Of the layers that `tinylab.models.surgery.fold.fold_batch_norm` takes.

    Returns
    -------
    keras.Model
        It answers as `model` does.

    Raises
    ------
    ValueError
        If no two layers follow each other with nothing or a ReLU between them. (A ReLU6 does not
        pass factors through, and a channel that two layers read is left alone.)
    """
    copy = fold_batch_norm(model)
    pairs = _pairs(copy)
    if not pairs:
        raise ValueError(
            "no two layers of this model follow each other with nothing or a ReLU between them, so"
            " there is nothing to equalize"
        )
    weights = {
        layer.name: [np.asarray(array, np.float64) for array in layer.get_weights()]
        for pair in pairs
        for layer in (pair.first, pair.second)
    }
    for _ in range(ROUNDS):  # a layer stands in two pairs, and each undoes some of the other's
        if max(_equalize(pair, weights) for pair in pairs) < SETTLED:
            break
    for name, arrays in weights.items():
        copy.get_layer(name).set_weights(arrays)
    return copy


@dataclass(frozen=True)
class _Pair:
    """Two layers, the second of which alone reads what the first writes."""

    first: keras.Layer
    second: keras.Layer


def _pairs(model: keras.Model) -> list[_Pair]:
    blocks, absorbed = find_blocks(model)
    readers = readers_of(model)
    pairs = []
    for name, block in blocks.items():
        if block.activation == "relu6" or block.tail != "linear":
            continue
        reader = only_reader(block.layer, readers, model)
        while reader is not None and (
            reader.name in absorbed or isinstance(reader, PASSING_LAYERS)
        ):
            reader = only_reader(reader, readers, model)
        if reader is not None and reader.name in blocks:
            pairs.append(_Pair(model.get_layer(name), reader))
    return pairs


def _equalize(pair: _Pair, weights: dict[str, list[np.ndarray]]) -> float:
    """Equalize a pair in place; returns how far its factors were from 1."""
    channels = channel_count(pair.first)
    kernel, bias = weights[pair.first.name]
    next_kernel = weights[pair.second.name][0]
    # Of a depthwise kernel the last two axes together are the channels; a dense layer behind a
    # flattened picture reads every channel once for each position.
    writes = kernel.reshape(-1, channels)
    reads = _input_rows(pair.second, next_kernel, channels)
    factors = equalizing_factors(np.abs(writes).max(axis=0), np.abs(reads).max(axis=(0, 2)))
    weights[pair.first.name] = [(writes / factors).reshape(kernel.shape), bias / factors]
    weights[pair.second.name][0] = (reads * factors[:, None]).reshape(next_kernel.shape)
    return float(np.abs(factors - 1).max())


def _input_rows(layer: keras.Layer, kernel: np.ndarray, channels: int) -> np.ndarray:
    """The kernel as (positions, input channels, outputs of each)."""
    if isinstance(layer, keras.layers.Dense):
        return kernel.reshape(-1, channels, kernel.shape[-1])
    return kernel.reshape(-1, *kernel.shape[-2:])
