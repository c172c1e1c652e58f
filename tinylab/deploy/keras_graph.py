"""Reads a Keras model into a float `Graph` just as it stands: nothing folded, nothing fused.

In: a built Keras model. Out: a `Graph` with one operator a layer, for the passes of `tinylab.graph`
to shrink. LiteRT's converter would do all of that at once, out of sight.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tinylab.graph import Graph, Op, Tensor

if TYPE_CHECKING:
    import keras

_ACTIVATIONS = {"relu": "relu", "relu6": "relu6", "softmax": "softmax"}


def from_keras(model: "keras.Model") -> Graph:
    """One operator a layer, for a batch of one.

    Parameters
    ----------
    model : keras.Model
        A functional model with one input and one output, of the usual layers of small models.

    Returns
    -------
    Graph
        float32. Batch normalization is an operator of its own kind, "batch_normalization", that
        `FoldBatchNorm` removes; no `.tflite` file can hold it.

    Raises
    ------
    ValueError
        A layer that is not known here, or more than one input or output.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError("pass a model with one input and one output")
    builder = _Builder()
    builder.add_activation(model.inputs[0])
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        if kind not in _LAYERS:
            raise ValueError(f"layer {layer.name!r} is a {kind}, which cannot become an operator")
        sources = layer.input if isinstance(layer.input, list) else [layer.input]
        builder.begin(layer.name, [builder.index_of(source) for source in sources], layer.output)
        _LAYERS[kind](builder, layer)
        builder.end(layer.output)
    inputs, outputs = (builder.index_of(t[0]) for t in (model.inputs, model.outputs))
    return Graph(model.name, tuple(builder.tensors), tuple(builder.ops), (inputs,), (outputs,))


class _Builder:
    def __init__(self):
        self.tensors: list[Tensor] = []
        self.ops: list[Op] = []
        self._index: dict[int, int] = {}
        self._name, self._current, self._shape = "", [], ()

    def index_of(self, keras_tensor) -> int:
        return self._index[id(keras_tensor)]

    def add_activation(self, keras_tensor) -> None:
        self._index[id(keras_tensor)] = self._tensor(keras_tensor.name, _shape(keras_tensor))

    def begin(self, name: str, sources: list[int], output) -> None:
        self._name, self._current, self._shape = name, sources, _shape(output)

    def end(self, output) -> None:
        self._index[id(output)] = self._current[0]

    def constant(self, role: str, values) -> int:
        data = np.ascontiguousarray(values)
        return self._tensor(f"{self._name}/{role}", data.shape, data)

    def op(self, kind: str, constants=(), **attributes) -> None:
        """Append an operator that reads what the layer has made so far."""
        output = self._tensor(f"{self._name}/{kind}", self._shape)
        inputs = (*self._current, *constants)
        self.ops.append(Op(kind, inputs, (output,), MappingProxyType(attributes)))
        self._current = [output]

    def activation(self, layer) -> None:
        """The layer's own activation function, as an operator."""
        name = getattr(layer.activation, "__name__", "")
        if name == "linear":
            return
        if name not in _ACTIVATIONS:
            raise ValueError(f"layer {self._name!r} has the unknown activation {name!r}")
        self.op(_ACTIVATIONS[name], **({"beta": 1.0} if name == "softmax" else {}))

    def _tensor(self, name: str, shape: tuple[int, ...], data: np.ndarray | None = None) -> int:
        dtype = "float32" if data is None else data.dtype.name
        self.tensors.append(Tensor(name, shape, dtype, None, data))
        return len(self.tensors) - 1


def _shape(keras_tensor) -> tuple[int, ...]:
    return tuple(1 if size is None else int(size) for size in keras_tensor.shape)


def _weights(builder: _Builder, layer, kernel: np.ndarray) -> list[int]:
    bias = layer.bias.numpy() if layer.use_bias else np.zeros(builder._shape[-1], np.float32)
    return [builder.constant("weights", kernel), builder.constant("bias", bias)]


