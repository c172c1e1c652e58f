"""Counts what a `Graph` costs on any device: multiply-accumulates, parameters, bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from tinylab.graph.ir import Graph, Op, Tensor, UnsupportedOperatorError

_WITHOUT_MACS_NAMES = """
    abs add arg_max arg_min average_pool2d batch_to_space_nd broadcast_to cast ceil
    concatenation cos cumsum densify depth_to_space dequantize div elu equal exp expand_dims
    fill floor floor_div floor_mod gather gather_nd gelu greater greater_equal hard_swish
    l2_normalization leaky_relu less less_equal log log_softmax logical_and logical_not
    logical_or logistic max_pool2d maximum mean minimum mirror_pad mul neg not_equal one_hot
    pack pad padv2 pow prelu quantize range rank reduce_all reduce_any reduce_max reduce_min
    reduce_prod relu relu6 relu_0_to_1 relu_n1_to_1 reshape resize_bilinear
    resize_nearest_neighbor reverse_v2 round rsqrt scatter_nd select select_v2 shape sin slice
    softmax space_to_batch_nd space_to_depth split split_v sqrt square squared_difference
    squeeze strided_slice sub sum tanh tile topk_v2 transpose unpack where zeros_like var_handle
    read_variable assign_variable call_once
"""
_WITHOUT_MACS = frozenset(_WITHOUT_MACS_NAMES.split())


@dataclass(frozen=True)
class OpFootprint:
    """What one operator costs.

    `parameters` counts weights and biases; `weight_bytes` the weights as stored, without the
    biases, which are `bias_bytes`. Inputs are the activations it reads, not its weights.
    """

    index: int
    kind: str
    input_shape: tuple[int, ...]
    weight_shape: tuple[int, ...] | None
    output_shape: tuple[int, ...]
    macs: int
    parameters: int
    weight_bytes: int
    bias_bytes: int
    input_elements: int
    output_elements: int
    input_bytes: int
    output_bytes: int


@dataclass(frozen=True)
class Footprint:
    """What a model costs on any device.

    Parameters
    ----------
    macs : int
        Multiply-accumulates of one inference; sums, pooling and activation functions do not count,
        as in the published figures of MLPerf Tiny.
    parameters : int
        Weights and biases; a tensor that two operators share counts once.
    weight_bytes, bias_bytes : int
        The same, as stored.
    peak_activation_bytes : int
        The most bytes of activations that are alive at once: no memory plan can need less, unless
        an operator works in place.
    per_op : tuple of OpFootprint
        In execution order.
    """

    macs: int
    parameters: int
    weight_bytes: int
    bias_bytes: int
    peak_activation_bytes: int
    per_op: tuple[OpFootprint, ...]


def count(graph: Graph) -> Footprint:
    """Count multiply-accumulates, parameters and bytes of every operator.

    Raises
    ------
    UnsupportedOperatorError
        An operator whose multiply-accumulates are not known here; the message names it.
    """
    stored = _stored_parameters(graph)
    per_op = tuple(_count_op(graph, index, op, stored) for index, op in enumerate(graph.ops))
    weights: dict[int, Tensor] = {}
    biases: dict[int, Tensor] = {}
    for op in graph.ops:
        for group, tensors in zip((weights, biases), _parameters(op, stored), strict=True):
            group.update((id(tensor), tensor) for tensor in tensors)
    return Footprint(
        macs=sum(row.macs for row in per_op),
        parameters=sum(t.elements for t in (weights | biases).values()),
        weight_bytes=sum(t.stored_bytes for t in weights.values()),
        bias_bytes=sum(t.stored_bytes for t in biases.values()),
        peak_activation_bytes=peak_activation_bytes(graph),
        per_op=per_op,
    )


def peak_activation_bytes(graph: Graph) -> int:
    """The most bytes of activations alive while one operator runs: a lower bound of the arena.

    An activation lives from the operator that writes it (an input: from the start) to the last one
    that reads it (an output: to the end).
    """
    end = len(graph.ops)
    first = dict.fromkeys(graph.inputs, 0)
    last = dict.fromkeys(graph.inputs, 0)
    for step, op in enumerate(graph.ops):
        for index in op.outputs:
            first.setdefault(index, step)
        for index in (*op.inputs, *op.outputs):
            last[index] = step
    last.update((index, end) for index in graph.outputs)
    change = [0] * (end + 2)
    for index, start in first.items():
        size = graph.tensors[index].stored_bytes
        change[start] += size
        change[last[index] + 1] -= size
    alive = peak = 0
    for step in change:
        alive += step
        peak = max(peak, alive)
    return peak


def _stored_parameters(graph: Graph) -> dict[int, Tensor]:
    """Constants by index, also those that dequantize or densify makes (float16, 4-bit models)."""
    stored = {i: tensor for i, tensor in enumerate(graph.tensors) if tensor.is_constant}
    for op in graph.ops:
        if op.kind in ("dequantize", "densify") and op.inputs and op.inputs[0] in stored:
            stored.update((output, stored[op.inputs[0]]) for output in op.outputs)
    return stored


def _parameters(op: Op, stored: dict[int, Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """The operator's weights and its biases."""
    if op.kind not in _MACS:
        return [], []
    weights = op.inputs[1:2]
    biases = op.inputs[3:4] if op.kind == "transpose_conv" else op.inputs[2:3]
    return [stored[i] for i in weights if i in stored], [stored[i] for i in biases if i in stored]


