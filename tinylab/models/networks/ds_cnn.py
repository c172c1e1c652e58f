"""DS-CNN, the keyword-spotting network of MLPerf Tiny: a convolution, then separable ones.

Sources: Zhang et al., "Hello Edge: Keyword Spotting on Microcontrollers" (2017); Banbury et al.,
"MLPerf Tiny Benchmark" (2021), whose exact layers these are.
"""

import keras
from keras import layers

__all__ = ["ds_cnn"]


def ds_cnn(
    classes: int = 12,
    filters: int = 64,
    blocks: int = 4,
    input_shape: tuple[int, int, int] = (49, 10, 1),
    *,
    dropout: tuple[float, float] = (0.2, 0.4),
    weight_decay: float = 1e-4,
) -> keras.Model:
    """Build an untrained depthwise-separable CNN.

    With the defaults it has 22,604 parameters once batch normalization is folded into the
    convolutions, and takes 2,656,768 multiply-accumulates an inference.

    Parameters
    ----------
    classes : int
        Outputs of the softmax.
    filters : int
        Channels of every convolution.
    blocks : int
        Depthwise-separable blocks (a 3x3 depthwise convolution, then a 1x1 one).
    input_shape : tuple
        (frames, coefficients, 1): MFCC as they come from `tinylab.signal.mfcc`, not scaled.
    dropout : tuple of two floats
        Rates after the first convolution and before the pooling.
    weight_decay : float
        L2 penalty on the convolutions' weights.

    Returns
    -------
    keras.Model
        Not compiled; layers are named `stem`, `block1_depthwise`, `block1_pointwise`, ...,
        `classifier`, and each convolution's normalization `<name>_norm`.
    """
    if classes < 2 or filters < 1 or blocks < 0:
        raise ValueError("ds_cnn needs classes >= 2, filters >= 1 and blocks >= 0")
    penalty = keras.regularizers.L2(weight_decay) if weight_decay else None
    inputs = keras.Input(input_shape, name="mfcc")
    stem = layers.Conv2D(
        filters, (10, 4), strides=2, padding="same", kernel_regularizer=penalty, name="stem"
    )
    x = _normalized_relu(stem, inputs)
    x = layers.Dropout(dropout[0], name="stem_dropout")(x)
    for block in range(1, blocks + 1):
        x = _separable_block(x, filters, penalty, f"block{block}")
    x = layers.Dropout(dropout[1], name="dropout")(x)
    x = layers.AveragePooling2D(x.shape[1:3], name="pool")(x)
    x = layers.Flatten(name="flatten")(x)
    outputs = layers.Dense(classes, activation="softmax", name="classifier")(x)
    return keras.Model(inputs, outputs, name="ds_cnn")


def _separable_block(x, filters: int, penalty, name: str):
    depthwise = layers.DepthwiseConv2D(
        3, padding="same", depthwise_regularizer=penalty, name=f"{name}_depthwise"
    )
    pointwise = layers.Conv2D(filters, 1, kernel_regularizer=penalty, name=f"{name}_pointwise")
    return _normalized_relu(pointwise, _normalized_relu(depthwise, x))


def _normalized_relu(convolution, x):
    # Momentum 0.9: a class trains a few hundred steps, and the usual 0.99 would still be
    # averaging over the first ones.
    name = convolution.name
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(convolution(x))
    return layers.ReLU(name=f"{name}_relu")(x)
