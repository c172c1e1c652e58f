"""What is known before the device is switched on is computed once, here."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.graph.core.ir import Graph
from tinylab.graph.evaluate import evaluate_ops
from tinylab.graph.operators import find_operator
from tinylab.graph.passes.edit import replace_op

_LARGEST_BYTES = 2**24


@dataclass(frozen=True)
class FoldConstants:
    """An operator that reads constants only, or only the shape of its input, becomes a constant."""

    name: str = "fold constants"
    unsafe: str = (
        "It can make the file larger: dequantize of float16 weights doubles them. Results above "
        "16 MiB are left alone, and so is the graph's output. A shape is known only where the "
        "model's inputs have the sizes that the file says: here with a batch of one."
    )

    def match(self, graph: Graph, index: int) -> bool:
        op = graph.ops[index]
        operator = find_operator(op.kind)
        if operator is None or operator.reference is None or operator.has_state:
            return False
        if set(op.outputs) & set(graph.outputs):
            return False
        inputs = [graph.tensors[i] for i in op.inputs if i >= 0]
        known = operator.needs_shape_only or all(tensor.is_constant for tensor in inputs)
        size = sum(graph.tensors[i].stored_bytes for i in op.outputs)
        return bool(inputs) and known and size <= _LARGEST_BYTES

    def transform(self, graph: Graph, index: int) -> Graph:
        op = graph.ops[index]
        unknown = {i: np.zeros(()) for i in op.inputs if not graph.tensors[i].is_constant}
        results = evaluate_ops(replace(graph, ops=(op,)), unknown)
        tensors = list(graph.tensors)
        for output in op.outputs:
            tensor = graph.tensors[output]
            data = np.ascontiguousarray(results[output], tensor.dtype).reshape(tensor.shape)
            tensors[output] = replace(tensor, data=data)
        return replace_op(replace(graph, tensors=tuple(tensors)), index, None)
