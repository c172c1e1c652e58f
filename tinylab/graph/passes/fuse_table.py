"""A function of real numbers between dequantize and quantize becomes a table of 256 answers."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.graph.core.ir import Graph, Op
from tinylab.graph.evaluate import evaluate_ops
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators import find_operator
from tinylab.graph.operators.elementwise.functions.table import stored_values
from tinylab.graph.passes.edit import add_constant, only_reader, replace_op


@dataclass(frozen=True)
class FuseTable:
    """dequantize, an elementwise function of one input, quantize: a lookup in a table."""

    name: str = "fuse table"
    unsafe: str = (
        "Only on bytes, and only if nobody else reads the real numbers between; a function of two "
        "tensors would need a table of 65,536 answers."
    )

    def match(self, graph: Graph, index: int) -> bool:
        return self._chain(graph, index) is not None

    def transform(self, graph: Graph, index: int) -> Graph:
        chain = self._chain(graph, index) or ()
        ops = [graph.ops[i] for i in chain]
        source, target = ops[0].inputs[0], ops[-1].outputs[0]
        table = _table(graph, ops)
        graph, entries = add_constant(graph, f"{graph.tensors[target].name}, table", table)
        graph = replace_op(graph, chain[-1], Op("table", (source, entries), (target,)))
        return replace(
            graph, ops=tuple(op for i, op in enumerate(graph.ops) if i not in chain[:-1])
        )

    def _chain(self, graph: Graph, index: int) -> tuple[int, ...] | None:
        """The operators from dequantize to quantize."""
        first = graph.ops[index]
        if first.kind != "dequantize" or graph.tensors[first.inputs[0]].dtype not in BYTES:
            return None
        chain = [index]
        while graph.ops[chain[-1]].kind != "quantize":
            following = only_reader(graph, graph.ops[chain[-1]].outputs[0])
            if following is None or len(graph.ops[following].inputs) != 1:
                return None
            operator = find_operator(graph.ops[following].kind)
            if operator is None or operator.in_place != "elementwise" or not operator.reference:
                return None
            chain.append(following)
        fits = graph.tensors[graph.ops[chain[-1]].outputs[0]].dtype in BYTES
        return tuple(chain) if fits and len(chain) > 2 else None


def _table(graph: Graph, ops: list[Op]) -> np.ndarray:
    """What the chain answers to each of the 256 stored values."""
    source = graph.tensors[ops[0].inputs[0]]
    shape = (256,)
    inside = {i for op in ops for i in (*op.inputs, *op.outputs)}
    tensors = tuple(
        replace(tensor, shape=shape, data=None) if i in inside else tensor
        for i, tensor in enumerate(graph.tensors)
    )
    small = replace(graph, tensors=tensors, ops=tuple(ops))
    values = {ops[0].inputs[0]: stored_values(source.dtype).astype(source.dtype)}
    return evaluate_ops(small, values)[ops[-1].outputs[0]]
