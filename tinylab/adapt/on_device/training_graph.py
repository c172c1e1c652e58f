"""Training as plain operators: gradients written out, without automatic differentiation.

A `.tflite` file can carry a training step, but a converted gradient needs operators that LiteRT
does not have: TensorFlow's gradient of a convolution or of a softmax is an operator of its own,
and asking the converter to keep it (`SELECT_TF_OPS`) makes a file that runs only where TensorFlow
itself is linked in. A dense layer's gradient, though, is two matrix products, and those every
runtime has. So the backbone is frozen, the dense layers at the end are trained, and their gradient
is written out by hand.

With layer inputs `h`, kernel `W`, bias `b` and the loss's gradient `g` at the layer's output:

    dL/dW = h^T g        dL/db = sum of g over the batch        dL/dh = g W^T

and at the top, softmax with cross entropy (mean over B examples) gives g = (p - y) / B, a linear
output of n values with mean squared error g = 2 (output - y) / (B n).
"""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tinylab.adapt.fine_tuning.scopes import kind
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.models.surgery.fold import fold_batch_norm

__all__ = ["LOSSES", "DenseLayer", "TrainingGraph", "dense_tail"]

LOSSES = {"softmax": "cross entropy", "linear": "mean squared error"}
"""Loss that goes with each activation of the last layer."""


@dataclass(frozen=True)
class DenseLayer:
    """A dense layer with batch norm folded in: `activation(x @ kernel + bias)`."""

    kernel: np.ndarray
    bias: np.ndarray
    activation: str


def dense_tail(model: keras.Model, count: int) -> tuple[keras.Model | None, list[DenseLayer]]:
    """Split a model into a backbone and its last `count` dense layers.

    Returns
    -------
    backbone : keras.Model or None
        From the input to the first of those layers; None when nothing lies below it.
    layers : list of DenseLayer
        In forward order; dropout is left out, batch norm folded.

    Raises
    ------
    ValueError
        The model ends in fewer dense layers, or something between them cannot be trained through.
    """
    if count < 1:
        raise ValueError(f"dense_layers is {count}: pass a whole number from 1")
    model = fresh_copy(model) if count == 1 else fold_batch_norm(model)
    tail: list[DenseLayer] = []
    after: list[keras.Layer] = []
    for layer in reversed(model.layers):
        if kind(layer) != "Dense":
            after.insert(0, layer)
            continue
        tail.insert(0, _dense_layer(layer, after))
        after = []
        if len(tail) == count:
            _check_activations(tail)
            whole = layer.input is model.inputs[0]
            return None if whole else keras.Model(model.inputs[0], layer.input), tail
    raise ValueError(f"dense_layers is {count}, but the model has only {len(tail)} dense layers")


def _dense_layer(dense: keras.layers.Dense, after: list[keras.Layer]) -> DenseLayer:
    kernel = dense.kernel.numpy()
    bias = dense.bias.numpy() if dense.use_bias else np.zeros(kernel.shape[1], "float32")
    activation = dense.activation.__name__
    for layer in after:
        if kind(layer) in ("ReLU", "Activation", "Softmax") and activation == "linear":
            activation = _activation_name(layer)
        elif kind(layer) != "Dropout":
            raise ValueError(
                f"cannot train through layer {layer.name!r} ({kind(layer)}) after dense layer "
                f"{dense.name!r}: only batch norm, then an activation, then dropout may follow"
            )
    return DenseLayer(kernel, bias, activation)


def _activation_name(layer: keras.Layer) -> str:
    if kind(layer) == "Activation":
        return layer.activation.__name__
    plain = kind(layer) == "Softmax" or not (
        layer.max_value or layer.negative_slope or layer.threshold
    )
    return kind(layer).lower() if plain else "clipped or leaky ReLU"


def _check_activations(layers: list[DenseLayer]) -> None:
    for layer in layers[:-1]:
        if layer.activation not in ("relu", "linear"):
            raise ValueError(f"cannot train through activation {layer.activation!r}: use relu")
    if layers[-1].activation not in LOSSES:
        raise ValueError(
            f"the last activation is {layers[-1].activation!r}: it must be softmax, or linear"
        )


