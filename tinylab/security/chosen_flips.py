"""The most damaging bits first: a greedy search with the gradient of a float twin."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tinylab.graph import Graph, Op
from tinylab.security.bit_flips import BITS, Flip, WeightTable, flipped

__all__ = ["ChosenFlips", "choose_flips", "float_twin", "most_damaging"]

TRIED = 5
"""Candidates, the best of the layers by gradient, whose loss is worked out before one is taken."""

ACTIVATIONS = {"none": lambda x: x, "relu": tf.nn.relu, "relu6": tf.nn.relu6}


@dataclass(frozen=True)
class ChosenFlips:
    """A sequence of flips and what was left after each.

    Attributes
    ----------
    flips : tuple of Flip
    accuracy : tuple of float
        Of the integer program after each flip, 0 to 1.
    """

    flips: tuple[Flip, ...]
    accuracy: tuple[float, ...]

    def needed(self, below: float) -> int | None:
        """How many flips bring the accuracy below a value; None if these do not."""
        hits = [number for number, value in enumerate(self.accuracy, 1) if value < below]
        return hits[0] if hits else None


def most_damaging(
    values: np.ndarray, gradient: np.ndarray, bits: Sequence[int] = range(BITS)
) -> tuple[int, int, float]:
    """The bit whose flip raises the loss most, to first order: gradient times change.

    Parameters
    ----------
    values : int8 array (weights,)
    gradient : float array (weights,)
        Of the loss by each stored value.
    bits : sequence of int
        Bits that may be flipped.

    Returns
    -------
    weight, bit : int
    gain : float
    """
    stored = np.asarray(values, np.int8)
    best = (0, 0, -np.inf)
    for bit in bits:
        other = (stored.view(np.uint8) ^ np.uint8(1 << bit)).view(np.int8)
        gains = gradient * (other.astype(float) - stored.astype(float))
        weight = int(gains.argmax())
        if gains[weight] > best[2]:
            best = (weight, int(bit), float(gains[weight]))
    return best


def choose_flips(
    table: WeightTable,
    x: np.ndarray,
    y: np.ndarray,
    accuracy: Callable[[bytes], float],
    *,
    count: int = 12,
    bits: Sequence[int] = range(BITS),
    stop_below: float = 0.0,
) -> ChosenFlips:
    """Search for the most damaging bits, one after another.

    Parameters
    ----------
    table : WeightTable
    x : float array (n, ...)
        Inputs in their own unit, as the attacker has them; some dozens are enough.
    y : int array (n,)
    accuracy : callable
        A program in, its accuracy out; called once a flip, for the record.
    count : int
    bits : sequence of int
        Bits that the attacker may flip.
    stop_below : float
        End when the accuracy falls below it.
    """
    twin = float_twin(table.graph)
    loss, gradient = _loss_functions(twin, table, x, y)
    values, flips, record = table.values.copy(), [], []
    for _ in range(count):
        slopes, candidates = gradient(values), []
        for start, end in zip(table.starts[:-1], table.starts[1:], strict=True):
            weight, bit, gain = most_damaging(values[start:end], slopes[start:end], bits)
            candidates.append((gain, Flip(start + weight, bit)))
        candidates.sort(key=lambda one: -one[0])
        tried = [flip for _, flip in candidates[:TRIED]]
        chosen = max(tried, key=lambda flip: loss(flipped(values, [flip])))
        values = flipped(values, [chosen])
        flips.append(chosen)
        record.append(accuracy(table.program(values)))
        if record[-1] < stop_below:
            break
    return ChosenFlips(tuple(flips), tuple(record))


def _loss_functions(twin, table: WeightTable, x: np.ndarray, y: np.ndarray):
    inputs, labels = tf.constant(x, tf.float32), tf.constant(y, tf.int64)
    ends = list(zip(table.starts[:-1], table.starts[1:], strict=True))
    shapes = [
        table.graph.tensors[table.graph.ops[index].inputs[1]].shape for index in table.operators
    ]

    def parts(values: np.ndarray) -> list[tf.Tensor]:
        return [
            tf.constant(values[start:end].reshape(shape), tf.float32)
            for (start, end), shape in zip(ends, shapes, strict=True)
        ]

    @tf.function
    def both(weights):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, twin(inputs, weights))
            loss = tf.reduce_mean(losses)
        return loss, tape.gradient(loss, weights)

    def loss(values: np.ndarray) -> float:
        return float(both(parts(values))[0])

    def gradient(values: np.ndarray) -> np.ndarray:
        return np.concatenate([one.numpy().ravel() for one in both(parts(values))[1]])

    return loss, gradient


def float_twin(graph: Graph) -> Callable:
    """The real-valued function that an int8 graph rounds, with its stored weights as arguments.

    Parameters
    ----------
    graph : Graph
        A chain of convolutions, dense layers and average pooling that ends in a softmax.

    Returns
    -------
    callable (x, weights) -> logits
        x float (n, ...) in its own unit; weights a list of float tensors, the stored values of each
        layer.

    Raises
    ------
    ValueError
        An operator of another kind.
    """
    known = {
        "conv2d": _convolution,
        "depthwise_conv2d": _depthwise,
        "fully_connected": _dense,
    }
    passed = ("reshape", "softmax", "quantize", "dequantize")
    for op in graph.ops:
        if op.kind not in known and op.kind not in (*passed, "average_pool2d", "mean"):
            raise ValueError(f"the float twin knows no {op.kind}: take a chain of convolutions")
        if op.attributes.get("fused_activation", "none") not in ACTIVATIONS:
            raise ValueError(f"the float twin knows no {op.attributes['fused_activation']}")

    def logits(x, weights):
        rest = list(weights)
        for op in graph.ops:
            if op.kind in known:
                x = known[op.kind](graph, op, x, rest.pop(0))
            elif op.kind == "average_pool2d":
                window = [op.integer("filter_height"), op.integer("filter_width")]
                x = tf.nn.avg_pool2d(x, window, _strides(op), _padding(op))
            elif op.kind == "mean":
                x = tf.reduce_mean(x, [1, 2])
        return x

    return logits


def _scale(graph: Graph, op: Op) -> np.ndarray:
    return np.asarray(graph.tensors[op.inputs[1]].affine.scale, np.float32)


def _finished(graph: Graph, op: Op, x):
    """Bias and the activation that the operator applies itself."""
    bias = graph.tensors[op.inputs[2]]
    x = x + bias.values * np.asarray(bias.affine.scale, np.float32)
    return ACTIVATIONS[op.attributes.get("fused_activation", "none")](x)


def _strides(op: Op) -> list[int]:
    return [op.integer("stride_h"), op.integer("stride_w")]


def _padding(op: Op) -> str:
    return str(op.attributes["padding"]).upper()


def _convolution(graph: Graph, op: Op, x, weights):
    kernel = tf.transpose(weights * _scale(graph, op).reshape(-1, 1, 1, 1), [1, 2, 3, 0])
    return _finished(graph, op, tf.nn.conv2d(x, kernel, _strides(op), _padding(op)))


def _depthwise(graph: Graph, op: Op, x, weights):
    kernel = tf.transpose(weights * _scale(graph, op).reshape(1, 1, 1, -1), [1, 2, 3, 0])
    strides = [1, *_strides(op), 1]
    return _finished(graph, op, tf.nn.depthwise_conv2d(x, kernel, strides, _padding(op)))


def _dense(graph: Graph, op: Op, x, weights):
    flat = tf.reshape(x, [-1, weights.shape[1]])
    return _finished(graph, op, flat @ tf.transpose(weights * _scale(graph, op).reshape(-1, 1)))
