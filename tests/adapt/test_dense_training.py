"""The hand-written gradient against TensorFlow's, the fold against Keras, Adam against Keras'."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tinylab.adapt import dense_training


@pytest.fixture(scope="module")
def batch():
    return np.random.default_rng(0).normal(size=(16, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def weights(small_autoencoder):
    return dense_training.from_keras(small_autoencoder)


def taped(weights, x, loss_of):
    """Gradients by TensorFlow of a loss of the outputs."""
    variables = [tf.Variable(value) for value in weights]
    with tf.GradientTape() as tape:
        value = tf.constant(x)
        for layer in range(0, len(variables), 2):
            value = value @ variables[layer] + variables[layer + 1]
            value = tf.nn.relu(value) if layer < len(variables) - 2 else value
        loss = loss_of(value)
    return float(loss), [gradient.numpy() for gradient in tape.gradient(loss, variables)]


def test_the_chain_computes_what_keras_does(small_autoencoder, weights, batch):
    expected = small_autoencoder(batch, training=False).numpy()
    np.testing.assert_allclose(dense_training.predict(weights, batch), expected, atol=1e-5)
    assert dense_training.macs(weights) == 12 * 8 + 8 * 3 + 3 * 8 + 8 * 12
    assert dense_training.parameters(weights) == dense_training.macs(weights) + 8 + 3 + 8 + 12


def test_gradients_equal_tensorflows(weights, batch):
    loss, gradients = dense_training.loss_and_gradients(weights, batch)
    right, expected = taped(weights, batch, lambda y: tf.reduce_mean((y - batch) ** 2))
    assert loss == pytest.approx(right, rel=1e-5)
    for gradient, value in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, value, atol=1e-6, rtol=1e-4)


def test_squares_are_those_of_single_examples(weights, batch):
    deltas = np.random.default_rng(1).normal(size=batch.shape).astype(np.float32)
    squares = dense_training.per_example_squares(weights, batch, deltas)
    alone = [
        taped(weights, batch[k : k + 1], lambda y, k=k: tf.reduce_sum(y * deltas[k : k + 1]))[1]
        for k in range(len(batch))
    ]
    for square, layer in zip(squares, zip(*alone), strict=True):
        np.testing.assert_allclose(square, np.mean(np.square(layer), axis=0), rtol=1e-3, atol=1e-6)


def test_adam_steps_like_keras(weights, batch):
    rule, variables = dense_training.Adam(0.01), [keras.Variable(value) for value in weights]
    theirs = keras.optimizers.Adam(0.01)
    moved = weights
    for scale in (1.0, -2.0, 0.5):
        gradients = tuple(scale * np.sign(value) + value for value in weights)
        moved = rule.update(moved, gradients)
        theirs.apply(list(gradients), variables)
    for value, variable in zip(moved, variables):
        np.testing.assert_allclose(value, variable.numpy(), atol=1e-5)


def test_training_lowers_the_loss_and_leaves_the_start_alone(weights, batch):
    before = [value.copy() for value in weights]
    trained = dense_training.train(weights, batch, epochs=60, batch_size=8, learning_rate=0.01)
    assert (
        dense_training.loss_and_gradients(trained, batch)[0]
        < dense_training.loss_and_gradients(weights, batch)[0] / 2
    )
    assert all(np.array_equal(old, value) for old, value in zip(before, weights))


def test_what_it_cannot_train_is_refused(small_cnn, weights, batch):
    with pytest.raises(ValueError, match="dense layers with a ReLU"):
        dense_training.from_keras(small_cnn)
    with pytest.raises(ValueError, match="unknown optimizer 'rmsprop'"):
        dense_training.train(weights, batch, epochs=1, optimizer="rmsprop")


def test_to_keras_is_the_same_function(weights):
    model = dense_training.to_keras(weights)
    x = np.random.default_rng(5).normal(size=(7, weights[0].shape[0])).astype(np.float32)
    np.testing.assert_allclose(
        model.predict(x, verbose=0), dense_training.predict(weights, x), rtol=1e-4, atol=1e-5
    )
    for again, before in zip(dense_training.from_keras(model), weights, strict=True):
        np.testing.assert_array_equal(again, before)
