"""Shapes that a file leaves open follow from the shapes before them."""

from dataclasses import dataclass, replace

from tinylab.graph.core.ir import Graph, UnsupportedOperatorError
from tinylab.graph.lowering import Reader
from tinylab.graph.operators import find_operator


@dataclass(frozen=True)
class InferShapes:
    """Where a file says "unknown", the shape rule of the operator says the size."""

    name: str = "infer shapes"
    unsafe: str = (
        "Only for tensors that the file itself declares open: a fixed shape that does not fit its "
        "operator is a damaged file, and is refused later. Inputs of unknown size are taken as one."
    )

    def match(self, graph: Graph, index: int) -> bool:
        return self._shapes(graph, index) is not None

    def transform(self, graph: Graph, index: int) -> Graph:
        shapes = zip(graph.ops[index].outputs, self._shapes(graph, index) or (), strict=True)
        tensors = list(graph.tensors)
        for output, shape in shapes:
            tensors[output] = replace(tensors[output], shape=shape)
        return replace(graph, tensors=tuple(tensors))

    def _shapes(self, graph: Graph, index: int) -> tuple[tuple[int, ...], ...] | None:
        """What the rule says, None if it says nothing new."""
        op = graph.ops[index]
        operator = find_operator(op.kind)
        outputs = [graph.tensors[i] for i in op.outputs]
        if operator is None or operator.shapes is None or not any(t.is_open for t in outputs):
            return None
        try:
            shapes = operator.shapes(Reader(graph, index))
        except (UnsupportedOperatorError, IndexError, TypeError, ValueError, ZeroDivisionError):
            return None  # what it needs is not known yet, or never will be
        shapes = tuple(tuple(int(size) for size in shape) for shape in shapes)
        return None if shapes == tuple(tensor.shape for tensor in outputs) else shapes
