"""MobileNetV1, the visual-wake-words network of MLPerf Tiny, with width and resolution multipliers.

Sources: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications" (2017); Banbury et al., "MLPerf Tiny Benchmark" (2021), whose exact layers these are.
"""

import keras
from keras import layers

__all__ = ["BLOCKS", "mobilenet_v1"]

# Output channels at width 1 and stride of each depthwise-separable block.
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
)
STEM_FILTERS = 32
REDUCTION = 32  # of the picture's width, over all strides


def mobilenet_v1(
    width: float = 0.25,
    resolution: int = 96,
    classes: int = 2,
    dropout: float = 0.0,
    *,
    weight_decay: float = 1e-4,
) -> keras.Model:
    """Build an untrained MobileNetV1.

    With the defaults it has 210,850 parameters once batch normalization is folded into the
    convolutions, and takes 7,489,664 multiply-accumulates an inference.

    Parameters
    ----------
    width : float
        Multiplier of all channel counts.
    resolution : int
        Height and width of the pictures, a multiple of 32.
    classes : int
        Outputs of the softmax.
    dropout : float
        Rate before the classifier.
    weight_decay : float
        L2 penalty on the weights of the stem and the pointwise convolutions.

    Returns
    -------
    keras.Model
        Not compiled; takes float32 (n, resolution, resolution, 3) in 0..1. Layers are named `stem`,
        `block1_depthwise`, `block1_pointwise`, ..., `classifier`, and each convolution's
        normalization and activation `<name>_norm` and `<name>_relu`.

    Raises
    ------
    ValueError
        If a multiplier leaves nothing to compute.
    """
    if resolution < REDUCTION or resolution % REDUCTION:
        raise ValueError(f"resolution must be a positive multiple of {REDUCTION}, got {resolution}")
    if int(STEM_FILTERS * width) < 1 or classes < 2:
        raise ValueError(f"width must be at least 1/{STEM_FILTERS} and classes at least 2")
    penalty = keras.regularizers.L2(weight_decay) if weight_decay else None
    inputs = keras.Input((resolution, resolution, 3), name="picture")
    stem = layers.Conv2D(
        int(STEM_FILTERS * width),
        3,
        strides=2,
        padding="same",
        kernel_regularizer=penalty,
        name="stem",
    )
    x = _normalized_relu(stem, inputs)
    for number, (filters, stride) in enumerate(BLOCKS, 1):
        x = _separable_block(x, int(filters * width), stride, penalty, f"block{number}")
    x = layers.AveragePooling2D(x.shape[1:3], name="pool")(x)
    x = layers.Flatten(name="flatten")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    outputs = layers.Dense(classes, activation="softmax", name="classifier")(x)
    return keras.Model(inputs, outputs, name="mobilenet_v1")


def _separable_block(x, filters: int, stride: int, penalty, name: str):
    depthwise = layers.DepthwiseConv2D(3, strides=stride, padding="same", name=f"{name}_depthwise")
    pointwise = layers.Conv2D(filters, 1, kernel_regularizer=penalty, name=f"{name}_pointwise")
    return _normalized_relu(pointwise, _normalized_relu(depthwise, x))


def _normalized_relu(convolution, x):
    # Momentum 0.9, not the usual 0.99: a class trains a few hundred steps only.
    name = convolution.name
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(convolution(x))
    return layers.ReLU(name=f"{name}_relu")(x)
