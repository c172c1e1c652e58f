"""Finds channels that never matter, because a weight row of zeros makes them constant.

Pruning a whole output channel leaves zeros; a compiler may fold the constant into the next bias and
skip both. The published Visual Wake Words model is the example to know: half of its
multiply-accumulates are spent on such channels, and the software stacks that skip them are nearly
twice as fast on it as their other results suggest.
"""

from math import prod

import numpy as np

from tinylab.graph.core.ir import Graph, Op, Tensor
from tinylab.graph.counting import OpFootprint
from tinylab.graph.operators import find_operator

_WEIGHT_RANK = {"conv2d": 4, "depthwise_conv2d": 4, "fully_connected": 2}


def live_channels(graph: Graph) -> dict[int, np.ndarray]:
    """Which channels (last axis) of each activation can vary with the input.

    Returns
    -------
    dict of tensor index to ndarray of bool, shape (channels,)
        Tensors that are absent vary in all channels.

    Notes
    -----
    Safe for skipping only where the consumer treats a constant as such. Next to zero padding, a
    constant that is not zero differs at the border; a stack has to handle that, and this analysis,
    which estimates work, does not.
    """
    live: dict[int, np.ndarray] = {}
    for op in graph.ops:
        outputs = _live_outputs(graph, op, live)
        if outputs is not None and not outputs.all():
            live[op.outputs[0]] = outputs
    return live


def live_shares(graph: Graph, per_op: tuple[OpFootprint, ...]) -> tuple[tuple[float, float], ...]:
    """Of each operator, the share of multiply-accumulates and of output elements that are live."""
    live = live_channels(graph)
    return tuple(
        _live_share(graph, op, row, live) for op, row in zip(graph.ops, per_op, strict=True)
    )


def _live_share(graph: Graph, op: Op, row: OpFootprint, live: dict) -> tuple[float, float]:
    outputs = _share(live, op.outputs[0]) if op.outputs else 1.0
    if op.kind in ("conv2d", "fully_connected") and row.macs:
        return outputs * _share(live, op.inputs[0]), outputs
    return outputs, outputs


def _share(live: dict[int, np.ndarray], index: int) -> float:
    return float(live[index].mean()) if index in live else 1.0


def _live_outputs(graph: Graph, op: Op, live: dict) -> np.ndarray | None:
    if not op.inputs or len(op.outputs) != 1:
        return None
    weights = _used_weights(graph, op)
    incoming = live.get(op.inputs[0])
    if weights is not None:
        return _live_rows(op.kind, weights, incoming)
    operator = find_operator(op.kind)
    if operator is not None and operator.keeps_channels:
        return incoming
    if op.kind == "reshape" and incoming is not None:
        shapes = [graph.tensors[i].shape for i in (op.inputs[0], op.outputs[0])]
        if prod(shapes[0][:-1]) == 1 and shapes[1][-1:] == shapes[0][-1:]:
            return incoming
    return None


def _live_rows(kind: str, weights: np.ndarray, incoming: np.ndarray | None) -> np.ndarray | None:
    """Outputs with a non-zero weight on some input that varies."""
    if kind == "depthwise_conv2d":
        rows = np.any(weights, axis=(0, 1, 2))
        if incoming is None or len(rows) % len(incoming):
            return rows
        return rows & np.repeat(incoming, len(rows) // len(incoming))
    by_input = np.any(weights.reshape(len(weights), -1, weights.shape[-1]), axis=1)
    if incoming is None:
        return np.any(by_input, axis=1)
    if len(incoming) != by_input.shape[1]:
        return None
    return np.any(by_input & incoming, axis=1)


def _used_weights(graph: Graph, op: Op) -> np.ndarray | None:
    """Where the weights of a convolution or dense layer differ from zero."""
    if op.kind not in _WEIGHT_RANK or len(op.inputs) < 2:
        return None
    tensor: Tensor = graph.tensors[op.inputs[1]]
    if not tensor.is_constant or not tensor.elements or len(tensor.shape) != _WEIGHT_RANK[op.kind]:
        return None
    zero = tensor.quantization.zero_point[0] if tensor.quantization else 0
    return np.not_equal(tensor.values, zero)
