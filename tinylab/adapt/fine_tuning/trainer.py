"""The training loop of fine-tuning, with accuracies on the old and the new examples as it goes.

Batch norm keeps its running statistics and dropout is off. Five examples are too few to estimate
a mean and a variance for every channel; new statistics would shift every old word too; and on the
device batch norm is folded into the convolution, so there is nothing left to update.
"""

import keras
import numpy as np
import tensorflow as tf

from tinylab.adapt.fine_tuning.results import EpochPoint
from tinylab.adapt.fine_tuning.scopes import selection, tensors, trainable_variables
from tinylab.models.surgery.blocks import fresh_copy

__all__ = ["LEARNING_RATES", "ScopeTrainer", "answers", "split"]

LEARNING_RATES = {
    "sgd": (0.02, 0.003, 0.0003),
    "momentum": (0.002, 0.0003, 0.00003),
    "adam": (0.002, 0.0005, 0.0005),
}
"""Step sizes used when none is given: for the last layer, for the biases, for blocks and all.

Measured on the reference DS-CNN with a new word and new speakers, 20 epochs of batches of 5. Its
first layers read unscaled MFCC, so plain gradient descent with the last layer's step size
diverges there; Adam divides by the gradient's size and tolerates more.
"""


class ScopeTrainer:
    """A copy of a model, split at the lowest layer that `scope` trains.

    The frozen part below runs once for every set of examples; `fit` starts from the original
    weights each time, so one trainer serves several sets.

    Parameters
    ----------
    model, scope, new, old, optimizer, learning_rate
        As for `tinylab.adapt.fine_tuning.study.finetune`.
    """

    def __init__(
        self,
        model: keras.Model,
        scope: str,
        *,
        new: tuple,
        old: tuple,
        optimizer: str = "sgd",
        learning_rate: float | None = None,
    ) -> None:
        self.model = fresh_copy(model)
        frozen, self._head = split(self.model, scope)
        self._features = np.asarray if frozen is None else lambda x: answers(frozen, x)
        self._new = (self._features(new[0]), np.asarray(new[1]))
        self._old = (self._features(old[0]), np.asarray(old[1]))
        self._trained = trainable_variables(self.model, scope)
        self._optimizer = _optimizer(optimizer, learning_rate, scope)
        self._optimizer.build(self._trained)
        self._start = [(v, v.numpy()) for v in self._trained + self._optimizer.variables]
        batch = tf.TensorSpec((None, *self._head.input_shape[1:]), tf.float32)
        labels = tf.TensorSpec((None,), tf.int64)
        self._step = tf.function(self._gradient_step).get_concrete_function(batch, labels)

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        epochs: int,
        batch_size: int,
        curve_points: int = 10,
        seed: int = 0,
    ) -> tuple[EpochPoint, ...]:
        """Train from the original weights and return the curve (see `finetune`)."""
        for variable, value in self._start:
            variable.assign(value)
        features, labels = self._features(x), np.asarray(y, np.int64)
        measured = set(np.linspace(0, epochs, min(curve_points, epochs) + 1).round().astype(int))
        order = np.random.default_rng(seed)
        curve = [self._measure(0)]
        for epoch in range(1, epochs + 1):
            shuffled = order.permutation(len(features))
            for first in range(0, len(shuffled), batch_size):
                picked = shuffled[first : first + batch_size]
                self._step(tf.constant(features[picked]), tf.constant(labels[picked]))
            if epoch in measured:
                curve.append(self._measure(epoch))
        return tuple(curve)

    def _gradient_step(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                keras.losses.sparse_categorical_crossentropy(y, self._head(x, training=False))
            )
        gradients = tape.gradient(loss, self._trained)
        self._optimizer.apply_gradients(zip(gradients, self._trained, strict=True))
        return loss

    def _measure(self, epoch: int) -> EpochPoint:
        accuracy_new, loss_new = self._score(*self._new)
        accuracy_old, loss_old = self._score(*self._old)
        return EpochPoint(epoch, accuracy_new, accuracy_old, loss_new, loss_old)

    def _score(self, features: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
        probabilities = answers(self._head, features)
        of_truth = probabilities[np.arange(len(labels)), labels]
        loss = -np.log(np.maximum(of_truth, 1e-7)).mean()
        return float(np.mean(probabilities.argmax(axis=1) == labels)), float(loss)


def split(model: keras.Model, scope: str) -> tuple[keras.Model | None, keras.Model]:
    """Cut a model below the lowest layer that `scope` trains.

    Returns
    -------
    frozen : keras.Model or None
        From the input to the cut; None when nothing lies below it, or when no single tensor
        separates the two parts (a skip connection crosses the cut).
    head : keras.Model
        From the cut to the output, sharing the model's weights.
    """
    first = next(iter(selection(model, scope)))
    position = [layer.name for layer in model.layers].index(first)
    cut = model.layers[position].input
    inside = {id(cut)}
    for layer in model.layers[position:]:
        if any(id(tensor) not in inside for tensor in tensors(layer.input)):
            return None, model
        inside |= {id(tensor) for tensor in tensors(layer.output)}
    if cut is model.inputs[0]:
        return None, model
    return keras.Model(model.inputs[0], cut), keras.Model(cut, model.outputs[0])


def answers(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Run a model once over a small set; `predict` would compile it first, for seconds."""
    return model(tf.constant(x, tf.float32), training=False).numpy()


def _optimizer(name: str, learning_rate: float | None, scope: str) -> keras.Optimizer:
    if learning_rate is None:
        depth = {"last_layer": 0, "bias_only": 1}.get(scope, 2)
        learning_rate = LEARNING_RATES[name][depth]
    if name == "adam":
        return keras.optimizers.Adam(learning_rate)
    return keras.optimizers.SGD(learning_rate, momentum=0.9 if name == "momentum" else 0.0)
