"""The upper part of a model as a function of its weights: what few-shot learning needs.

Meta-learning differentiates through training itself, so weights must be values that are passed
around, not variables that are overwritten. A `Learner` cuts a model below the lowest layer that a
scope adapts. What lies below is frozen: its features are computed once for a picture, and every
later step works on them. Batch norm keeps its statistics, as in
`tinylab.adapt.fine_tuning.trainer`.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from tinylab.adapt.fine_tuning.scopes import trainable_variables
from tinylab.adapt.fine_tuning.trainer import answers, split
from tinylab.data.pixels import inputs
from tinylab.models.surgery.blocks import fresh_copy

__all__ = ["Learner"]

_BATCH = 32  # pictures at a time, below the cut: all maps of a batch are in memory at once
_SMALLEST = 1e-7  # probability, so that the logarithm stays finite


class Learner:
    """A classifier whose upper part can be run with any weights.

    Parameters
    ----------
    model : keras.Model
        Its output is softmax probabilities. It is copied, never changed.
    scope : str
        What may be adapted; see `tinylab.adapt.fine_tuning.scopes.selection`.

    Attributes
    ----------
    names : tuple of str
        `layer/role` of each adapted weight, in forward order.
    start : list of tf.Tensor
        The model's own values of these weights.
    """

    def __init__(self, model: keras.Model, scope: str = "last_2_blocks") -> None:
        self.scope = scope
        self._model = fresh_copy(model)
        self._frozen, self._head = split(self._model, scope)
        adapted = trainable_variables(self._model, scope)
        self.names = tuple("/".join(variable.path.split("/")[-2:]) for variable in adapted)
        self.start = [tf.convert_to_tensor(variable) for variable in adapted]
        places = {
            id(variable): index for index, variable in enumerate(self._head.trainable_variables)
        }
        self._places = [places[id(variable)] for variable in adapted]
        self._step = tf.function(self._masked_step)
        self._run = tf.function(self.probabilities)

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """What the frozen part makes of pictures.

        Parameters
        ----------
        pictures : array (n, height, width, channels)
            uint8 is divided by 255 first; anything else is taken as the model takes it.

        Returns
        -------
        numpy.ndarray
            Shape (n, ...), float32.
        """
        parts = []
        for first in range(0, max(len(pictures), 1), _BATCH):
            batch = inputs(pictures[first : first + _BATCH])
            parts.append(batch if self._frozen is None else answers(self._frozen, batch))
        return np.concatenate(parts)

    def probabilities(self, weights: Sequence, features) -> tf.Tensor:
        """Softmax outputs (n, classes) for `weights` in place of the model's own."""
        values = [variable.value for variable in self._head.trainable_variables]
        for index, weight in zip(self._places, weights, strict=True):
            values[index] = weight
        fixed = [variable.value for variable in self._head.non_trainable_variables]
        return self._head.stateless_call(values, fixed, features, training=False)[0]

    def loss(self, weights: Sequence, features, labels) -> tf.Tensor:
        """Mean cross entropy in nats, a scalar."""
        of_truth = tf.gather(self.probabilities(weights, features), labels, axis=1, batch_dims=1)
        return -tf.reduce_mean(tf.math.log(tf.maximum(of_truth, _SMALLEST)))

    def gradient(self, weights: Sequence, features, labels) -> list[tf.Tensor]:
        """Gradient of `loss` with respect to each weight; it can be differentiated again."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = self.loss(weights, features, labels)
        return tape.gradient(loss, weights)

    def descend(
        self,
        weights: Sequence,
        features,
        labels,
        learning_rate: float,
        steps: int,
        *,
        second_order: bool = True,
    ) -> list[tf.Tensor]:
        """Weights after `steps` full-batch gradient steps, as a function of the first weights.

        With `second_order=False` the gradients count as constants when the result is
        differentiated, which is what first-order MAML does.
        """
        weights = list(weights)
        for _ in range(steps):
            gradients = self.gradient(weights, features, labels)
            if not second_order:
                gradients = [tf.stop_gradient(gradient) for gradient in gradients]
            weights = [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)]
        return weights

    def adapt(
        self,
        weights: Sequence,
        features,
        labels,
        learning_rate: float,
        steps: int,
        *,
        masks: Sequence | None = None,
    ) -> list[tf.Tensor]:
        """The same for use after meta-training: any number of steps, nothing to differentiate.

        Parameters
        ----------
        weights : sequence of arrays
            As `start`.
        features : array (n, ...), float32
        labels : array (n,), integers
        learning_rate : float
        steps : int
        masks : sequence of arrays, optional
            One for each weight, 1 where it may change and 0 where not (scalars will do).
        """
        masks = [1.0] * len(self.start) if masks is None else masks
        masks = [tf.convert_to_tensor(mask, tf.float32) for mask in masks]
        weights = [tf.convert_to_tensor(weight, tf.float32) for weight in weights]
        features, labels = tf.constant(features, tf.float32), tf.constant(labels, tf.int64)
        rate = tf.constant(learning_rate, tf.float32)
        for _ in range(steps):
            weights = self._step(weights, features, labels, rate, masks)
        return weights

    def accuracy(self, weights: Sequence, features, labels) -> float:
        """Share of right answers, 0 to 1."""
        scores = self._run(list(weights), tf.constant(features, tf.float32))
        return float(np.mean(scores.numpy().argmax(axis=1) == labels))

    def cross_entropy(self, weights: Sequence, features, labels) -> float:
        """Mean cross entropy in nats, as a number."""
        scores = self._run(list(weights), tf.constant(features, tf.float32)).numpy()
        return float(-np.log(np.maximum(scores[np.arange(len(labels)), labels], _SMALLEST)).mean())

    def model(self, weights: Sequence) -> keras.Model:
        """A model of its own, with `weights` in place of the original ones."""
        copy = fresh_copy(self._model)
        for variable, weight in zip(trainable_variables(copy, self.scope), weights, strict=True):
            variable.assign(weight)
        return copy

    def _masked_step(self, weights, features, labels, rate, masks):
        gradients = self.gradient(weights, features, labels)
        return [w - rate * m * g for w, m, g in zip(weights, masks, gradients, strict=True)]
