"""Add a class to a trained classifier, from a few examples of a new word."""

from collections.abc import Sequence

import keras
import numpy as np

from tinylab.adapt.fine_tuning.trainer import answers
from tinylab.models.surgery.blocks import fresh_copy

__all__ = ["add_class"]


def add_class(
    model: keras.Model, examples: np.ndarray, *, margin: float = 1.0, others: Sequence | None = None
) -> keras.Model:
    """Return a copy of `model` with one class more, set up from a few examples of it.

    The new row of the last layer is imprinted (Qi, Brown and Lowe, "Low-Shot Learning with
    Imprinted Weights", CVPR 2018): it points along the mean of the examples' unit features and is
    as long as the old rows are on average. Qi's classifier compares angles only; ours has biases,
    so the new bias is chosen such that an example's new logit exceeds its best old one by
    `margin` on average. The old logits stay exactly as they were.

    Parameters
    ----------
    model : keras.Model
        Its last layer is `Dense` with softmax.
    examples : array (n, ...), float32
        Examples of the new class, as the model takes them.
    margin : float
        Mean lead of the new logit over the best old one.
    others : array (m, ...), float32, optional
        Other sounds, if at hand: the new row then points from their mean feature to the new one.

    Returns
    -------
    keras.Model
        With `classes + 1` outputs; the new class is the last.

    Raises
    ------
    ValueError
        No examples, or the last layer is not `Dense` with softmax.
    """
    copy = fresh_copy(model)
    last = copy.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.activation is not keras.activations.softmax:
        raise ValueError("add_class needs a model whose last layer is Dense with softmax")
    if len(examples) == 0:
        raise ValueError("add_class needs at least one example of the new class")
    features = keras.Model(copy.inputs[0], last.input)
    new = answers(features, examples)
    away = answers(features, others) if others is not None else None
    kernel, bias = last.get_weights() if last.use_bias else (*last.get_weights(), 0.0)
    column = _imprinted(new, away) * np.linalg.norm(kernel, axis=0).mean()
    best_old = (new @ kernel + bias).max(axis=1)
    offset = best_old.mean() + margin - (new @ column).mean()
    bias = np.append(np.broadcast_to(bias, kernel.shape[1]), offset)
    return _with_last_layer(copy, np.column_stack([kernel, column]), bias)


def _imprinted(new: np.ndarray, others: np.ndarray | None) -> np.ndarray:
    def mean_direction(features: np.ndarray) -> np.ndarray:
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        return (features / np.maximum(lengths, 1e-12)).mean(axis=0)

    direction = mean_direction(new) - (0.0 if others is None else mean_direction(others))
    return direction / max(np.linalg.norm(direction), 1e-12)


def _with_last_layer(model: keras.Model, kernel: np.ndarray, bias: np.ndarray) -> keras.Model:
    last = model.layers[-1]
    layer = keras.layers.Dense(kernel.shape[1], activation="softmax", name=last.name)
    extended = keras.Model(model.inputs[0], layer(last.input), name=model.name)
    layer.set_weights([kernel.astype("float32"), bias.astype("float32")])
    return extended
