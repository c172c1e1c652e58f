"""Early exits in int8: one program of network and heads, its answers, and its costs."""

import keras
import numpy as np

from tinylab.cost import Workload
from tinylab.cost.timing.workload import operator_features
from tinylab.data.pixels import inputs
from tinylab.deploy import litert
from tinylab.early_exit.network import EarlyExits
from tinylab.graph import Graph, count

__all__ = ["convert_exits", "exit_workloads", "predict_exits"]

_HALF_STEP = (
    1 / 512
)  # an int8 softmax counts in steps of 1/256: its zero means less than half of one


def convert_exits(exits: EarlyExits, typical: np.ndarray) -> bytes:
    """Network and heads as one int8 `.tflite` program; its output is all exits' answers in a row.

    Parameters
    ----------
    exits : EarlyExits
    typical : ndarray, shape (examples, height, width, channels)
        About 100 pictures from which the ranges are measured, uint8 or float in 0..1.
    """
    outputs = exits.whole.outputs
    joined = keras.layers.Concatenate(name="all_exits")(outputs)
    model = keras.Model(exits.whole.input, joined, name="exits")
    return litert.convert(model, "int8", representative_dataset=inputs(typical))


def predict_exits(program: bytes, x: np.ndarray, exits: int) -> np.ndarray:
    """Probabilities of every exit of an int8 program, not calibrated.

    Parameters
    ----------
    program : bytes
        From `convert_exits`.
    x : ndarray, shape (examples, height, width, channels)
    exits : int
        How many there are, the network's own end included.

    Returns
    -------
    ndarray of float64, shape (exits, examples, classes)
    """
    runner = litert.LiteRTModel(program)
    starts = range(0, max(len(x), 1), 100)
    chunks = [runner.predict(inputs(x[start : start + 100])) for start in starts]
    outputs = np.concatenate(chunks)
    split = outputs.reshape(len(outputs), exits, -1).transpose(1, 0, 2).astype(np.float64)
    split = np.maximum(split, _HALF_STEP)
    return split / split.sum(axis=-1, keepdims=True)


def exit_workloads(graph: Graph) -> tuple[tuple[Workload, ...], Workload]:
    """What a program of `convert_exits` asks of a processor until each exit, and without any exits.

    Until an exit: the operators that its answer needs, and those of the heads passed by before.

    Returns
    -------
    tuple of Workload
        One for each exit, the network's own end last.
    Workload
        Of the network alone.
    """
    joined = graph.producer(graph.outputs[0])
    if joined is None or joined.kind != "concatenation":
        raise ValueError(f"{graph.name} is no program of convert_exits: it does not join its exits")
    needed = [_operators_of(graph, answer) for answer in joined.inputs]
    passed = [set().union(*needed[: index + 1]) for index in range(len(needed))]
    return tuple(_workload_of(graph, some) for some in passed), _workload_of(graph, needed[-1])


def _operators_of(graph: Graph, tensor: int) -> set[int]:
    """The operators whose results `tensor` is computed from."""
    wanted, operators = {tensor}, set()
    for index in reversed(range(len(graph.ops))):
        if wanted & set(graph.ops[index].outputs):
            operators.add(index)
            wanted |= set(graph.ops[index].inputs)
    return operators


def _workload_of(graph: Graph, operators: set[int]) -> Workload:
    rows = sorted(operators)
    full, live = (features[rows].sum(axis=0) for features in operator_features(graph))
    per_op = count(graph).per_op
    return Workload(graph.name, "int8", sum(per_op[row].macs for row in rows), full, live)