def _sliding(layer, stride, padding) -> dict:
    return {"stride_h": stride[0], "stride_w": stride[1], "padding": padding}


def _convolution(builder: _Builder, layer) -> None:
    kernel = layer.kernel.numpy()
    if type(layer).__name__ == "DepthwiseConv2D":
        kind, kernel = "depthwise_conv2d", kernel.reshape(1, *kernel.shape[:2], -1)
        more = {"depth_multiplier": layer.depth_multiplier}
    else:
        kind, kernel, more = "conv2d", kernel.transpose(3, 0, 1, 2), {}
        if layer.groups != 1:
            raise ValueError(f"layer {layer.name!r} has groups, which are not supported")
    dilation = dict(
        zip(("dilation_h_factor", "dilation_w_factor"), layer.dilation_rate, strict=True)
    )
    more |= dilation | _sliding(layer, layer.strides, layer.padding)
    builder.op(kind, _weights(builder, layer, kernel), fused_activation="none", **more)
    builder.activation(layer)


def _dense(builder: _Builder, layer) -> None:
    constants = _weights(builder, layer, layer.kernel.numpy().T)
    builder.op("fully_connected", constants, fused_activation="none", keep_num_dims=False)
    builder.activation(layer)


def _batch_normalization(builder: _Builder, layer) -> None:
    size = builder._shape[-1]
    gamma = layer.gamma.numpy() if layer.scale else np.ones(size, np.float32)
    beta = layer.beta.numpy() if layer.center else np.zeros(size, np.float32)
    values = (gamma, beta, layer.moving_mean.numpy(), layer.moving_variance.numpy())
    names = ("gamma", "beta", "mean", "variance")
    constants = [builder.constant(*pair) for pair in zip(names, values, strict=True)]
    builder.op("batch_normalization", constants, epsilon=float(layer.epsilon))


def _pool(kind: str) -> Callable:
    def add(builder: _Builder, layer) -> None:
        height, width = layer.pool_size
        size = {"filter_height": height, "filter_width": width, "fused_activation": "none"}
        builder.op(kind, **size, **_sliding(layer, layer.strides, layer.padding))

    return add


def _global_average(builder: _Builder, layer) -> None:
    axes = builder.constant("axes", np.array([1, 2], np.int32))
    builder.op("mean", [axes], keep_dims=bool(layer.keepdims))


def _relu(builder: _Builder, layer) -> None:
    if layer.negative_slope or layer.threshold or layer.max_value not in (None, 6):
        raise ValueError(f"layer {layer.name!r} is a ReLU with options that are not supported")
    builder.op("relu" if layer.max_value is None else "relu6")


def _zero_padding(builder: _Builder, layer) -> None:
    amounts = np.array([(0, 0), *layer.padding, (0, 0)], np.int32)
    builder.op("pad", [builder.constant("amounts", amounts)])


def _reshape(builder: _Builder, layer) -> None:
    builder.op("reshape", [builder.constant("shape", np.array(builder._shape, np.int32))])


_LAYERS: dict[str, Callable] = {
    "Activation": lambda builder, layer: builder.activation(layer),
    "Add": lambda builder, layer: builder.op("add", fused_activation="none"),
    "AveragePooling2D": _pool("average_pool2d"),
    "BatchNormalization": _batch_normalization,
    "Conv2D": _convolution,
    "Dense": _dense,
    "DepthwiseConv2D": _convolution,
    "Dropout": lambda builder, layer: None,
    "Flatten": _reshape,
    "GlobalAveragePooling2D": _global_average,
    "MaxPooling2D": _pool("max_pool2d"),
    "ReLU": _relu,
    "Reshape": _reshape,
    "Softmax": lambda builder, layer: builder.op("softmax", beta=1.0),
    "ZeroPadding2D": _zero_padding,
}
