"""Small changes of a graph that passes are made of; each returns a new graph."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tinylab.graph.core.ir import Attribute, Graph, Op, Tensor
from tinylab.graph.operators import find_operator


def add_constant(graph: Graph, name: str, data: np.ndarray) -> tuple[Graph, int]:
    """The graph with one more constant, and its index."""
    tensor = Tensor(name, data.shape, data.dtype.name, None, data)
    return replace(graph, tensors=(*graph.tensors, tensor)), len(graph.tensors)


def replace_op(graph: Graph, index: int, op: Op | None) -> Graph:
    """The graph with another operator at `index`, or with none."""
    new = () if op is None else (op,)
    return replace(graph, ops=(*graph.ops[:index], *new, *graph.ops[index + 1 :]))


def with_attributes(op: Op, changes: Mapping[str, Attribute]) -> Op:
    """The operator with other options."""
    return replace(op, attributes=MappingProxyType({**op.attributes, **changes}))


def bypass(graph: Graph, index: int) -> Graph:
    """Remove operator `index`; who read its output reads its first input."""
    op = graph.ops[index]
    source, target = op.inputs[0], op.outputs[0]
    graph = replace_op(graph, index, None)
    ops = tuple(_rewired(op, target, source) for op in graph.ops)
    outputs = tuple(source if tensor == target else tensor for tensor in graph.outputs)
    return replace(graph, ops=ops, outputs=outputs)


def absorb_next(graph: Graph, index: int, next_index: int, op: Op) -> Graph:
    """Put `op` at `index`, writing what operator `next_index` wrote, which goes away."""
    merged = replace(op, outputs=graph.ops[next_index].outputs)
    return replace_op(replace_op(graph, index, merged), next_index, None)


def producer_index(graph: Graph, tensor: int) -> int | None:
    """The operator that writes `tensor`."""
    for index, op in enumerate(graph.ops):
        if tensor in op.outputs:
            return index
    return None


def layer_before(graph: Graph, op: Op) -> int:
    """The operator that writes the first input of `op`; a ValueError if none does."""
    index = producer_index(graph, op.inputs[0])
    if index is None:
        raise ValueError(f"no operator writes the input of {op.kind!r}")
    return index


def only_reader(graph: Graph, tensor: int) -> int | None:
    """The only operator that reads `tensor`; None if more do, or it is the graph's output."""
    readers = [i for i, op in enumerate(graph.ops) for read in op.inputs if read == tensor]
    if tensor in graph.outputs or len(readers) != 1:
        return None
    return readers[0]


def same_quantization(first: Tensor, second: Tensor) -> bool:
    """Whether stored values mean the same in both."""
    if first.dtype != second.dtype:
        return False
    a, b = first.quantization, second.quantization
    if a is None or b is None:
        return a is b
    return np.array_equal(a.scale, b.scale) and np.array_equal(a.zero_point, b.zero_point)


def without_unused(graph: Graph) -> Graph:
    """Drop operators and tensors that nothing needs."""
    needed, ops = set(graph.outputs), []
    for op in reversed(graph.ops):
        if needed.intersection(op.outputs) or _has_state(op):
            needed.update(tensor for tensor in op.inputs if tensor >= 0)
            ops.append(op)
    kept = sorted(needed | set(graph.inputs) | {t for op in ops for t in op.outputs})
    new = {old: i for i, old in enumerate(kept)} | {-1: -1}
    return replace(
        graph,
        tensors=tuple(graph.tensors[i] for i in kept),
        ops=tuple(
            replace(
                op,
                inputs=tuple(new[i] for i in op.inputs),
                outputs=tuple(new[i] for i in op.outputs),
            )
            for op in reversed(ops)
        ),
        inputs=tuple(new[i] for i in graph.inputs),
        outputs=tuple(new[i] for i in graph.outputs),
    )


def _has_state(op: Op) -> bool:
    operator = find_operator(op.kind)
    return operator is not None and operator.has_state


def _rewired(op: Op, old: int, new: int) -> Op:
    return replace(op, inputs=tuple(new if tensor == old else tensor for tensor in op.inputs))
