"""A network of the space as a Keras model of its own, to be trained alone and deployed."""

import keras
from keras import layers

from tinylab.search.space import CLASSES, COEFFICIENTS, FRAMES, Architecture

__all__ = ["build_network"]


def build_network(one: Architecture, *, dropout: float = 0.1) -> keras.Model:
    """An untrained DS-CNN of these widths.

    Parameters
    ----------
    one : Architecture
    dropout : float
        Before the classifier.

    Returns
    -------
    keras.Model
        Inputs (n, 49, 10, 1), softmax outputs (n, 12); not compiled.
    """
    inputs = keras.Input((FRAMES, COEFFICIENTS, 1), name="mfcc")
    first, *others = one.widths
    stem = layers.Conv2D(first, (10, 4), (one.stride, 2), "same", use_bias=False, name="stem")
    x = _normalized(stem, inputs)
    for block, width in enumerate(others, start=1):
        depthwise = layers.DepthwiseConv2D(
            3, padding="same", use_bias=False, name=f"block{block}_depthwise"
        )
        pointwise = layers.Conv2D(width, 1, use_bias=False, name=f"block{block}_pointwise")
        x = _normalized(pointwise, _normalized(depthwise, x))
    x = layers.AveragePooling2D(x.shape[1:3], name="pool")(x)
    x = layers.Dropout(dropout)(layers.Flatten(name="flatten")(x))
    outputs = layers.Dense(CLASSES, activation="softmax", name="classifier")(x)
    return keras.Model(inputs, outputs, name="searched")


def _normalized(layer, x):
    normalization = layers.BatchNormalization(momentum=0.9, name=f"{layer.name}_norm")
    return layers.ReLU(name=f"{layer.name}_relu")(normalization(layer(x)))
