"""Blocks of a sequence become blocks of an image of one row, as the convolution between has it."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.graph.core.ir import Graph, Op
from tinylab.graph.passes.edit import add_constant, only_reader

_VIEWS = ("expand_dims", "reshape", "squeeze")


@dataclass(frozen=True)
class BlocksOfImages:
    """space_to_batch_nd, expand_dims, conv2d, reshape, batch_to_space_nd: expand_dims comes first
    and reshape last, so that the three in the middle can be fused."""

    name: str = "blocks of images"
    unsafe: str = (
        "Only if the new axis is a row of its own, and nobody else reads what lies between."
    )

    def match(self, graph: Graph, index: int) -> bool:
        return _find_chain(graph, index) is not None

    def transform(self, graph: Graph, index: int) -> Graph:
        chain = _find_chain(graph, index)
        if chain is None:
            raise ValueError(f"operator {index} does not begin blocks of a sequence")
        before, expand, layer, flatten, after = (graph.ops[i] for i in chain)
        (source,), (target,) = before.inputs[:1], after.outputs
        tensors = list(graph.tensors)
        image, result = (_with_row(tensors[i].shape) for i in (source, target))
        tensors[before.outputs[0]] = replace(tensors[before.outputs[0]], shape=image)
        tensors[flatten.outputs[0]] = replace(tensors[flatten.outputs[0]], shape=result)
        graph = replace(graph, tensors=tuple(tensors))
        graph, to_blocks = _blocks(graph, before)
        graph, from_blocks = _blocks(graph, after)
        graph, shape = add_constant(graph, "image", np.array(image, np.int32))
        graph, sequence = add_constant(
            graph, "sequence", np.array(graph.tensors[target].shape, np.int32)
        )
        view, back = graph.ops[chain[1]], graph.ops[chain[3]]
        new = {
            chain[0]: replace(_reshape(view), inputs=(source, shape), outputs=before.outputs),
            chain[1]: replace(
                before, inputs=(before.outputs[0], *to_blocks), outputs=expand.outputs
            ),
            chain[3]: replace(
                after, inputs=(layer.outputs[0], *from_blocks), outputs=flatten.outputs
            ),
            chain[4]: replace(
                _reshape(back), inputs=(flatten.outputs[0], sequence), outputs=(target,)
            ),
        }
        ops = tuple(new.get(i, op) for i, op in enumerate(graph.ops))
        return replace(graph, ops=ops)


def _reshape(op: Op) -> Op:
    return Op("reshape", op.inputs, op.outputs)


def _find_chain(graph: Graph, index: int) -> tuple[int, ...] | None:
    """Indices of the five operators."""
    chain = [index]
    for kinds in (("space_to_batch_nd",), _VIEWS, ("conv2d", "depthwise_conv2d"), _VIEWS):
        op = graph.ops[chain[-1]]
        following = only_reader(graph, op.outputs[0]) if op.kind in kinds else None
        if following is None:
            return None
        chain.append(following)
    ops = [graph.ops[i] for i in chain]
    if ops[-1].kind != "batch_to_space_nd" or any(len(op.inputs) != 3 for op in (ops[0], ops[-1])):
        return None
    ends = [graph.tensors[ops[0].inputs[0]].shape, graph.tensors[ops[-1].outputs[0]].shape]
    inner = [graph.tensors[ops[i].outputs[0]].shape for i in (1, 2)]
    sequences = all(len(shape) == 3 for shape in ends)
    rows = all(len(shape) == 4 and shape[1] == 1 for shape in inner)
    settings = [graph.tensors[i] for op in (ops[0], ops[-1]) for i in op.inputs[1:]]
    known = all(tensor.is_constant and tensor.shape[0] == 1 for tensor in settings)
    return tuple(chain) if sequences and rows and known else None


def _with_row(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[0], 1, *shape[1:]


def _blocks(graph: Graph, op: Op) -> tuple[Graph, tuple[int, int]]:
    """Block sizes and pads (or crops) of an operator, for two axes."""
    size, pads = (graph.tensors[i].values.ravel() for i in op.inputs[1:])
    graph, sizes = add_constant(graph, "blocks", np.array([1, size[0]], np.int32))
    graph, amounts = add_constant(graph, "pads", np.array([[0, 0], pads], np.int32))
    return graph, (sizes, amounts)
