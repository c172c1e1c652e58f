"""Bits that change in flash: where the weights lie in a `.tflite`, and which bits hurt most.

In: a program and positions of bits. Out: the program with those bits flipped. The search for the
most damaging bits takes the gradient of a float twin of the integer program.

Source: Rakin, He and Fan, "Bit-Flip Attack: Crushing Neural Network with Progressive Bit Search"
(2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.graph import Graph, read_tflite

__all__ = ["Flip", "WeightTable", "flipped", "random_flips", "weight_table"]

KINDS = ("conv2d", "depthwise_conv2d", "fully_connected")
BITS = 8


@dataclass(frozen=True)
class Flip:
    """One bit: of which weight of the table, and which one; 7 is the sign."""

    weight: int
    bit: int


@dataclass(frozen=True, eq=False)
class WeightTable:
    """All int8 weights of a program, one after another.

    Attributes
    ----------
    content : bytes
        The program.
    values : int8 array (weights,)
    offsets : int64 array (weights,)
        Where each one lies in the file.
    operators : tuple of int
        Index in the graph of the operator behind each part of the table.
    starts : tuple of int
        Where each part begins; one more than there are operators.
    graph : Graph
    """

    content: bytes
    values: np.ndarray
    offsets: np.ndarray
    operators: tuple[int, ...]
    starts: tuple[int, ...]
    graph: Graph

    def __len__(self) -> int:
        return len(self.values)

    def program(self, values: np.ndarray) -> bytes:
        """The program with other weights, int8 array (weights,)."""
        stored = np.frombuffer(self.content, np.uint8).copy()
        stored[self.offsets] = np.asarray(values, np.int8).view(np.uint8)
        return stored.tobytes()

    def layer_of(self, weight: int) -> int:
        """Index of the part that a weight belongs to."""
        return int(np.searchsorted(self.starts, weight, side="right")) - 1


def weight_table(content: bytes) -> WeightTable:
    """Find the int8 weights of a program in its bytes.

    Raises
    ------
    ValueError
        The program has no int8 weights, or a layer's bytes stand in the file more than once.
    """
    graph = read_tflite(content)
    values, offsets, operators = [], [], []
    for index, op in enumerate(graph.ops):
        if op.kind not in KINDS:
            continue
        tensor = graph.tensors[op.inputs[1]]
        if tensor.dtype != "int8" or not tensor.is_constant:
            raise ValueError(
                f"{op.kind} number {index} has {tensor.dtype} weights: convert to int8"
            )
        raw = tensor.values.tobytes()
        at = content.find(raw)
        if at < 0 or content.find(raw, at + 1) >= 0:
            raise ValueError(f"the weights of {op.kind} number {index} are not in one place")
        values.append(tensor.values.ravel())
        offsets.append(at + np.arange(len(raw)))
        operators.append(index)
    if not values:
        raise ValueError("the program has no layer with weights")
    starts = np.cumsum([0, *map(len, values)])
    return WeightTable(
        content,
        np.concatenate(values),
        np.concatenate(offsets),
        tuple(operators),
        tuple(starts.tolist()),
        graph,
    )


def flipped(values: np.ndarray, flips: Sequence[Flip]) -> np.ndarray:
    """Weights with some bits changed; a bit that is named twice is back where it was.

    Parameters
    ----------
    values : int8 array (weights,)
    flips : sequence of Flip

    Returns
    -------
    int8 array (weights,)
    """
    stored = np.asarray(values, np.int8).view(np.uint8).copy()
    for flip in flips:
        if not 0 <= flip.bit < BITS:
            raise ValueError(f"a weight has bits 0 to 7, not {flip.bit}")
        stored[flip.weight] ^= np.uint8(1 << flip.bit)
    return stored.view(np.int8)


def random_flips(
    weights: int, count: int, *, seed: int, bits: Sequence[int] = range(BITS)
) -> list[Flip]:
    """Different bits, drawn by chance.

    Parameters
    ----------
    weights : int
        In the table.
    count : int
    seed : int
    bits : sequence of int
        From which bits of a weight to draw; `[7]` for signs alone.
    """
    allowed = np.asarray(list(bits))
    drawn = np.random.default_rng(seed).choice(weights * len(allowed), count, replace=False)
    return [Flip(int(one) // len(allowed), int(allowed[int(one) % len(allowed)])) for one in drawn]
