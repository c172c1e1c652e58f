"""What is known before the device is switched on is computed once, here."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.graph.evaluate import evaluate_ops
from tinylab.graph.ir import Graph
from tinylab.graph.passes.edit import replace_op

_FOLDABLE = frozenset(
    {"add", "batch_normalization", "dequantize", "mean", "mul", "pad", "quantize", "relu", "relu6"}
    | {"reshape", "sub"}
)
_LARGEST_BYTES = 2**24


@dataclass(frozen=True)
class FoldConstants:
    """An operator that reads constants only becomes a constant."""

    name: str = "fold constants"
    unsafe: str = (
        "It can make the file larger: dequantize of float16 weights doubles them. Results above "
        "16 MiB are left alone, and so is the graph's output."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        inputs = [graph.tensors[i] for i in op.inputs if i >= 0]
        if op.kind not in _FOLDABLE or not inputs or op.outputs[0] in graph.outputs:
            return False
        output = graph.tensors[op.outputs[0]]
        return all(t.is_constant for t in inputs) and output.stored_bytes <= _LARGEST_BYTES

    def transform(self, graph: Graph, index: int) -> Graph:
        op = graph.ops[index]
        output = graph.tensors[op.outputs[0]]
        result = evaluate_ops(replace(graph, ops=(op,)), {})[op.outputs[0]]
        data = np.ascontiguousarray(result, output.dtype).reshape(output.shape)
        tensors = list(graph.tensors)
        tensors[op.outputs[0]] = replace(output, data=data)
        return replace_op(replace(graph, tensors=tuple(tensors)), index, None)
