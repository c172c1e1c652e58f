"""A small network for heartbeats: two convolutions with long steps, then two dense layers.

In: the 104 numbers of `tinylab.data.heartbeats.beat_inputs`. Out: a Keras classifier. The
convolutions are two-dimensional with a width of 1, because that is what microcontrollers have
kernels for; their steps are long, because every element that is written costs cycles.
"""

import keras
import numpy as np
from keras import layers

__all__ = ["INPUTS", "add_to_class", "beat_cnn"]

INPUTS = 104
"""Numbers of a beat, as `tinylab.data.heartbeats.beat_inputs` gives them."""


def beat_cnn(
    width: int = 8, *, classes: int = 3, hidden: int = 16, dropout: float = 0.2
) -> keras.Model:
    """Build an untrained classifier of heartbeats.

    Parameters
    ----------
    width : int
        Channels of the first convolution; the second has twice as many.
    classes : int
    hidden : int
        Neurons in which the signal's shape and the timing meet.
    dropout : float
        Share of the shape's values that are hidden while training.

    Returns
    -------
    keras.Model
        Inputs (n, 104, 1, 1), softmax outputs (n, classes); not compiled.
    """
    if width < 1 or hidden < 1 or classes < 2:
        raise ValueError("beat_cnn needs width >= 1, hidden >= 1 and classes >= 2")
    inputs = keras.Input((INPUTS, 1, 1), name="beat")
    x = inputs
    for number, (channels, kernel, step) in enumerate(((width, 8, 4), (2 * width, 5, 2)), start=1):
        convolution = layers.Conv2D(
            channels, (kernel, 1), (step, 1), "same", use_bias=False, name=f"convolution{number}"
        )
        x = layers.BatchNormalization(momentum=0.9)(convolution(x))
        x = layers.ReLU()(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    outputs = layers.Dense(classes, activation="softmax", name="classifier")(x)
    return keras.Model(inputs, outputs, name="beat_cnn")


def add_to_class(model: keras.Model, number: int, logit: float) -> None:
    """Make a classifier answer a class sooner, at no cost: add to its bias before the softmax.

    Parameters
    ----------
    model : keras.Model
        Its last layer is dense with a softmax; changed in place.
    number : int
        The class.
    logit : float
        By how much; below 0 makes it answer the class later.
    """
    kernel, bias = model.layers[-1].get_weights()
    bias = np.array(bias)
    bias[number] += logit
    model.layers[-1].set_weights([kernel, bias])
