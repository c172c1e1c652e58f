"""MLPerf Tiny's image classifier, ResNet8, with random weights: no layer's cost depends on them.

python benchmarks/resnet8.py OUT.tflite
"""

import sys
from pathlib import Path

import keras
import numpy as np

from tinylab.deploy import litert

_STACKS = ((16, 1), (32, 2), (64, 2))


def _convolution(x, filters: int, size: int, stride: int, activation: str | None = None):
    x = keras.layers.Conv2D(filters, size, strides=stride, padding="same")(x)
    x = keras.layers.BatchNormalization()(x)
    return keras.layers.Activation(activation)(x) if activation else x


def resnet8() -> keras.Model:
    """One convolution and three residual blocks on pictures of 32 x 32 x 3; ten classes."""
    image = keras.Input((32, 32, 3))
    x = _convolution(image, 16, 3, 1, "relu")
    for filters, stride in _STACKS:
        shortcut = x
        x = _convolution(x, filters, 3, stride, "relu")
        x = _convolution(x, filters, 3, 1)
        if stride > 1:
            shortcut = keras.layers.Conv2D(filters, 1, strides=stride, padding="same")(shortcut)
        x = keras.layers.Activation("relu")(keras.layers.Add()([x, shortcut]))
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(8)(x))
    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(x), name="resnet8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    keras.utils.set_random_seed(0)
    pictures = np.random.default_rng(0).normal(size=(50, 32, 32, 3)).astype(np.float32)
    Path(sys.argv[1]).write_bytes(
        litert.convert(resnet8(), "int8", representative_dataset=pictures)
    )
