"""Padding that a convolution can do by itself needs no copy of the image."""

from dataclasses import dataclass, replace

from tinylab.graph.core.ir import Graph, Op
from tinylab.graph.passes.edit import bypass, only_reader, with_attributes

_AXES = (("h", 1), ("w", 2))


@dataclass(frozen=True)
class FusePad:
    """pad with zeros, then a convolution without padding: a convolution with same padding."""

    name: str = "fuse pad"
    unsafe: str = (
        "Only if the rows and columns added are just those of same padding, which puts the odd one "
        "below and to the right; frameworks that pad evenly differ from it at stride 2. Not before "
        "pooling: an average would no longer count the zeros, a maximum no longer see them."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        if op.kind != "pad" or len(op.inputs) < 2 or not graph.tensors[op.inputs[1]].is_constant:
            return False
        reader = only_reader(graph, op.outputs[0])
        if reader is None or graph.ops[reader].inputs[0] != op.outputs[0]:
            return False
        layer = graph.ops[reader]
        if layer.kind not in ("conv2d", "depthwise_conv2d") or len(layer.inputs) < 2:
            return False
        return layer.attributes.get("padding") == "valid" and self._is_same(graph, op, layer)

    def transform(self, graph: Graph, index: int) -> Graph:
        reader = only_reader(graph, graph.ops[index].outputs[0])
        if reader is None:
            raise ValueError(f"operator {index} has no single reader to take its padding")
        layer = with_attributes(graph.ops[reader], {"padding": "same"})
        ops = (*graph.ops[:reader], layer, *graph.ops[reader + 1 :])
        return bypass(replace(graph, ops=ops), index)

    def _is_same(self, graph: Graph, pad: Op, layer: Op) -> bool:
        """Whether same padding of the unpadded image adds exactly what `pad` adds."""
        amounts = graph.tensors[pad.inputs[1]].values
        image = graph.tensors[pad.inputs[0]].shape
        weights = graph.tensors[layer.inputs[1]].shape
        if amounts.shape != (4, 2) or len(image) != 4 or len(weights) != 4:
            return False
        if amounts[0].any() or amounts[3].any():
            return False
        for side, axis in _AXES:
            stride = max(layer.integer(f"stride_{side}", 1), 1)
            span = (weights[axis] - 1) * layer.integer(f"dilation_{side}_factor", 1) + 1
            missing = max((-(-image[axis] // stride) - 1) * stride + span - image[axis], 0)
            if tuple(amounts[axis]) != (missing // 2, missing - missing // 2):
                return False
        return True
