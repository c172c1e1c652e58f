"""A bundled model made to answer the labels of a set of one's own: a new last layer, nothing else.

What a network has learned about words or pictures in general is in the layers before the last; a
few examples of each label are enough for the last one (transfer learning).
"""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

from tinylab.data import people, speech
from tinylab.data.own.chosen import OwnSet, say
from tinylab.models.scores import scores_of
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.signal.mfcc import mfcc

__all__ = ["fit_last_layer", "with_last_layer"]


def fit_last_layer(own: OwnSet, model: keras.Model) -> tuple[keras.Model, dict]:
    """The model with a last layer for the labels of `own`, and what it reaches on its test split.

    Parameters
    ----------
    own : OwnSet
        Of sounds of words, or of pictures; the chosen one.
    model : keras.Model
        Its last layer is `Dense` with softmax.

    Returns
    -------
    keras.Model, and a dict with `accuracy`, `examples` and `fitted_to`
    """
    (x, y), (x_test, y_test) = (_examples(own, split) for split in ("train", "test"))
    body = keras.Model(model.inputs[0], model.layers[-1].input)
    fitted = LogisticRegression(max_iter=1000).fit(scores_of(body, x), y)
    kernel, bias = fitted.coef_.T, fitted.intercept_
    if kernel.shape[1] == 1:  # two labels: scikit-learn keeps the difference of their rows
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.array([-bias[0], bias[0]]) / 2
    answering = with_last_layer(model, kernel, bias)
    right = float((scores_of(answering, x_test).argmax(axis=1) == y_test).mean())
    say(
        "The bundled model answers other labels: its last layer was replaced and fitted to "
        f"{len(y)} training files of {own.title}; {right:.0%} of {len(y_test)} test files right."
    )
    return answering, {"accuracy": right, "examples": len(y_test), "fitted_to": own.title}


def with_last_layer(model: keras.Model, kernel: np.ndarray, bias: np.ndarray) -> keras.Model:
    """A copy whose last layer is `Dense` with softmax and these weights."""
    copy = fresh_copy(model)
    layer = keras.layers.Dense(len(bias), activation="softmax", name=copy.layers[-1].name)
    answering = keras.Model(copy.inputs[0], layer(copy.layers[-1].input), name=model.name)
    layer.set_weights([kernel.astype("float32"), bias.astype("float32")])
    return answering


def _examples(own: OwnSet, split: str) -> tuple[np.ndarray, np.ndarray]:
    if own.application == "visual_wake_words":
        pictures = people.load(split)
        return pictures.images, pictures.labels
    clips = speech.load(split)
    return mfcc(clips.waveforms)[..., np.newaxis], clips.labels
