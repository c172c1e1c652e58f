"""Early exits in int8: one program that holds network and heads, and the probabilities it gives."""

import keras
import numpy as np

from tinylab.deploy import litert
from tinylab.models.early_exit import EarlyExits, scaled

__all__ = ["convert_exits", "predict_exits"]

_HALF_STEP = 1 / 512  # an int8 softmax counts in steps of 1/256: its zero means less than half of one


def convert_exits(exits: EarlyExits, typical: np.ndarray) -> bytes:
    """Network and heads as one int8 `.tflite` program; its output is the answers of all exits in a row.

    Parameters
    ----------
    exits : EarlyExits
    typical : ndarray, shape (examples, height, width, channels)
        About 100 pictures from which the ranges are measured, uint8 or float in 0..1.
    """
    outputs = exits.whole.outputs
    joined = keras.layers.Concatenate(name="all_exits")(outputs)
    model = keras.Model(exits.whole.inputs, joined, name="exits")
    return litert.convert(model, "int8", representative_dataset=scaled(typical))


def predict_exits(program: bytes, x: np.ndarray, exits: int) -> np.ndarray:
    """Probabilities of every exit of an int8 program, not calibrated.

    Parameters
    ----------
    program : bytes
        From `convert_exits`.
    x : ndarray, shape (examples, height, width, channels)
    exits : int
        How many there are, the network's own end included.

    Returns
    -------
    ndarray of float64, shape (exits, examples, classes)
    """
    found = litert.LiteRTModel(program).predict(scaled(x))
    split = found.reshape(len(found), exits, -1).transpose(1, 0, 2).astype(np.float64)
    split = np.maximum(split, _HALF_STEP)
    return split / split.sum(axis=-1, keepdims=True)
