"""Counts what a `Graph` costs on any device: multiply-accumulates, parameters, bytes."""

from dataclasses import dataclass

from tinylab.graph.core.ir import Graph, Op, Tensor, UnsupportedOperatorError
from tinylab.graph.operators import find_operator


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
    state_bytes : int
        Bytes that outlive the inference: variables, and the memory of recurrent layers. They come
        on top of the activations.
    per_op : tuple of OpFootprint
        In execution order.
    """

    macs: int
    parameters: int
    weight_bytes: int
    bias_bytes: int
    peak_activation_bytes: int
    state_bytes: int
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
        state_bytes=graph.state_bytes,
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
    operator = find_operator(op.kind)
    positions = operator.parameters if operator else ()
    groups = [[op.inputs[p] for p in positions[i : i + 1] if p < len(op.inputs)] for i in (0, 1)]
    weights, biases = ([stored[i] for i in group if i in stored] for group in groups)
    return weights, biases


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
    operator = find_operator(op.kind)
    if operator is None:
        raise UnsupportedOperatorError(
            f"operator {index} of {graph.name} is {op.kind!r}, whose multiply-accumulates are not"
            f" known"
        )
    shapes = [graph.tensors[i].shape if i >= 0 else () for i in op.inputs]
    try:
        output = graph.tensors[op.outputs[0]].shape if op.outputs else ()
        return operator.macs(shapes, output)
    except IndexError as error:
        raise ValueError(f"operator {index} of {graph.name}, {op.kind}, lacks tensors") from error
