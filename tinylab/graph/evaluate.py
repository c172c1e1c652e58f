"""Runs a `Graph` in numpy, slowly and plainly: the reference a changed graph is compared with.

In: a graph, float or int8, and examples. Out: what its output would be. Float graphs are computed
in double precision; int8 ones with the integer arithmetic of LiteRT's reference kernels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinylab.graph.fixed_point import (
    Multiplier,
    activation_limits,
    quantize_multiplier,
    requantize_once,
    requantize_twice,
)
from tinylab.graph.ir import Graph, Op, Tensor, UnsupportedOperatorError

_FLOAT_LIMITS = {
    "none": (-np.inf, np.inf),
    "relu": (0.0, np.inf),
    "relu6": (0.0, 6.0),
    "relu_n1_to_1": (-1.0, 1.0),
}


def evaluate(graph: Graph, x: np.ndarray) -> np.ndarray:
    """The graph's output.

    Parameters
    ----------
    graph : Graph
        With one input and one output.
    x : ndarray, shape (n, ...)
        Examples, in the input's type and shape but for the batch.

    Returns
    -------
    ndarray, shape (n, ...)
        float32, or int8 like the graph's output. The int8 softmax is computed in floating point and
        rounded, so it may be off by one; all other operators are exact.

    Raises
    ------
    UnsupportedOperatorError
        An operator this evaluator does not know.
    """
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ValueError(f"{graph.name} must have one input and one output")
    source = graph.tensors[graph.inputs[0]]
    rows = [
        evaluate_ops(graph, {graph.inputs[0]: example.reshape(source.shape)})[graph.outputs[0]]
        for example in np.asarray(x)
    ]
    result = np.concatenate(rows)
    return result if graph.tensors[graph.outputs[0]].dtype == "int8" else result.astype(np.float32)


def evaluate_ops(graph: Graph, values: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """All tensors the operators write, given the graph's inputs; see `evaluate`."""
    constants = {i: t.values for i, t in enumerate(graph.tensors) if t.is_constant}
    values = constants | values
    for index, op in enumerate(graph.ops):
        if op.kind not in _KINDS:
            raise UnsupportedOperatorError(
                f"operator {index} is {op.kind!r}, which cannot be evaluated"
            )
        inputs = [values[i] if i >= 0 else None for i in op.inputs]
        step = _Step(graph, op, inputs)
        try:
            values[op.outputs[0]] = _KINDS[op.kind](step).reshape(step.output.shape)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"operator {index}, {op.kind}, does not fit its tensors ({error})"
            ) from error
    return values


@dataclass(frozen=True, eq=False)
class _Step:
    """One operator with the values of its inputs."""

    graph: Graph
    op: Op
    inputs: list

    def tensor(self, position: int) -> Tensor:
        return self.graph.tensors[self.op.inputs[position]]

    @property
    def output(self) -> Tensor:
        return self.graph.tensors[self.op.outputs[0]]

    @property
    def quantized(self) -> bool:
        return self.output.dtype == "int8"

    def value(self, position: int) -> np.ndarray:
        """An input: real numbers, or integers counted from the zero point."""
        value, tensor = self.inputs[position], self.tensor(position)
        if tensor.dtype != "int8":
            return np.asarray(value, np.float64)
        return value.astype(np.int64) - int(_scale(tensor)[1])

    def option(self, name: str, default=None):
        return self.op.attributes.get(name, default)


def _scale(tensor: Tensor) -> tuple[float, int]:
    return float(tensor.affine.scale[0]), int(tensor.affine.zero_point[0])


def _finish(step: _Step, result: np.ndarray, kind: str | None = None) -> np.ndarray:
    """Apply the fused activation function to real values, or to stored ones without zero point."""
    activation = kind or step.option("fused_activation", "none")
    if not step.quantized:
        return np.clip(result, *_FLOAT_LIMITS[activation])
    scale, zero_point = _scale(step.output)
    low, high = activation_limits(activation, scale, zero_point)
    return np.clip(result + zero_point, low, high).astype(np.int8)


