"""A classifier whose gradient and margins are known, and an int8 program of a trained network."""

import numpy as np


def linear_model(weights: np.ndarray):
    """Softmax of x @ weights, as a Keras model of inputs (features,)."""
    import keras

    inputs = keras.Input((weights.shape[0],))
    outputs = keras.layers.Dense(weights.shape[1], activation="softmax", use_bias=False)(inputs)
    model = keras.Model(inputs, outputs)
    model.set_weights([weights.astype(np.float32)])
    return model


def examples_of(weights: np.ndarray, count: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 2, (count, weights.shape[0])).astype(np.float32)
    return x, (x @ weights).argmax(axis=1)
