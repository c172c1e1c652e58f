"""MobileNetV1, the visual-wake-words network of MLPerf Tiny, with multipliers of its three sizes.

Width and resolution are the paper's own; depth is added, so that networks can be scaled as Tan and
Le do ("EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019).

Sources: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications" (2017); Banbury et al., "MLPerf Tiny Benchmark" (2021), whose exact layers these are.
"""

import keras
from keras import layers

__all__ = ["BLOCKS", "deepened_blocks", "mobilenet_v1"]

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
WIDEST = 4  # beyond, its weights alone take more than 200 MB
REDUCTION = 32  # of the picture's width, over all strides


def deepened_blocks(depth: float) -> tuple[tuple[int, int], ...]:
    """The blocks at a depth multiplier, as `BLOCKS`: what is added repeats its stage's last block.

    A stage is the blocks of one number of channels. The whole network gets its 13 blocks times
    `depth`, rounded; each stage its share, and what rounding leaves over goes to the largest
    fractions.

    Raises
    ------
    ValueError
        Below 1: stages of one block cannot become shorter.
    """
    if not 1 <= depth <= 16:
        raise ValueError(f"depth must lie in 1..16, got {depth}")
    filters = list(dict.fromkeys(filters for filters, _ in BLOCKS))
    strides = dict(reversed(BLOCKS))
    wanted = [depth * sum(other == each for other, _ in BLOCKS) for each in filters]
    counts = [int(count) for count in wanted]
    spare = round(sum(wanted)) - sum(counts)
    by_fraction = sorted(range(len(filters)), key=lambda stage: counts[stage] - wanted[stage])
    for stage in by_fraction[:spare]:
        counts[stage] += 1
    return tuple(
        (each, strides[each] if number == 0 else 1)
        for each, count in zip(filters, counts, strict=True)
        for number in range(count)
    )


def mobilenet_v1(
    width: float = 0.25,
    resolution: int = 96,
    classes: int = 2,
    dropout: float = 0.0,
    *,
    weight_decay: float = 1e-4,
    depth: float = 1.0,
) -> keras.Model:
    """Build an untrained MobileNetV1.

    With the defaults it has 210,850 parameters once batch normalization is folded into the
    convolutions, and takes 7,489,664 multiply-accumulates an inference.

    Parameters
    ----------
    width : float
        Multiplier of all channel counts, 1/32 to 4; each is rounded.
    resolution : int
        Height and width of the pictures, at least 32.
    classes : int
        Outputs of the softmax.
    dropout : float
        Rate before the classifier.
    weight_decay : float
        L2 penalty on the weights of the stem and the pointwise convolutions.
    depth : float
        Multiplier of the number of blocks, at least 1; see `deepened_blocks`.

    Returns
    -------
    keras.Model
        Not compiled; takes float32 (n, resolution, resolution, 3) in 0..1. Layers are named `stem`,
        `block1_depthwise`, `block1_pointwise`, ..., `classifier`, and each convolution's
        normalization and activation `<name>_norm` and `<name>_relu`.

    Raises
    ------
    ValueError
        If a multiplier leaves nothing to compute, or more than a computer holds.
    """
    if resolution < REDUCTION:
        raise ValueError(f"resolution must be at least {REDUCTION} pixels, got {resolution}")
    if not 1 / STEM_FILTERS <= width <= WIDEST:
        raise ValueError(
            f"width is a multiplier of all channel counts, from 1/{STEM_FILTERS} to {WIDEST}, such "
            f"as 0.25; got {width}"
        )
    if classes < 2:
        raise ValueError(f"classes must be at least 2, got {classes}")
    penalty = keras.regularizers.L2(weight_decay) if weight_decay else None
    inputs = keras.Input((resolution, resolution, 3), name="picture")
    stem = layers.Conv2D(
        round(STEM_FILTERS * width),
        3,
        strides=2,
        padding="same",
        kernel_regularizer=penalty,
        name="stem",
    )
    x = _normalized_relu(stem, inputs)
    for number, (filters, stride) in enumerate(deepened_blocks(depth), 1):
        x = _separable_block(x, round(filters * width), stride, penalty, f"block{number}")
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
