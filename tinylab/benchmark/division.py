"""Closed or open division: are these the reference model's weights, only quantized anew?

The closed division allows any reproducible quantization, calibrated on the benchmark's own
calibration set; it forbids retraining, and throwing away weights that are not zero. So every weight
must lie within half a step of the reference's, the steps being those of both files, or sit at the
end of its integers where the reference lies beyond it.

Source: MLPerf Tiny Rules v1.2.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tinylab.benchmark.rules import Task
from tinylab.graph import Graph, Tensor
from tinylab.graph.passes.flow import optimize
from tinylab.graph.passes.fold_constants import FoldConstants

__all__ = ["Division", "division_of", "fingerprint_of_weights"]

KINDS = ("conv2d", "depthwise_conv2d", "fully_connected")
SLACK = 1e-3  # of a step: arithmetic of the converters


@dataclass(frozen=True)
class Division:
    """The division a model belongs to, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} division: {self.reason}"


@dataclass(frozen=True, eq=False)
class _Weights:
    """Real weights of one operator, with the reach of their quantization, same shape."""

    kind: str
    real: np.ndarray
    half_step: np.ndarray
    at_end: np.ndarray


def division_of(model: Graph, task: Task, reference: Graph | None = None) -> Division:
    """Which division a model could be submitted to, judged by its weights.

    Parameters
    ----------
    model : Graph
    task : Task
    reference : Graph, optional
        The benchmark's reference model. Without it the weights are compared with the fingerprints
        of the published files, which know exactly these quantizations.

    Returns
    -------
    Division
        Weights alone cannot show how a quantization was calibrated: closed means that nothing in
        the weights speaks against it.
    """
    if reference is not None:
        difference = _difference(model, reference)
        if difference:
            return Division("open", difference)
        return Division("closed", "every weight is the reference's, within half a step")
    known = _published().get(task.id, {})
    name = known.get(fingerprint_of_weights(model))
    if name:
        return Division("closed", f"the weights are those of {name}")
    if not known:
        return Division(
            "open", "no reference of this benchmark is known here; pass --reference FILE to compare"
        )
    return Division(
        "open",
        "the weights are not those of the published reference files; if yours were quantized anew"
        " from one, pass --reference FILE",
    )


def fingerprint_of_weights(model: Graph) -> str:
    """20 hexadecimal digits of the SHA-256 of all real weights, float32, in operator order."""
    digest = hashlib.sha256()
    for one in _weights(model):
        digest.update(f"{one.kind}{one.real.shape}".encode())
        digest.update(np.ascontiguousarray(one.real, np.float32).tobytes())
    return digest.hexdigest()[:20]


@cache
def _published() -> dict[str, dict[str, str]]:
    """Task id -> fingerprint -> the published file."""
    path = Path(__file__).with_name("references.json")
    return json.loads(path.read_text(encoding="utf-8"))["fingerprints"]


def _difference(model: Graph, reference: Graph) -> str:
    """The first thing that forbids the closed division, "" if nothing does."""
    mine, theirs = list(_weights(model)), list(_weights(reference))
    if [(one.kind, one.real.shape) for one in mine] != [
        (one.kind, one.real.shape) for one in theirs
    ]:
        return f"its layers are others than the reference's ({len(mine)} and {len(theirs)})"
    for number, (one, other) in enumerate(zip(mine, theirs, strict=True), 1):
        gap = np.abs(one.real - other.real)
        saturated = one.at_end & (np.abs(other.real) >= np.abs(one.real))
        moved = (gap > (one.half_step + other.half_step) * (1 + SLACK)) & ~saturated
        if moved.any():
            zeroed = int((moved & (one.real == 0)).sum())
            what = f", {zeroed} of them set to zero" if zeroed else ""
            return (
                f"{int(moved.sum())} of {moved.size} weights of layer {number} ({one.kind}) differ"
                f" from the reference's by more than their quantization explains{what}"
            )
    return ""


def _weights(graph: Graph) -> Iterator[_Weights]:
    folded = optimize(graph, (FoldConstants(),)).graph
    for op in folded.ops:
        if op.kind in KINDS and folded.tensors[op.inputs[1]].is_constant:
            yield _real(op.kind, folded.tensors[op.inputs[1]])


def _real(kind: str, tensor: Tensor) -> _Weights:
    stored = tensor.values
    if tensor.quantization is None:
        none = np.zeros(stored.shape, np.float32)
        return _Weights(kind, stored.astype(np.float32), none, np.zeros(stored.shape, bool))
    shape = [1] * stored.ndim
    if tensor.affine.axis is not None:
        shape[tensor.affine.axis] = -1
    scale = np.asarray(tensor.affine.scale, np.float32).reshape(shape)
    zero = np.asarray(tensor.affine.zero_point, np.int64).reshape(shape)
    real = (stored.astype(np.int64) - zero).astype(np.float32) * scale
    half = np.broadcast_to(scale / 2, stored.shape)
    ends = np.abs(stored.astype(np.int64)) >= np.abs(stored.astype(np.int64)).max(initial=1)
    return _Weights(kind, real, half, ends)
