"""Train a chain of dense layers by hand, in numpy.

A device trains the model that it runs: batch norm is folded into the layers, so that an autoencoder
is kernels, biases and ReLUs, and its gradient a page of code. Nothing here imports a framework;
weights are a tuple of float32 arrays (kernel, bias, kernel, bias, ...), as continual and federated
learning pass them around.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

__all__ = [
    "OPTIMIZERS",
    "Adam",
    "Sgd",
    "Weights",
    "from_keras",
    "loss_and_gradients",
    "macs",
    "parameters",
    "per_example_squares",
    "predict",
    "to_keras",
    "train",
    "train_steps",
]

Weights = tuple[np.ndarray, ...]
Penalty = Callable[[Weights], Weights]
"""Gradients to add to those of the loss, from the weights as they stand."""


def from_keras(model) -> Weights:
    """Kernels and biases of a Keras model of dense layers and ReLUs, its batch norm folded in.

    Raises
    ------
    ValueError
        The model has other layers, or ReLUs elsewhere than after every layer but the last.
    """
    from tinylab.models.surgery.blocks import find_blocks
    from tinylab.models.surgery.fold import fold_batch_norm

    folded = fold_batch_norm(model)
    blocks = list(find_blocks(folded)[0].values())
    kinds = [type(block.layer).__name__ for block in blocks]
    activations = [block.activation for block in blocks]
    if kinds != ["Dense"] * len(kinds) or activations != ["relu"] * (len(kinds) - 1) + ["linear"]:
        raise ValueError("pass a model of dense layers with a ReLU after each but the last")
    weights = [np.asarray(value) for block in blocks for value in block.layer.get_weights()]
    return tuple(value.astype(np.float32) for value in weights)


def to_keras(weights: Weights, *, name: str = "adapted"):
    """The Keras model of dense layers and ReLUs that has these weights."""
    import keras

    inputs = x = keras.Input((weights[0].shape[0],), name="window")
    last = len(weights) // 2 - 1
    for number in range(last + 1):
        kernel, bias = weights[2 * number : 2 * number + 2]
        layer = keras.layers.Dense(kernel.shape[1], name=f"dense{number + 1}")
        x = layer(x)
        layer.set_weights([kernel, bias])
        if number < last:
            x = keras.layers.ReLU(name=f"relu{number + 1}")(x)
    return keras.Model(inputs, x, name=name)


def parameters(weights: Weights) -> int:
    """How many numbers the weights are."""
    return sum(value.size for value in weights)


def macs(weights: Weights) -> int:
    """Multiply-accumulates of one forward pass."""
    return sum(kernel.size for kernel in weights[::2])


def predict(weights: Weights, x: np.ndarray) -> np.ndarray:
    """Outputs for inputs of shape (n, size), float32."""
    return _forward(weights, x)[-1]


def loss_and_gradients(
    weights: Weights, x: np.ndarray, target: np.ndarray | None = None
) -> tuple[float, Weights]:
    """Mean squared error over all values of a batch, and its gradient.

    Parameters
    ----------
    weights : tuple of arrays
    x : float array (n, inputs)
    target : float array (n, outputs), optional
        By default `x` itself, as an autoencoder is trained.
    """
    target = x if target is None else target
    values = _forward(weights, x)
    error = values[-1] - target
    gradients: list[np.ndarray] = []
    for kept, delta in _backward(weights, values, 2 * error / error.size):
        gradients = [kept.T @ delta, delta.sum(axis=0), *gradients]
    return float(np.mean(error**2)), tuple(gradients)


def per_example_squares(weights: Weights, x: np.ndarray, deltas: np.ndarray) -> Weights:
    """Mean over examples of the squared gradient of each weight, of sum(output * deltas).

    A dense kernel's gradient of one example is the outer product of its input and delta; so the
    mean of the squares is a product of squares, and no example's gradient is ever stored.

    Parameters
    ----------
    weights : tuple of arrays
    x : float array (n, inputs)
    deltas : float array (n, outputs)
        Gradient of each example's quantity with respect to the outputs.
    """
    values = _forward(weights, x)
    squares: list[np.ndarray] = []
    for kept, delta in _backward(weights, values, deltas.astype(np.float32)):
        squared = delta**2
        squares = [(kept**2).T @ squared / len(x), squared.mean(axis=0), *squares]
    return tuple(squares)


@dataclass
class Adam:
    """Adam (Kingma and Ba 2015); keeps two numbers for every weight.

    Parameters
    ----------
    learning_rate : float
    decay, decay_squares, epsilon : float
    """

    learning_rate: float = 1e-3
    decay: float = 0.9
    decay_squares: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self):
        self.step_, self.mean_, self.squares_ = 0, None, None

    def update(self, weights: Weights, gradients: Weights) -> Weights:
        """The weights after one step."""
        if self.mean_ is None:
            self.mean_ = [np.zeros_like(value) for value in weights]
            self.squares_ = [np.zeros_like(value) for value in weights]
        self.step_ += 1
        rate = self.learning_rate * np.sqrt(1 - self.decay_squares**self.step_)
        rate = np.float32(rate / (1 - self.decay**self.step_))
        return tuple(
            value - self._change(rate, gradient, mean, squares)
            for value, gradient, mean, squares in zip(
                weights, gradients, self.mean_, self.squares_, strict=True
            )
        )

    def _change(self, rate, gradient, mean, squares):
        """Update both moments in place: they are large, and a step should not copy them."""
        mean *= self.decay
        mean += (1 - self.decay) * gradient
        squares *= self.decay_squares
        squares += (1 - self.decay_squares) * gradient**2
        change = np.sqrt(squares)
        change += self.epsilon
        np.divide(mean, change, out=change)
        change *= rate
        return change


@dataclass
class Sgd:
    """Plain gradient descent; keeps nothing."""

    learning_rate: float = 1e-3

    def update(self, weights: Weights, gradients: Weights) -> Weights:
        """The weights after one step."""
        return tuple(
            value - np.float32(self.learning_rate) * gradient
            for value, gradient in zip(weights, gradients)
        )


OPTIMIZERS = {"adam": Adam, "sgd": Sgd}


def train(
    weights: Weights,
    x: np.ndarray,
    *,
    epochs: int,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    optimizer: str = "adam",
    penalty: Penalty | None = None,
    seed: int | Sequence[int] = 0,
) -> Weights:
    """Teach an autoencoder to copy `x`, in shuffled batches.

    Parameters
    ----------
    weights : tuple of arrays
        Not changed.
    x : float array (n, inputs)
    epochs, batch_size : int
    learning_rate : float
    optimizer : {"adam", "sgd"}
    penalty : callable, optional
        See `Penalty`.
    seed : int or sequence of int
        Order of the examples.
    """
    rng = np.random.default_rng(seed)

    def batches():
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for first in range(0, len(x), batch_size):
                yield x[order[first : first + batch_size]]

    return train_steps(
        weights, batches(), learning_rate=learning_rate, optimizer=optimizer, penalty=penalty
    )


def train_steps(
    weights: Weights,
    batches,
    *,
    learning_rate: float = 1e-3,
    optimizer: str = "adam",
    penalty: Penalty | None = None,
) -> Weights:
    """One step for every batch of an iterable; parameters as for `train`."""
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"unknown optimizer {optimizer!r}: pass one of {', '.join(OPTIMIZERS)}")
    rule = OPTIMIZERS[optimizer](learning_rate)
    # A batch is too small to share: on a busy machine a second thread makes it many times slower.
    with threadpool_limits(limits=1, user_api="blas"):
        for batch in batches:
            _, gradients = loss_and_gradients(weights, batch)
            if penalty is not None:
                gradients = tuple(a + b for a, b in zip(gradients, penalty(weights)))
            weights = rule.update(weights, gradients)
    return weights


def _forward(weights: Weights, x: np.ndarray) -> list[np.ndarray]:
    """Input and output of every layer; ReLU after each but the last."""
    values = [np.asarray(x, np.float32)]
    last = len(weights) // 2 - 1
    for layer in range(last + 1):
        value = values[-1] @ weights[2 * layer] + weights[2 * layer + 1]
        values.append(value if layer == last else np.maximum(value, 0))
    return values


def _backward(weights: Weights, values: list[np.ndarray], delta: np.ndarray):
    """(layer's input, gradient of its output before the ReLU), from the last layer to the first."""
    for layer in range(len(weights) // 2 - 1, -1, -1):
        yield values[layer], delta
        if layer:
            delta = (delta @ weights[2 * layer].T) * (values[layer] > 0)
