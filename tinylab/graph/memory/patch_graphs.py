"""Runs a graph's first operators patch by patch: a small graph for each, joined to the whole.

In: a graph and the patches that `tinylab.graph.memory.patches` planned. Out: graphs that compute
single patches, and the same answer as that of the whole.
"""

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tinylab.graph.core.ir import Graph, Op, Tensor
from tinylab.graph.evaluate import evaluate_ops
from tinylab.graph.memory.patches import WINDOWED, Patch, plan_patches


def patch_graph(graph: Graph, depth: int, patch: Patch) -> Graph:
    """The graph that computes one patch: its input is the patch's part of the picture.

    Padding at the picture's edge becomes operators of its own, and between patches there is none.
    """
    tensors, ops = list(graph.tensors), []

    def add(like: int, level: int, padded: bool = False) -> int:
        spans = patch.rows[level], patch.columns[level]
        shape = (1, *(s.padded if padded else s.size for s in spans), graph.tensors[like].shape[3])
        tensors.append(replace(graph.tensors[like], shape=shape))
        return len(tensors) - 1

    source = current = add(graph.inputs[0], 0)
    for level, op in enumerate(graph.ops[:depth]):
        row, column = patch.rows[level], patch.columns[level]
        if row.padded > row.size or column.padded > column.size:
            amounts = [(0, 0), *((s.pad_before, s.pad_after) for s in (row, column)), (0, 0)]
            tensors.append(_constant(np.array(amounts, np.int32)))
            wide = add(op.inputs[0], level, padded=True)
            ops.append(Op("pad", (current, len(tensors) - 2), (wide,)))
            current = wide
        result = add(op.outputs[0], level + 1)
        options = {**op.attributes, **({"padding": "valid"} if op.kind in WINDOWED else {})}
        inputs = (current, *op.inputs[1:])
        ops.append(Op(op.kind, inputs, (result,), MappingProxyType(options)))
        current = result
    return Graph(f"{graph.name} patch", tuple(tensors), tuple(ops), (source,), (current,))


def evaluate_patched(graph: Graph, x: np.ndarray, *, depth: int, grid: int) -> np.ndarray:
    """The graph's output, its first operators computed patch by patch; see `evaluate`.

    Parameters
    ----------
    graph : Graph
        With one output.
    x : ndarray, shape (n, height, width, channels)
        In the input's type.
    depth, grid : int
        As for `plan_patches`.

    Returns
    -------
    ndarray, shape (n, ...)
        In the output's type, equal to what the whole graph gives.
    """
    patches = plan_patches(graph, depth=depth, grid=grid).patches
    parts = [(patch, patch_graph(graph, depth, patch)) for patch in patches]
    seam = graph.ops[depth - 1].outputs[0]
    rest = replace(graph, ops=graph.ops[depth:], inputs=(seam,))
    results = []
    for picture in np.asarray(x):
        whole = np.empty(graph.tensors[seam].shape, graph.tensors[seam].dtype)
        for patch, part in parts:
            _place(whole, picture, patch, part)
        results.append(evaluate_ops(rest, {seam: whole})[graph.outputs[0]])
    return np.concatenate(results).astype(graph.tensors[graph.outputs[0]].dtype)


def _place(whole: np.ndarray, picture: np.ndarray, patch: Patch, part: Graph) -> None:
    """Compute one patch and put it where it belongs."""
    row, column = patch.rows[0], patch.columns[0]
    seen = picture[None, row.start : row.stop, column.start : column.stop]
    row, column = patch.rows[-1], patch.columns[-1]
    result = evaluate_ops(part, {part.inputs[0]: seen})[part.outputs[0]]
    whole[:, row.start : row.stop, column.start : column.stop] = result


def _constant(values: np.ndarray) -> Tensor:
    return Tensor("paddings", values.shape, values.dtype.name, None, values)
