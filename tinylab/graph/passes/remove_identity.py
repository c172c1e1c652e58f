"""Operators that change nothing, or only the shape where the next one does not care, go away."""

from dataclasses import dataclass

from tinylab.graph.core.ir import Graph, Op
from tinylab.graph.operators import find_operator
from tinylab.graph.passes.edit import bypass, only_reader, same_quantization


@dataclass(frozen=True)
class RemoveIdentity:
    """Reshapes to the same shape, of reshapes, or before fully_connected; padding by nothing;
    quantization to the scale there is; dropout."""

    name: str = "remove identity"
    unsafe: str = (
        "Not if it joins the graph's input to its output, nor a reshape before fully_connected "
        "whose `keep_num_dims` hands the shape on, or that would mix examples of a batch."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        if graph.tensors[op.inputs[0]].is_constant:
            return False
        if op.inputs[0] in graph.inputs and op.outputs[0] in graph.outputs:
            return False
        before, after = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
        if _is_view(op):
            return before.shape == after.shape or self._next_ignores_shape(graph, index)
        if op.kind == "pad" and len(op.inputs) > 1:
            amounts = graph.tensors[op.inputs[1]]
            return amounts.is_constant and not amounts.values.any()
        if op.kind == "quantize":
            return same_quantization(before, after)
        return op.kind in ("identity", "dropout")

    def transform(self, graph: Graph, index: int) -> Graph:
        return bypass(graph, index)

    def _next_ignores_shape(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        reader = only_reader(graph, op.outputs[0])
        if reader is None:
            return False
        following = graph.ops[reader]
        if _is_view(following):
            return True
        before = graph.tensors[op.inputs[0]].shape
        flattens = following.kind == "fully_connected" and following.inputs[0] == op.outputs[0]
        if not flattens or following.attributes.get("keep_num_dims"):
            return False
        return before[:1] == graph.tensors[op.outputs[0]].shape[:1] == (1,)


def _is_view(op: Op) -> bool:
    operator = find_operator(op.kind)
    return operator is not None and operator.in_place == "view"
