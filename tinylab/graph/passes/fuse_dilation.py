"""A dilated convolution that the converter took apart becomes one operator again."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.graph.core.ir import Graph, Op
from tinylab.graph.passes.edit import only_reader, replace_op, with_attributes


@dataclass(frozen=True)
class FuseDilation:
    """space_to_batch_nd, a convolution without padding, batch_to_space_nd: one with dilation."""

    name: str = "fuse dilation"
    unsafe: str = (
        "Only if padding and cropping together are just those of same or of no padding, the stride "
        "is one, and nobody else reads what lies between."
    )

    def match(self, graph: Graph, index: int) -> bool:
        return _find_chain(graph, index) is not None

    def transform(self, graph: Graph, index: int) -> Graph:
        chain = _find_chain(graph, index)
        if chain is None:
            raise ValueError(f"operator {index} does not begin a dilated convolution")
        before, layer = graph.ops[index], graph.ops[chain.layer]
        names = ("dilation_h_factor", "dilation_w_factor")
        options = dict(zip(names, (*chain.blocks, 1)[:2], strict=True))
        merged = replace(
            with_attributes(layer, {**options, "padding": chain.padding}),
            inputs=(before.inputs[0], *layer.inputs[1:]),
            outputs=graph.ops[chain.last].outputs,
        )
        graph = replace_op(graph, chain.last, None)
        return replace_op(replace_op(graph, chain.layer, merged), index, None)


@dataclass(frozen=True)
class _Chain:
    """Indices of the convolution and of batch_to_space_nd, and what the one operator would have."""

    layer: int
    last: int
    blocks: tuple[int, ...]
    padding: str


def _find_chain(graph: Graph, index: int) -> _Chain | None:
    before = graph.ops[index]
    if before.kind != "space_to_batch_nd" or len(before.inputs) != 3:
        return None
    middle = only_reader(graph, before.outputs[0])
    if middle is None or not _slides_plainly(graph.ops[middle]):
        return None
    last = only_reader(graph, graph.ops[middle].outputs[0])
    if last is None or graph.ops[last].kind != "batch_to_space_nd":
        return None
    after = graph.ops[last]
    known = [graph.tensors[i] for i in (*before.inputs[1:], *after.inputs[1:])]
    if len(after.inputs) != 3 or not all(tensor.is_constant for tensor in known):
        return None
    blocks, pads, _, crops = (tensor.values for tensor in known)
    image = graph.tensors[before.inputs[0]].shape
    weights = graph.tensors[graph.ops[middle].inputs[1]].shape
    fits = len(image) == len(weights) == 4 and image[0] == 1
    if not fits or pads.shape != crops.shape or pads.shape != (len(blocks), 2):
        return None
    padding = _padding(weights, blocks.tolist(), pads, crops)
    if padding is None:
        return None
    return _Chain(middle, last, tuple(blocks.tolist()), padding)


def _slides_plainly(layer: Op) -> bool:
    options = layer.attributes
    strides = (options.get("stride_h"), options.get("stride_w"))
    convolution = layer.kind in ("conv2d", "depthwise_conv2d")
    return convolution and strides == (1, 1) and options.get("padding") == "valid"


def _padding(weights: tuple, blocks: list[int], pads: np.ndarray, crops: np.ndarray) -> str | None:
    """The padding of the dilated convolution, None if neither kind does the same."""
    if len(blocks) not in (1, 2):
        return None
    kinds = set()
    for axis, (block, pad, crop) in enumerate(zip(blocks, pads, crops, strict=True), 1):
        missing = (weights[axis] - 1) * block
        total = int(pad.sum()) - int(crop.sum())
        same = total == missing and pad[0] == missing // 2
        kind = "valid" if total == pad[0] == 0 else "same" if same else ""
        if missing or total or pad[0] or crop[0]:  # else both kinds do the same
            kinds.add("" if crop[0] else kind)
    if len(blocks) == 1 and weights[2] > 1:
        kinds.add("valid")  # nothing pads the other axis
    if len(kinds) > 1 or "" in kinds:
        return None
    return kinds.pop() if kinds else "valid"
