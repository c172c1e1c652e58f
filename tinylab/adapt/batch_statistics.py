"""The cheapest adaptation: batch normalization counts anew, without labels and without a gradient.

A new camera or microphone shifts what every layer sees. Batch normalization remembers the mean and
the variance of each channel from training; counted again on inputs as they are now, they undo a
part of the shift. Nothing else changes, and no label is needed: adaptation at test time.

Sources: Li et al., "Revisiting Batch Normalization for Practical Domain Adaptation" (2016);
Schneider et al., "Improving Robustness against Common Corruptions by Covariate Shift Adaptation"
(2020), for the mixture with the old statistics.
"""

import keras
import numpy as np
import tensorflow as tf

from tinylab.models.surgery.blocks import fresh_copy

__all__ = ["with_batch_statistics"]


def with_batch_statistics(
    model: keras.Model, x: np.ndarray, *, prior_examples: float = 0.0
) -> keras.Model:
    """The model with the statistics of its batch normalization counted on `x`, layer after layer.

    Parameters
    ----------
    model : keras.Model
        It is copied, never changed.
    x : array (n, ...), float32
        Inputs without labels, as the model takes them; they go through it in one batch.
    prior_examples : float
        How many examples the statistics of the training count for: with 0 they are forgotten, with
        as many as there are in `x` old and new count alike.

    Returns
    -------
    keras.Model
        Not compiled.

    Raises
    ------
    ValueError
        If the model has no batch normalization (folded models have none), there are fewer than two
        inputs, or the prior is negative.
    """
    if len(x) < 2 or prior_examples < 0:
        raise ValueError(
            f"pass two inputs or more, and prior_examples of at least 0, not {len(x)} and"
            f" {prior_examples}"
        )
    adapted = fresh_copy(model)
    norms = [
        layer for layer in adapted.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if not norms:
        raise ValueError(f"{model.name} has no batch normalization whose statistics could adapt")
    momenta = [norm.momentum for norm in norms]
    droppers = [layer for layer in adapted.layers if isinstance(layer, keras.layers.Dropout)]
    rates = [layer.rate for layer in droppers]
    for norm in norms:
        norm.momentum = prior_examples / (prior_examples + len(x))
    for layer in droppers:
        layer.rate = 0.0  # only the statistics are those of training
    # As a graph, which forgets every map when it was used; else all of them are kept to the end.
    tf.function(lambda batch: adapted(batch, training=True))(tf.constant(x, tf.float32))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    for layer, rate in zip(droppers, rates, strict=True):
        layer.rate = rate
    return adapted
