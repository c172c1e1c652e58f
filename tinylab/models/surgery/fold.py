"""Batch-norm folding: the same function with fewer layers.

At inference a batch norm is y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, one
multiplication and one addition per channel; after a linear layer both disappear into its weights
and bias.
"""

import keras
import numpy as np

from tinylab.models.surgery.blocks import Block, copy_layer, find_blocks, fresh_copy, rebuild

__all__ = ["fold_batch_norm", "folded_weights"]


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """The same model with every batch norm folded into the layer before it (Jacob et al. 2018, eq.
    14).

    Parameters
    ----------
    model : keras.Model
        Sequential or functional.

    Returns
    -------
    keras.Model
        A new functional model; its convolutions and dense layers have a bias. ReLUs that followed a
        batch norm stay layers of their own.

    Raises
    ------
    ValueError
        If a batch norm does not follow a layer it can be folded into.
    """
    model = fresh_copy(model)
    blocks, _ = find_blocks(model)
    norms = {block.batch_norm.name for block in blocks.values() if block.batch_norm is not None}

    def build(layer, inputs):
        if layer.name in norms:
            return inputs
        if layer.name in blocks:
            return _folded_layer(blocks[layer.name], inputs)
        return copy_layer(layer, inputs)

    return rebuild(model, build)


def folded_weights(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a block with its batch norm folded in.

    Returns
    -------
    kernel : ndarray of float32, the layer's kernel shape
    bias : ndarray of float32, shape (channels,)
    """
    kernel = np.asarray(block.layer.kernel)
    channels = channel_count(block.layer)
    bias = np.asarray(block.layer.bias) if block.layer.use_bias else np.zeros(channels, np.float32)
    if block.batch_norm is None:
        return kernel, bias
    gamma, beta, mean, variance = batch_norm_weights(block.batch_norm)
    factor = gamma / np.sqrt(variance + block.batch_norm.epsilon)
    bias = (bias - mean) * factor + beta
    return kernel * channels_last(factor, block.layer), bias


def batch_norm_weights(norm: keras.layers.BatchNormalization) -> tuple[np.ndarray, ...]:
    """gamma, beta, mean and variance of a batch norm; 1 and 0 for what it was built without."""
    mean, variance = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance)
    gamma = np.asarray(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = np.asarray(norm.beta) if norm.center else np.zeros_like(mean)
    return gamma, beta, mean, variance


def channels_last(vector: np.ndarray, layer: keras.Layer) -> np.ndarray:
    """A vector with one entry per output channel, shaped to multiply the layer's kernel."""
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return np.reshape(vector, layer.kernel.shape[2:])
    return vector


def channel_count(layer: keras.Layer) -> int:
    """Output channels of a convolution, depthwise convolution or dense layer."""
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return int(layer.kernel.shape[2] * layer.kernel.shape[3])
    return int(layer.kernel.shape[-1])


def _folded_layer(block: Block, inputs):
    kernel, bias = folded_weights(block)
    config = block.layer.get_config() | {"use_bias": True}
    layer = block.layer.__class__.from_config(config)
    outputs = layer(inputs)
    layer.set_weights([kernel, bias])
    return outputs