class TrainingGraph(tf.Module):
    """The functions that become the signatures of an on-device model.

    Parameters
    ----------
    model : keras.Model
        See `tinylab.adapt.on_device.program.build`, whose arguments these are.
    batch_size, learning_rate, dense_layers, bias_only
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        batch_size: int,
        learning_rate: float,
        dense_layers: int,
        bias_only: bool,
    ) -> None:
        super().__init__()
        backbone, layers = dense_tail(model, dense_layers)
        self._activations = [layer.activation for layer in layers]
        make_kernel = tf.constant if bias_only else tf.Variable
        self._kernels = [make_kernel(layer.kernel) for layer in layers]
        self._biases = [tf.Variable(layer.bias) for layer in layers]
        self._rate = learning_rate
        self._batch = tf.TensorSpec([batch_size, *model.input_shape[1:]], tf.float32)
        self._one = tf.TensorSpec([1, *model.input_shape[1:]], tf.float32)
        self._target = tf.TensorSpec([batch_size, layers[-1].kernel.shape[1]], tf.float32)
        self._batch_features = _frozen(backbone, self._batch)
        self._one_features = _frozen(backbone, self._one)

    def signatures(self) -> dict:
        """Concrete functions by signature name."""
        specs = {name: tf.TensorSpec(v.shape, v.dtype) for name, v in self._weights().items()}
        return {
            "train": tf.function(self._train).get_concrete_function(x=self._batch, y=self._target),
            "infer": tf.function(self._infer).get_concrete_function(x=self._one),
            "read_weights": tf.function(self._read).get_concrete_function(),
            "write_weights": tf.function(self._write).get_concrete_function(**specs),
        }

    def _weights(self) -> dict[str, tf.Variable]:
        kernels = {f"kernel_{i}": kernel for i, kernel in enumerate(self._kernels)}
        biases = {f"bias_{i}": bias for i, bias in enumerate(self._biases)}
        return {k: v for k, v in {**kernels, **biases}.items() if isinstance(v, tf.Variable)}

    def _read(self) -> dict:
        return {name: variable.read_value() for name, variable in self._weights().items()}

    def _write(self, **values) -> dict:
        for name, variable in self._weights().items():
            variable.assign(values[name])
        return {"checksum": tf.add_n([tf.reduce_sum(value) for value in values.values()])}

    def _infer(self, x) -> dict:
        return {"output": self._forward(self._one_features(x))[-1]}

    def _train(self, x, y) -> dict:
        outputs = self._forward(self._batch_features(x))
        steps = self._steps(outputs, y)
        for variable, step in steps:
            variable.assign(variable.read_value() - self._rate * step)
        return {"loss": self._loss(outputs[-1], y)}

    def _forward(self, features) -> list:
        """Outputs of all trained layers, the features first."""
        outputs = [features]
        for kernel, bias, activation in zip(
            self._kernels, self._biases, self._activations, strict=True
        ):
            value = tf.matmul(outputs[-1], _value(kernel)) + _value(bias)
            outputs.append(getattr(tf.nn, activation)(value) if activation != "linear" else value)
        return outputs

    def _steps(self, outputs: list, y) -> list[tuple]:
        """Each variable with the gradient of the loss: backpropagation by hand."""
        batch, width = y.shape
        scale = 1.0 / batch if self._activations[-1] == "softmax" else 2.0 / (batch * width)
        gradient = (outputs[-1] - y) * scale
        steps = []
        for i in reversed(range(len(self._kernels))):
            if isinstance(self._kernels[i], tf.Variable):
                steps.append((self._kernels[i], tf.matmul(outputs[i], gradient, transpose_a=True)))
            steps.append((self._biases[i], tf.reduce_sum(gradient, axis=0)))
            if i > 0:
                gradient = tf.matmul(gradient, _value(self._kernels[i]), transpose_b=True)
                if self._activations[i - 1] == "relu":
                    gradient = gradient * tf.cast(outputs[i] > 0, tf.float32)
        return steps

    def _loss(self, output, y):
        if self._activations[-1] == "softmax":
            return -tf.reduce_mean(tf.reduce_sum(y * tf.math.log(tf.maximum(output, 1e-7)), axis=1))
        return tf.reduce_mean(tf.square(output - y))


def _value(weight):
    return weight.read_value() if isinstance(weight, tf.Variable) else weight


def _frozen(backbone: keras.Model | None, spec: tf.TensorSpec):
    """The backbone with its weights as constants: left as variables, LiteRT answers NaN."""
    if backbone is None:
        return lambda x: x
    function = tf.function(lambda x: backbone(x, training=False)).get_concrete_function(spec)
    constant = convert_variables_to_constants_v2(function)
    shape = (spec.shape[0], *backbone.output_shape[1:])
    return lambda x: tf.ensure_shape(constant(x)[0], shape)
