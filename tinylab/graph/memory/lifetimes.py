"""Which blocks of memory a graph needs, and from which operator to which."""

from collections.abc import Mapping
from dataclasses import dataclass

from tinylab.graph.core.ir import Graph, Op, Tensor
from tinylab.graph.operators import find_operator


@dataclass(frozen=True)
class Buffer:
    """A block of memory that one activation, or several that share it in place, occupies.

    Parameters
    ----------
    tensors : tuple of int
        Indices into `Graph.tensors`, in the order they are written; empty for scratch memory.
    size_bytes : int
    first_op, last_op : int
        The first and the last operator during which the content must survive.
    name : str
    """

    tensors: tuple[int, ...]
    size_bytes: int
    first_op: int
    last_op: int
    name: str

    def overlaps(self, other: "Buffer") -> bool:
        """Whether both are alive at once, so that they may not share bytes."""
        return self.first_op <= other.last_op and other.first_op <= self.last_op


def find_buffers(
    graph: Graph, *, in_place: bool = True, scratch_bytes: Mapping[int, int] | None = None
) -> tuple[Buffer, ...]:
    """The blocks of memory `graph` needs for its activations, without weights.

    Parameters
    ----------
    graph : Graph
    in_place : bool
        Let reshapes share their input's memory, and elementwise operators overwrite an input that
        nobody reads afterwards.
    scratch_bytes : mapping of int to int, optional
        Working memory a kernel needs, by operator index.

    Returns
    -------
    tuple of Buffer
    """
    end = max(len(graph.ops) - 1, 0)
    first, last = _lifetimes(graph, end)
    group = {tensor: tensor for tensor in first}
    if in_place:
        for step, op in enumerate(graph.ops):
            reused = _reusable_input(graph, op, step, last)
            if reused is not None:
                group[op.outputs[0]] = group[reused]
    members: dict[int, list[int]] = {}
    for tensor in first:
        members.setdefault(group[tensor], []).append(tensor)
    buffers = [_merge(graph, tensors, first, last) for tensors in members.values()]
    for step, size in sorted((scratch_bytes or {}).items()):
        if size:
            buffers.append(Buffer((), size, step, step, f"scratch of operator {step}"))
    return tuple(buffers)


def _lifetimes(graph: Graph, end: int) -> tuple[dict[int, int], dict[int, int]]:
    first = {tensor: 0 for tensor in graph.inputs if not graph.tensors[tensor].is_constant}
    last = dict(first)
    for step, op in enumerate(graph.ops):
        for tensor in op.outputs:
            first[tensor] = last[tensor] = step
        for tensor in op.inputs:
            if tensor in first:
                last[tensor] = step
            elif tensor >= 0 and not _lives_elsewhere(graph.tensors[tensor]):
                name = graph.tensors[tensor].name
                raise ValueError(f"{op.kind} reads {name!r}, which no operator writes")
    for tensor in graph.outputs:
        if tensor in first:
            last[tensor] = end
        elif not graph.tensors[tensor].is_constant:
            name = graph.tensors[tensor].name
            raise ValueError(f"no operator of {graph.name} writes its output {name!r}")
    return first, last


def _lives_elsewhere(tensor: Tensor) -> bool:
    """Constants are in flash, state is beside the arena."""
    return tensor.is_constant or tensor.is_state


def _reusable_input(graph: Graph, op: Op, step: int, last: dict[int, int]) -> int | None:
    """The input whose memory the operator's output may take over."""
    operator = find_operator(op.kind)
    if operator is None or not operator.in_place or len(op.outputs) != 1:
        return None
    size = graph.tensors[op.outputs[0]].stored_bytes
    for tensor in op.inputs[:1] if operator.in_place == "view" else op.inputs:
        if tensor not in last or tensor in graph.outputs:
            continue
        if last[tensor] == step and graph.tensors[tensor].stored_bytes == size:
            return tensor
    return None


def _merge(graph: Graph, tensors: list[int], first: dict, last: dict) -> Buffer:
    return Buffer(
        tensors=tuple(tensors),
        size_bytes=max(graph.tensors[tensor].stored_bytes for tensor in tensors),
        first_op=min(first[tensor] for tensor in tensors),
        last_op=max(last[tensor] for tensor in tensors),
        name=graph.tensors[tensors[0]].name,
    )
