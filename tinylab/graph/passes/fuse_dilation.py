"""A dilated convolution that the converter took apart becomes one operator again."""

from dataclasses import dataclass, replace

from tinylab.graph.ir import Graph, Op
from tinylab.graph.passes.edit import only_reader, replace_op, with_attributes

_SIDES = (("h", 1), ("w", 2))


@dataclass(frozen=True)
class FuseDilation:
    """space_to_batch_nd, a convolution without padding, batch_to_space_nd: a dilated convolution."""

    name: str = "fuse dilation"
    unsafe: str = (
        "Only if padding and cropping together are just those of same or of no padding, the stride "
        "is one, and nobody else reads what lies between."
    )

    def match(self, graph: Graph, index: int) -> bool:
        return self._padding(graph, index) is not None

    def transform(self, graph: Graph, index: int) -> Graph:
        before = graph.ops[index]
        middle = only_reader(graph, before.outputs[0])
        layer = graph.ops[middle]
        last = only_reader(graph, layer.outputs[0])
        blocks = graph.tensors[before.inputs[1]].data.ravel().tolist()
        names = ("dilation_h_factor", "dilation_w_factor")
        options = dict(zip(names, (*blocks, 1)[:2], strict=True))
        merged = replace(
            with_attributes(layer, {**options, "padding": self._padding(graph, index)}),
            inputs=(before.inputs[0], *layer.inputs[1:]),
            outputs=graph.ops[last].outputs,
        )
        graph = replace_op(graph, last, None)
        return replace_op(replace_op(graph, middle, merged), index, None)

    def _padding(self, graph: Graph, index: int) -> str | None:
        """The padding of the dilated convolution, None if there is none that does the same."""
        chain = self._chain(graph, index)
        if chain is None:
            return None
        before, layer, after = chain
        blocks, pads, crops = (
            graph.tensors[i].data for i in (before.inputs[1], before.inputs[2], after.inputs[2])
        )
        if len(blocks) not in (1, 2) or pads.shape != crops.shape or pads.shape[1:] != (2,):
            return None
        image, weights = graph.tensors[before.inputs[0]].shape, graph.tensors[layer.inputs[1]].shape
        if len(image) != 4 or len(weights) != 4 or image[0] != 1 or len(pads) != len(blocks):
            return None
        found = set()
        for side, (block, pad, crop) in enumerate(zip(blocks, pads, crops, strict=True), 1):
            missing = (weights[side] - 1) * int(block)
            total = int(pad.sum()) - int(crop.sum())
            if crop[0] or not 0 <= total:
                return None
            same = total == missing and pad[0] == missing // 2
            found.add("valid" if total == pad[0] == 0 else "same" if same else "")
        if len(blocks) == 1 and weights[2] > 1:
            found.add("valid" if layer.attributes.get("padding") == "valid" else "")
        return found.pop() if len(found) == 1 and found != {""} else None

    def _chain(self, graph: Graph, index: int) -> tuple[Op, Op, Op] | None:
        before = graph.ops[index]
        if before.kind != "space_to_batch_nd" or len(before.inputs) != 3:
            return None
        middle = only_reader(graph, before.outputs[0])
        layer = None if middle is None else graph.ops[middle]
        if layer is None or layer.kind not in ("conv2d", "depthwise_conv2d"):
            return None
        plain = all(layer.attributes.get(f"stride_{side}") == 1 for side, _ in _SIDES)
        plain = plain and layer.attributes.get("padding") == "valid"
        last = only_reader(graph, layer.outputs[0])
        after = None if last is None else graph.ops[last]
        if (
            not plain
            or after is None
            or after.kind != "batch_to_space_nd"
            or len(after.inputs) != 3
        ):
            return None
        known = [graph.tensors[i] for i in (*before.inputs[1:], *after.inputs[1:])]
        if not all(tensor.is_constant for tensor in known):
            return None
        return before, layer, after
