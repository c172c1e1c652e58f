"""The order of the passes, and applying them until nothing changes."""

from collections.abc import Sequence

from tinylab.graph.core.ir import Graph
from tinylab.graph.passes.base import Applied, Pass, PassResult
from tinylab.graph.passes.blocks_of_images import BlocksOfImages
from tinylab.graph.passes.edit import without_unused
from tinylab.graph.passes.fold_batch_norm import FoldBatchNorm
from tinylab.graph.passes.fold_constants import FoldConstants
from tinylab.graph.passes.fuse_activation import FuseActivation
from tinylab.graph.passes.fuse_dilation import FuseDilation
from tinylab.graph.passes.fuse_pad import FusePad
from tinylab.graph.passes.fuse_table import FuseTable
from tinylab.graph.passes.infer_shapes import InferShapes
from tinylab.graph.passes.remove_identity import RemoveIdentity
from tinylab.graph.passes.unsigned_bytes import SignBytes

PASSES: tuple[Pass, ...] = (
    InferShapes(),
    FoldConstants(),
    FoldBatchNorm(),
    FuseActivation(),
    RemoveIdentity(),
    FusePad(),
    BlocksOfImages(),
    FuseDilation(),
    FuseTable(),
    SignBytes(),
)
"""All passes, in the order in which `optimize` tries them."""


def optimize(graph: Graph, passes: Sequence[Pass] | None = None) -> PassResult:
    """Apply passes until none matches any more.

    Parameters
    ----------
    graph : Graph
    passes : sequence of Pass, optional
        By default all of `PASSES`.

    Returns
    -------
    PassResult
    """
    rules = PASSES if passes is None else passes
    applied: list[Applied] = []
    limit = 10 * len(graph.ops) + 10
    while (match := _first_match(graph, rules)) is not None:
        if len(applied) >= limit:
            raise RuntimeError(f"pass {match[0].name!r} does not come to an end on {graph.name}")
        rule, index = match
        op = graph.ops[index]
        applied.append(Applied(rule.name, op.kind, graph.tensors[op.outputs[0]].name))
        graph = without_unused(rule.transform(graph, index))
    return PassResult(graph, tuple(applied))


def _first_match(graph: Graph, passes: Sequence[Pass]) -> tuple[Pass, int] | None:
    sound = [i for i, op in enumerate(graph.ops) if op.outputs and op.inputs and op.inputs[0] >= 0]
    for rule in passes:
        for index in sound:
            if rule.match(graph, index):
                return rule, index
    return None
