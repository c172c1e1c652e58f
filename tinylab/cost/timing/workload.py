"""What a model asks of a processor: the handful of numbers that the latency model multiplies."""

import csv
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from tinylab.cost.catalogue.quantity import DATA
from tinylab.graph.core.ir import Graph
from tinylab.graph.counting import OpFootprint, count
from tinylab.graph.live import live_shares

FEATURES = (
    "convolution_macs",
    "depthwise_macs",
    "dense_macs",
    "elements",
    "patch_elements",
    "calls",
)
"""What costs cycles: multiply-accumulates by kind of operator; elements written (and, by operators
without weights, read); elements gathered into patches for kernels above 1x1; operator calls."""

_FREE = ("reshape", "squeeze", "expand_dims")
_DENSE = ("fully_connected", "batch_matmul")


@dataclass(frozen=True, eq=False)
class Workload:
    """A model as the latency model sees it.

    Parameters
    ----------
    name : str
    precision : str
        "int8" (also for int16 activations and 4-bit weights), "fp32" or "fp16".
    macs : int
    features : ndarray of float64, shape (6,)
        In the order of `FEATURES`.
    live_features : ndarray of float64, shape (6,)
        The same for a software stack that skips channels of zero weights.
    """

    name: str
    precision: str
    macs: int
    features: np.ndarray
    live_features: np.ndarray


def workload(model: "Graph | Workload") -> Workload:
    """The workload of a graph; a workload passes through.

    Raises
    ------
    UnsupportedOperatorError
        An operator whose cost is not known; the message names it.
    """
    if isinstance(model, Workload):
        return model
    if not isinstance(model, Graph):
        raise TypeError(f"pass a Graph (see tinylab.graph.read_tflite), not {type(model).__name__}")
    full, live = operator_features(model)
    return Workload(
        model.name, _precision(model), count(model).macs, full.sum(axis=0), live.sum(axis=0)
    )


@cache
def benchmarks() -> MappingProxyType:
    """The models of MLPerf Tiny by name: kws, vww, ic and ad, and sww, its streaming wake word.

    The operators' sizes are `published`: those of the reference models of the closed division.
    """
    rows: dict[str, list] = {}
    with (DATA / "benchmarks.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            rows.setdefault(row["benchmark"], []).append(row)
    return MappingProxyType({name: _from_rows(name, amounts) for name, amounts in rows.items()})


def operator_features(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Features of every operator, and those without dead channels; both (operators, 6)."""
    per_op = count(graph).per_op
    shares = live_shares(graph, per_op)
    full = [_op_features(op) for op in per_op]
    live = [_op_features(op, *share) for op, share in zip(per_op, shares, strict=True)]
    empty = np.zeros((0, len(FEATURES)))
    return np.array(full or empty), np.array(live or empty)


def op_features(op: OpFootprint) -> np.ndarray:
    """The features of one operator, shape (6,)."""
    return _op_features(op)


def _from_rows(name: str, rows: list[dict]) -> Workload:
    features, live = (
        np.array(
            [
                _features(
                    row["kind"],
                    float(row[f"{prefix}macs"]),
                    float(row["input_elements"]),
                    float(row[f"{prefix}output_elements"]),
                    float(row[f"{prefix}patch_elements"]),
                )
                for row in rows
            ]
        ).sum(axis=0)
        for prefix in ("", "live_")
    )
    return Workload(name, "int8", sum(int(row["macs"]) for row in rows), features, live)


def _op_features(op: OpFootprint, live_macs: float = 1.0, live_outputs: float = 1.0) -> np.ndarray:
    patches = 0.0
    if op.kind in ("conv2d", "transpose_conv") and op.weight_shape:
        channels, *kernel, _ = op.weight_shape
        if kernel != [1, 1]:
            patches = op.macs / channels * live_macs / (live_outputs or 1.0)
    return _features(
        op.kind,
        op.macs * live_macs,
        op.input_elements,
        op.output_elements * live_outputs,
        patches,
    )


def _features(kind: str, macs: float, inputs: float, outputs: float, patches: float) -> np.ndarray:
    if kind in _FREE:
        elements = 0.0
    else:
        elements = outputs if macs else max(inputs, outputs)
    depthwise = macs if kind == "depthwise_conv2d" else 0.0
    dense = macs if kind in _DENSE else 0.0
    return np.array([macs - depthwise - dense, depthwise, dense, elements, patches, 1.0])


def _precision(graph: Graph) -> str:
    """The type of the activations that the weighted operators write."""
    types = {graph.tensors[i].dtype for op in graph.ops for i in op.outputs}
    if types & {"int8", "uint8", "int16"}:
        return "int8"
    return "fp16" if "float16" in types and "float32" not in types else "fp32"
