"""Rewrites a graph into a smaller one that computes the same: the optimizer of a small compiler.

In: a `Graph`. Out: a `Graph` with fewer operators. Each pass is a class with `match` and
`transform` in a file of its own, and says in `unsafe` where it must not be used.
"""

from tinylab.graph.passes.base import Applied, Pass, PassResult
from tinylab.graph.passes.blocks_of_images import BlocksOfImages
from tinylab.graph.passes.flow import PASSES, optimize
from tinylab.graph.passes.fold_batch_norm import FoldBatchNorm
from tinylab.graph.passes.fold_constants import FoldConstants
from tinylab.graph.passes.fuse_activation import FuseActivation
from tinylab.graph.passes.fuse_dilation import FuseDilation
from tinylab.graph.passes.fuse_pad import FusePad
from tinylab.graph.passes.fuse_table import FuseTable
from tinylab.graph.passes.infer_shapes import InferShapes
from tinylab.graph.passes.remove_identity import RemoveIdentity
from tinylab.graph.passes.unsigned_bytes import SignBytes

__all__ = [
    "PASSES",
    "Applied",
    "BlocksOfImages",
    "FoldBatchNorm",
    "FoldConstants",
    "FuseActivation",
    "FuseDilation",
    "FusePad",
    "FuseTable",
    "InferShapes",
    "Pass",
    "PassResult",
    "RemoveIdentity",
    "SignBytes",
    "optimize",
]
