"""Batch normalization, and other scalings by a constant, disappear into the layer before them.

At inference, batch normalization is y = s * (x - mean) + beta with s = gamma / sqrt(variance +
epsilon), one number a channel. After x = w * input + b that is
(s * w) * input + (s * (b - mean) + beta): the same layer with other weights. Jacob et al. 2018,
section 3.2.
"""

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from tinylab.graph.core.ir import Graph, Op
from tinylab.graph.passes.edit import (
    absorb_next,
    add_constant,
    layer_before,
    only_reader,
    producer_index,
    with_attributes,
)

_CHANNEL_AXIS = {"conv2d": 0, "depthwise_conv2d": 3, "fully_connected": 0}
_AFFINE = ("batch_normalization", "mul", "add", "sub")


@dataclass(frozen=True)
class FoldBatchNorm:
    """conv2d, depthwise_conv2d or fully_connected, then batch_normalization (or mul, add, sub by a
    constant): one layer."""

    name: str = "fold batch norm"
    unsafe: str = (
        "Not if somebody else reads the layer's output, nor after an activation function, nor"
        " before the layer (with same padding the border would see the shift too), nor on int8"
        " weights (their scales would have to be measured again). The layer's own bias is scaled"
        " too: leave it out and the result is wrong only where biases are not zero, which small"
        " tests miss."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        before = producer_index(graph, op.inputs[0])
        if op.kind not in _AFFINE or before is None:
            return False
        layer = graph.ops[before]
        if layer.kind not in _CHANNEL_AXIS or only_reader(graph, op.inputs[0]) != index:
            return False
        if layer.attributes.get("fused_activation", "none") != "none":
            return False
        parameters = [graph.tensors[i] for i in (*op.inputs[1:], *layer.inputs[1:]) if i >= 0]
        if not all(t.is_constant and t.dtype == "float32" for t in parameters):
            return False
        if (
            len(op.inputs) != (5 if op.kind == "batch_normalization" else 2)
            or len(layer.inputs) < 2
        ):
            return False
        channels = (graph.tensors[op.outputs[0]].shape or (1,))[-1]
        if not self._weights_fit(graph, layer, channels):
            return False
        return all(_is_per_channel(graph.tensors[i].shape, channels) for i in op.inputs[1:])

    def _weights_fit(self, graph: Graph, layer: Op, channels: int) -> bool:
        shape, axis = graph.tensors[layer.inputs[1]].shape, _CHANNEL_AXIS[layer.kind]
        return len(shape) > axis and shape[axis] == channels

    def transform(self, graph: Graph, index: int) -> Graph:
        op = graph.ops[index]
        layer_index = layer_before(graph, op)
        layer = graph.ops[layer_index]
        channels = graph.tensors[op.outputs[0]].shape[-1]
        scale, shift = _affine(graph, op, channels)
        weights, bias = _parameters(graph, layer, channels)
        shape = [1] * weights.ndim
        shape[_CHANNEL_AXIS[layer.kind]] = channels
        name = graph.tensors[layer.inputs[1]].name
        folded = (weights * scale.reshape(shape)).astype(np.float32)
        graph, weights_index = add_constant(graph, f"{name}, folded", folded)
        shifted = (bias * scale + shift).astype(np.float32)
        graph, bias_index = add_constant(graph, f"{name}, folded bias", shifted)
        activation = {"fused_activation": op.attributes.get("fused_activation", "none")}
        merged = replace(layer, inputs=(layer.inputs[0], weights_index, bias_index))
        return absorb_next(graph, layer_index, index, with_attributes(merged, activation))


def _is_per_channel(shape: tuple[int, ...], channels: int) -> bool:
    return shape in ((), (1,)) or (shape[-1] == channels and prod(shape) == channels)


def _parameters(graph: Graph, layer: Op, channels: int) -> tuple[np.ndarray, np.ndarray]:
    weights = graph.tensors[layer.inputs[1]].values.astype(np.float64)
    if len(layer.inputs) > 2 and layer.inputs[2] >= 0:
        return weights, graph.tensors[layer.inputs[2]].values.astype(np.float64).ravel()
    return weights, np.zeros(channels)


def _affine(graph: Graph, op: Op, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of each channel."""
    constants = [graph.tensors[i].values.astype(np.float64).ravel() for i in op.inputs[1:]]
    constants = [np.broadcast_to(values, (channels,)) for values in constants]
    if op.kind == "batch_normalization":
        gamma, beta, mean, variance = constants
        scale = gamma / np.sqrt(variance + op.real("epsilon"))
        return scale, beta - mean * scale
    if op.kind == "mul":
        return constants[0], np.zeros(channels)
    sign = 1.0 if op.kind == "add" else -1.0
    return np.ones(channels), sign * constants[0]
