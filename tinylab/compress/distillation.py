"""Distillation: a small model learns from a bigger one's answers (Hinton, Vinyals & Dean 2015).

The teacher's probabilities say more than a label: which wrong answer is nearly right, and how sure
one can be. A temperature above 1 brings the small ones out.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from tinylab.models.surgery.nested import flattened

__all__ = ["Distiller", "distillation_loss", "logits_of", "softened"]

# float32 softmax gives exact zeros, whose logarithm is not finite. Nothing larger may be cut off:
# the order of the unlikely answers is what a teacher knows and a label does not.
SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)


def softened(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """What the softmax would have given, had the logits been divided by a temperature.

    The logits themselves are not needed: log(probability) differs from them by one number per
    example, which softmax ignores.

    Parameters
    ----------
    probabilities : ndarray of float, shape (examples, classes)
    temperature : float
        Above 0; 1 changes nothing, more makes the answers softer.
    """
    _check_temperature(temperature)
    logits = np.log(np.clip(probabilities, SMALLEST_PROBABILITY, 1)) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def distillation_loss(
    labels: np.ndarray,
    student: np.ndarray,
    teacher: np.ndarray,
    *,
    temperature: float = 4.0,
    hard_share: float = 0.1,
) -> np.ndarray:
    """Mix of two cross-entropies for each example: with the label, and with the softened teacher.

    Parameters
    ----------
    labels : ndarray of int, shape (examples,)
    student, teacher : ndarray of float, shape (examples, classes)
        Probabilities at temperature 1.
    temperature : float
        At which both are compared. That part is multiplied by temperature**2, because its gradients
        shrink by as much: so the mix means the same at every temperature.
    hard_share : float
        Weight of the labels, 0 to 1.

    Returns
    -------
    ndarray of float64, shape (examples,)
    """
    _check_share(hard_share)
    student = np.clip(np.asarray(student, np.float64), SMALLEST_PROBABILITY, 1)
    hard = -np.log(student[np.arange(len(labels)), labels])
    soft = -(softened(teacher, temperature) * np.log(softened(student, temperature))).sum(axis=-1)
    return hard_share * hard + (1 - hard_share) * temperature**2 * soft


def logits_of(model: keras.Model) -> Callable:
    """The function that a classifier computes up to its softmax, from inputs to logits.

    Raises
    ------
    ValueError
        If the model does not end in a softmax over two classes or more.
    """
    model = flattened(model)
    last = _checked_end(model)
    before = keras.Model(model.inputs[0], last.input)

    def logits(x):
        features = before(x, training=False)
        if not isinstance(last, keras.layers.Dense):
            return features
        return ops.matmul(features, last.kernel) + (last.bias if last.use_bias else 0.0)

    return logits


def _checked_end(model: keras.Model) -> keras.Layer:
    """The last layer, which is a softmax."""
    last = flattened(model).layers[-1]
    softmax = getattr(last, "activation", None) is keras.activations.softmax
    if not softmax and not isinstance(last, keras.layers.Softmax):
        raise ValueError(
            f"{model.name} ends in {last.name!r} ({type(last).__name__}), not in a softmax: add one"
        )
    return last


class Distiller(keras.Model):
    """The student, with the same weights, whose loss looks at the teacher too.

    Pass it to `tinylab.models.training.train` instead of the student; nothing
    has to be copied back.

    Parameters
    ----------
    student, teacher : keras.Model
        Of the same inputs and classes, both with softmax outputs.
    temperature, hard_share : float
        See `distillation_loss`.
    """

    def __init__(self, student, teacher, *, temperature: float = 4.0, hard_share: float = 0.1):
        _check_temperature(temperature)
        _check_share(hard_share)
        if student.output_shape[1:] != teacher.output_shape[1:]:
            raise ValueError(
                f"student and teacher must have the same classes, not {student.output_shape[-1]}"
                f" and {teacher.output_shape[-1]}"
            )
        _checked_end(student)
        super().__init__(student.inputs, student.outputs, name=f"{student.name}_distilled")
        self.temperature, self.hard_share = temperature, hard_share
        # In a closure, so that Keras does not take the teacher's weights for the student's.
        teacher_logits = logits_of(teacher)
        self._teach = lambda x: ops.stop_gradient(teacher_logits(x))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        hard = super().compute_loss(x, y, y_pred, sample_weight, training)
        if not training:
            return hard
        decay = sum(self.losses)  # of the weights: it takes no part in the shares
        targets = ops.softmax(self._teach(x) / self.temperature)
        logits = ops.log(ops.clip(y_pred, SMALLEST_PROBABILITY, 1.0))
        answers = ops.log_softmax(logits / self.temperature)
        soft = -ops.mean(ops.sum(targets * answers, axis=-1)) * self.temperature**2
        return self.hard_share * (hard - decay) + (1 - self.hard_share) * soft + decay


def _check_temperature(temperature: float) -> None:
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, not {temperature}")


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"hard_share must lie in 0..1, not {share}")
