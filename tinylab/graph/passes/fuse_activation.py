"""An activation function that follows a layer becomes part of it: a clamp costs nothing there."""

from dataclasses import dataclass

from tinylab.graph.core.ir import Graph
from tinylab.graph.operators import find_operator
from tinylab.graph.passes.edit import (
    absorb_next,
    layer_before,
    only_reader,
    producer_index,
    same_quantization,
    with_attributes,
)

_ACTIVATIONS = ("relu", "relu6", "relu_n1_to_1")


@dataclass(frozen=True)
class FuseActivation:
    """relu, relu6 or relu_n1_to_1 moves into the layer before it."""

    name: str = "fuse activation"
    unsafe: str = (
        "Not if somebody else reads the layer's output before the activation, nor if the layer has "
        "an activation already, nor on int8 if the activation also changes the scale: the layer "
        "would then round once where the two rounded twice."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        before = producer_index(graph, op.inputs[0])
        if op.kind not in _ACTIVATIONS or before is None:
            return False
        layer = graph.ops[before]
        operator = find_operator(layer.kind)
        if operator is None or not operator.fuses_activation:
            return False
        if only_reader(graph, op.inputs[0]) != index:
            return False
        if layer.attributes.get("fused_activation", "none") != "none":
            return False
        return same_quantization(graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]])

    def transform(self, graph: Graph, index: int) -> Graph:
        op = graph.ops[index]
        layer_index = layer_before(graph, op)
        merged = with_attributes(graph.ops[layer_index], {"fused_activation": op.kind})
        return absorb_next(graph, layer_index, index, merged)
