"""What a network says of many examples, in little memory.

`keras.Model.predict` first prepares a new network, for seconds and 100 MB each; a network called
layer by layer keeps every map of all its pictures until it has answered. A lesson asks many
networks once, of some hundred pictures: so each becomes a graph, which forgets every map when it
was used, and is asked a few at a time. A few alone, such as the picture of a camera, are answered
before a graph is made.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

__all__ = ["scores_of"]


def scores_of(model: keras.Model, examples: np.ndarray, *, batch_size: int = 25) -> np.ndarray:
    """Outputs of a model with one output, as in use (no dropout, kept statistics).

    Parameters
    ----------
    model : keras.Model
    examples : array (n, ...)
        uint8 pictures are divided by 255, a batch at a time; others are taken as they are.
    batch_size : int

    Returns
    -------
    numpy.ndarray
        Shape (n, ...), float32.

    Raises
    ------
    ValueError
        If there is no example.
    """
    if not len(examples):
        raise ValueError("pass one example or more")
    ask = _as_graph(model, examples) if len(examples) > batch_size else _by_layer(model)
    starts = range(0, len(examples), batch_size)
    batches = (_floats(examples[start : start + batch_size]) for start in starts)
    return np.concatenate([np.asarray(ask(batch)) for batch in batches])


def _by_layer(model: keras.Model) -> Callable:
    return lambda batch: model(batch, training=False)


def _as_graph(model: keras.Model, examples) -> Callable:
    """The model as one graph for batches of any size, or layer by layer where that cannot be."""
    try:
        spec = tf.TensorSpec((None, *np.shape(examples)[1:]), tf.float32)
        graph = tf.function(_by_layer(model), input_signature=[spec], autograph=False)
        graph.get_concrete_function()
    except Exception:  # a layer wants numbers, to count or compare; what else is wrong shows there
        return _by_layer(model)
    return graph


def _floats(examples: np.ndarray) -> np.ndarray:
    floats = np.asarray(examples, np.float32)
    return floats / 255 if np.asarray(examples).dtype == np.uint8 else floats
