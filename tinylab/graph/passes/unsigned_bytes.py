"""Old models quantized to uint8 become int8 ones that compute the same."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.graph.core.ir import Graph, Op, Quantization, Tensor
from tinylab.graph.passes.edit import with_attributes

_SAME_ON_SIGNED_BYTES = {
    *("conv2d", "depthwise_conv2d", "fully_connected", "average_pool2d", "max_pool2d"),
    *("add", "mul", "sub", "softmax", "logistic", "relu", "relu6", "reshape", "squeeze", "pad"),
    *("concatenation", "quantize", "dequantize", "resize_nearest_neighbor", "strided_slice"),
    *("mean", "split", "pack", "unpack", "transpose", "expand_dims", "slice", "maximum", "minimum"),
}
_WEIGHTED = ("conv2d", "depthwise_conv2d", "fully_connected")


@dataclass(frozen=True)
class SignBytes:
    """All uint8 tensors lose 128 and become int8, with quantize at the ends of the graph."""

    name: str = "sign bytes"
    unsafe: str = (
        "Only where a layer has uint8 weights, and only if every operator on bytes computes the "
        "same on signed ones; average pools round halves up, as they do on unsigned bytes."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        if op.kind not in _WEIGHTED or len(op.inputs) < 2 or op.inputs[1] < 0:
            return False
        if graph.tensors[op.inputs[1]].dtype != "uint8":
            return False
        return all(o.kind in _SAME_ON_SIGNED_BYTES for o in graph.ops if _on_bytes(graph, o))

    def transform(self, graph: Graph, index: int) -> Graph:
        ends = [
            i
            for i in dict.fromkeys((*graph.inputs, *graph.outputs))
            if graph.tensors[i].dtype == "uint8"
        ]
        tensors = [_signed(tensor) for tensor in graph.tensors]
        inner = {end: len(tensors) + number for number, end in enumerate(ends)}
        tensors += [tensors[end] for end in ends]
        for end in ends:
            tensors[end] = graph.tensors[end]
        ops = [_renamed(op, graph, inner) for op in graph.ops]
        before = [Op("quantize", (i,), (inner[i],)) for i in ends if i in graph.inputs]
        after = [Op("quantize", (inner[i],), (i,)) for i in ends if i not in graph.inputs]
        return replace(graph, tensors=tuple(tensors), ops=(*before, *ops, *after))


def _on_bytes(graph: Graph, op: Op) -> bool:
    return any(graph.tensors[i].dtype == "uint8" for i in (*op.inputs, *op.outputs) if i >= 0)


def _signed(tensor: Tensor) -> Tensor:
    if tensor.dtype != "uint8":
        return tensor
    stored, data = tensor.quantization, tensor.data
    if stored is not None:
        stored = Quantization(stored.scale, stored.zero_point - 128, stored.axis)
    if data is not None:
        data = (data.astype(np.int16) - 128).astype(np.int8)
    return replace(tensor, dtype="int8", quantization=stored, data=data)


def _renamed(op: Op, graph: Graph, inner: dict[int, int]) -> Op:
    """The operator on signed tensors."""
    if op.kind == "average_pool2d" and _on_bytes(graph, op):
        op = with_attributes(op, {"halves_up": True})
    return replace(
        op,
        inputs=tuple(inner.get(i, i) for i in op.inputs),
        outputs=tuple(inner.get(i, i) for i in op.outputs),
    )