def _count_op(graph: Graph, index: int, op: Op, stored: dict[int, Tensor]) -> OpFootprint:
    weights, biases = _parameters(op, stored)
    inputs = [graph.tensors[i] for i in op.inputs if i >= 0 and i not in stored]
    outputs = [graph.tensors[i] for i in op.outputs]
    return OpFootprint(
        index=index,
        kind=op.kind,
        input_shape=inputs[0].shape if inputs else (),
        weight_shape=weights[0].shape if weights else None,
        output_shape=outputs[0].shape if outputs else (),
        macs=_count_macs(graph, index, op),
        parameters=sum(t.elements for t in weights + biases),
        weight_bytes=sum(t.stored_bytes for t in weights),
        bias_bytes=sum(t.stored_bytes for t in biases),
        input_elements=sum(t.elements for t in inputs),
        output_elements=sum(t.elements for t in outputs),
        input_bytes=sum(t.stored_bytes for t in inputs),
        output_bytes=sum(t.stored_bytes for t in outputs),
    )


def _count_macs(graph: Graph, index: int, op: Op) -> int:
    if op.kind in _WITHOUT_MACS:
        return 0
    if op.kind not in _MACS:
        raise UnsupportedOperatorError(
            f"operator {index} of {graph.name} is {op.kind!r}, whose multiply-accumulates are not"
            f" known"
        )
    shapes = [graph.tensors[i].shape if i >= 0 else () for i in op.inputs]
    try:
        return _MACS[op.kind](shapes, graph.tensors[op.outputs[0]].shape)
    except IndexError as error:
        raise ValueError(f"operator {index} of {graph.name}, {op.kind}, lacks tensors") from error


def _convolution(inputs, output) -> int:
    return prod(output) * prod(inputs[1][1:])


def _depthwise(inputs, output) -> int:
    return prod(output) * prod(inputs[1][1:3])


def _dense(inputs, output) -> int:
    return prod(output) * inputs[1][-1]


def _transposed(inputs, output) -> int:
    weight, image = inputs[1], inputs[2]
    return prod(image) * prod(weight[1:3]) * weight[0]


def _matrix_product(inputs, output) -> int:
    return prod(output) * inputs[0][-1]


_MACS: dict[str, Callable[[list, tuple], int]] = {
    "conv2d": _convolution,
    "depthwise_conv2d": _depthwise,
    "fully_connected": _dense,
    "transpose_conv": _transposed,
    "batch_matmul": _matrix_product,
}
