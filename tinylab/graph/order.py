"""Checks that a graph can be executed from its first operator to its last."""

from tinylab.graph.core.ir import Graph


def check_order(graph: Graph, name: str) -> None:
    """Each operator reads only what exists by then, and no tensor is written twice.

    Parameters
    ----------
    graph : Graph
    name : str
        Of the file, for the message.

    Raises
    ------
    ValueError
        An index of no tensor, an operator out of order, or an output that nobody writes.
    """
    _check_indices(graph, name)
    written = set(graph.inputs)
    for op in graph.ops:
        for index in op.inputs:
            if index >= 0 and index not in written and not _exists(graph, index):
                raise ValueError(
                    f"{name} is damaged: {op.kind} reads {graph.tensors[index].name!r} before any "
                    "operator writes it"
                )
        for index in op.outputs:
            if index in written or _exists(graph, index):
                raise ValueError(f"{name} is damaged: {op.kind} cannot write tensor {index}")
        written.update(op.outputs)
    for index in graph.outputs:
        if index not in written and not _exists(graph, index):
            raise ValueError(f"{name} is damaged: nothing writes its output {index}")


def _check_indices(graph: Graph, name: str) -> None:
    count = len(graph.tensors)
    for index in (*graph.inputs, *graph.outputs):
        if not 0 <= index < count:
            raise ValueError(f"{name} is damaged: it has no tensor {index}")
    for op in graph.ops:
        for index in op.inputs:
            if not -1 <= index < count:
                raise ValueError(f"{name} is damaged: {op.kind} reads the missing tensor {index}")
        for index in op.outputs:
            if not 0 <= index < count:
                raise ValueError(f"{name} is damaged: {op.kind} cannot write tensor {index}")


def _exists(graph: Graph, index: int) -> bool:
    """Before the first operator runs: constants and state."""
    return graph.tensors[index].is_constant or graph.tensors[index].is_state