def _weighted(step: _Step, sums: np.ndarray) -> np.ndarray:
    """Add the bias and scale back."""
    if len(step.inputs) > 2 and step.inputs[2] is not None:
        sums = sums + step.inputs[2].ravel()
    if not step.quantized:
        return _finish(step, sums)
    weight_scales = step.tensor(1).affine.scale.astype(np.float64)
    real = _scale(step.tensor(0))[0] * weight_scales / _scale(step.output)[0]
    if step.op.kind == "fully_connected":
        return _finish(step, requantize_once(sums, real))
    multipliers = [quantize_multiplier(float(factor)) for factor in real]
    return _finish(step, requantize_twice(sums, multipliers))


def _windows(step: _Step, x: np.ndarray, size: tuple[int, int], fill=0) -> np.ndarray:
    """Patches of shape (rows, columns, height, width, channels) of an image (1, h, w, c)."""
    _, rows, columns, _ = step.output.shape
    strides = step.option("stride_h"), step.option("stride_w")
    dilations = step.option("dilation_h_factor", 1), step.option("dilation_w_factor", 1)
    pads = []
    for extent, count, length, stride, dilation in zip(
        x.shape[1:3], (rows, columns), size, strides, dilations, strict=True
    ):
        missing = max((count - 1) * stride + (length - 1) * dilation + 1 - extent, 0)
        pads.append((missing // 2, missing - missing // 2))
    padded = np.pad(x[0], (*pads, (0, 0)), constant_values=fill)
    at = [
        np.arange(count)[:, None] * stride + np.arange(length) * dilation
        for count, length, stride, dilation in zip(
            (rows, columns), size, strides, dilations, strict=True
        )
    ]
    return padded[at[0][:, None, :, None], at[1][None, :, None, :]]


def _conv2d(step: _Step) -> np.ndarray:
    weights = step.value(1)
    patches = _windows(step, step.value(0), weights.shape[1:3])
    return _weighted(step, np.tensordot(patches, weights, axes=((2, 3, 4), (1, 2, 3))))


def _depthwise_conv2d(step: _Step) -> np.ndarray:
    weights = step.value(1)[0]
    patches = _windows(step, step.value(0), weights.shape[:2])
    patches = np.repeat(patches, weights.shape[2] // patches.shape[-1], axis=-1)
    return _weighted(step, np.einsum("rchwk,hwk->rck", patches, weights))


def _fully_connected(step: _Step) -> np.ndarray:
    weights = step.value(1)
    return _weighted(step, step.value(0).reshape(-1, weights.shape[1]) @ weights.T)


def _average_pool2d(step: _Step) -> np.ndarray:
    size = step.option("filter_height"), step.option("filter_width")
    x = step.inputs[0].astype(np.int64 if step.quantized else np.float64)
    sums = _windows(step, x, size).sum(axis=(2, 3))
    counts = _windows(step, np.ones_like(x), size).sum(axis=(2, 3))
    if not step.quantized:
        return _finish(step, sums / counts)
    half = np.where(sums > 0, counts // 2, -(counts // 2))
    stored = np.trunc((sums + half) / counts).astype(np.int64)
    return _finish(step, stored - _scale(step.output)[1])


def _max_pool2d(step: _Step) -> np.ndarray:
    size = step.option("filter_height"), step.option("filter_width")
    x = step.value(0)
    lowest = np.iinfo(np.int64).min if step.quantized else -np.inf
    return _finish(step, _windows(step, x, size, lowest).max(axis=(2, 3)))


def _check_broadcast(step: _Step) -> None:
    """Before numpy makes something far larger than the graph says."""
    shape = np.broadcast_shapes(step.tensor(0).shape, step.tensor(1).shape)
    if shape != step.output.shape:
        raise ValueError(f"it makes the shape {shape}, not {step.output.shape}")


def _add(step: _Step) -> np.ndarray:
    _check_broadcast(step)
    if not step.quantized:
        return _finish(step, step.value(0) + step.value(1))
    scales = [_scale(step.tensor(i))[0] for i in (0, 1)]
    largest = 2.0 * max(scales)
    parts = [
        requantize_twice(step.value(i) << 20, [quantize_multiplier(scales[i] / largest)])
        for i in (0, 1)
    ]
    total = quantize_multiplier(largest / (2**20 * _scale(step.output)[0]))
    return _finish(step, requantize_twice(parts[0] + parts[1], [total]))


def _float_only(function: Callable) -> Callable[[_Step], np.ndarray]:
    def run(step: _Step) -> np.ndarray:
        if step.quantized:
            raise UnsupportedOperatorError(f"{step.op.kind} on int8 cannot be evaluated")
        _check_broadcast(step)
        return _finish(step, function(step.value(0), step.value(1)))

    return run


def _batch_normalization(step: _Step) -> np.ndarray:
    gamma, beta, mean, variance = (step.value(i) for i in range(1, 5))
    scale = gamma / np.sqrt(variance + step.option("epsilon"))
    return (step.value(0) - mean) * scale + beta


def _pad(step: _Step) -> np.ndarray:
    fill = _scale(step.output)[1] if step.quantized else 0.0
    shape = tuple(np.add(step.tensor(0).shape, step.inputs[1].sum(axis=1)).tolist())
    if shape != step.output.shape or step.inputs[1].min() < 0:
        raise ValueError(f"it makes the shape {shape}, not {step.output.shape}")
    return np.pad(step.inputs[0], step.inputs[1].tolist(), constant_values=fill)


def _mean(step: _Step) -> np.ndarray:
    x, axes = step.value(0), tuple(np.ravel(step.inputs[1]).tolist())
    if not step.quantized:
        return x.mean(axis=axes)
    count = int(np.prod([x.shape[axis] for axis in axes]))
    factor = quantize_multiplier(_scale(step.tensor(0))[0] / _scale(step.output)[0])
    extra = min(count.bit_length() - 1, 32, 31 + factor.shift)
    scaled = Multiplier((factor.mantissa << extra) // count, factor.shift - extra)
    return _finish(step, requantize_twice(x.sum(axis=axes), [scaled]))


def _softmax(step: _Step) -> np.ndarray:
    x = step.value(0).astype(np.float64) * step.option("beta", 1.0)
    if step.quantized:
        x = x * _scale(step.tensor(0))[0]
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    probabilities = powers / powers.sum(axis=-1, keepdims=True)
    if not step.quantized:
        return probabilities
    return np.clip(np.rint(probabilities * 256) - 128, -128, 127).astype(np.int8)


def _rescale(step: _Step) -> np.ndarray:
    """relu, relu6, and quantize."""
    kind = "none" if step.op.kind == "quantize" else step.op.kind
    x = step.value(0)
    if not step.quantized:
        return _finish(step, x, kind)
    if step.tensor(0).dtype == "int8":
        factor = quantize_multiplier(_scale(step.tensor(0))[0] / _scale(step.output)[0])
        return _finish(step, requantize_twice(x, [factor]), kind)
    steps = x.astype(np.float32) / np.float32(_scale(step.output)[0])
    return _finish(step, np.trunc(steps + np.copysign(np.float32(0.5), steps)).astype(np.int64))


def _dequantize(step: _Step) -> np.ndarray:
    if step.tensor(0).dtype != "int8":
        return step.value(0)
    return step.value(0) * _scale(step.tensor(0))[0]


_KINDS: dict[str, Callable[[_Step], np.ndarray]] = {
    "add": _add,
    "average_pool2d": _average_pool2d,
    "batch_normalization": _batch_normalization,
    "conv2d": _conv2d,
    "depthwise_conv2d": _depthwise_conv2d,
    "dequantize": _dequantize,
    "fully_connected": _fully_connected,
    "max_pool2d": _max_pool2d,
    "mean": _mean,
    "mul": _float_only(np.multiply),
    "pad": _pad,
    "quantize": _rescale,
    "relu": _rescale,
    "relu6": _rescale,
    "relu_n1_to_1": _rescale,
    "reshape": lambda step: step.inputs[0],
    "softmax": _softmax,
    "sub": _float_only(np.subtract),
}
