"""Guesses of how good a network would be, from its first weights and one batch, without training.

In: an untrained network and a few examples. Out: numbers that should rank networks as training
would. Mellor et al., "Neural Architecture Search without Training" (2021); Tanaka et al., "Pruning
Neural Networks without Any Data by Iteratively Conserving Synaptic Flow" (2020); Abdelfattah et
al., "Zero-Cost Proxies for Lightweight NAS" (2021).
"""

import keras
import numpy as np
import tensorflow as tf

__all__ = ["gradient_norm", "naswot", "synflow"]


def gradient_norm(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Length of the loss's gradient with respect to all weights, on one batch.

    Parameters
    ----------
    model : keras.Model
        Softmax outputs.
    x : ndarray, shape (n, ...)
    y : ndarray of int, shape (n,)
    """
    loss_of = keras.losses.SparseCategoricalCrossentropy()
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    return float(tf.linalg.global_norm(gradients))


def synflow(model: keras.Model) -> float:
    """Logarithm of the sum of weight x gradient where every weight is positive and inputs are 1.

    What is summed is the flow through all paths from input to output; batch normalization and the
    softmax are left out, because they would hide it.
    """
    kernels = [layer for layer in model.layers if layer.weights and not _normalizes(layer)]
    variables = [tf.Variable(tf.abs(layer.weights[0])) for layer in kernels]
    by_name = dict(zip((layer.name for layer in kernels), variables, strict=True))
    with tf.GradientTape() as tape:
        flow = tf.ones((1, *model.input_shape[1:]))
        for layer in model.layers[1:]:
            flow = _linear(layer, flow, by_name)
        total = tf.reduce_sum(flow)
    gradients = tape.gradient(total, variables)
    parts = [tf.reduce_sum(tf.abs(a * b)) for a, b in zip(variables, gradients, strict=True)]
    return float(tf.math.log(tf.add_n(parts)))


def naswot(model: keras.Model, x: np.ndarray) -> float:
    """How differently a batch's examples switch the ReLUs on: log determinant of their likeness.

    Parameters
    ----------
    model : keras.Model
    x : ndarray, shape (n, ...)
        Some tens of examples.
    """
    switched = [layer.output for layer in model.layers if isinstance(layer, keras.layers.ReLU)]
    if not switched:
        raise ValueError("naswot needs a network with ReLU layers")
    activations = keras.Model(model.input, switched)(x, training=True)
    activations = activations if isinstance(activations, list) else [activations]
    codes = [np.asarray(values).reshape(len(x), -1) > 0 for values in activations]
    on = np.concatenate(codes, axis=1).astype(np.float64)
    return float(np.linalg.slogdet(on @ on.T + (1 - on) @ (1 - on).T)[1])


def _normalizes(layer) -> bool:
    return isinstance(layer, keras.layers.BatchNormalization)


def _linear(layer, flow, by_name):
    """What a layer makes of a flow of positive numbers, with the weights in `by_name`."""
    if layer.name not in by_name:
        skipped = (keras.layers.BatchNormalization, keras.layers.ReLU, keras.layers.Dropout)
        return flow if isinstance(layer, skipped) else layer(flow)
    kernel = by_name[layer.name]
    if isinstance(layer, keras.layers.Dense):
        return flow @ kernel
    strides = [1, *layer.strides, 1]
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return tf.nn.depthwise_conv2d(flow, kernel, strides, layer.padding.upper())
    return tf.nn.conv2d(flow, kernel, strides, layer.padding.upper())
