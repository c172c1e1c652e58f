"""The levers beside the network itself, and every combination that was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.search.space import Space

__all__ = [
    "CLOCK_SHARES",
    "COMPRESSIONS",
    "RESTS",
    "THRESHOLDS",
    "Compression",
    "Exits",
    "exits_of",
]

CLOCK_SHARES = tuple(np.round(np.linspace(0.1, 1.0, 19), 2).tolist())
RESTS = ("idle", "sleep")
THRESHOLDS = (0.5, 0.7, 0.9)
"""How sure an early answer must be: the largest probability at the exit."""


@dataclass(frozen=True)
class Compression:
    """What is done to a network's kernels; it is not trained again.

    Parameters
    ----------
    bits : int
        Of every weight, on a symmetric grid for each output channel.
    kept : float
        Share of the weights of the stem and of every pointwise kernel that stays, the largest
        ones; the rest is zero. Depthwise kernels and the classifier stay whole.
    """

    bits: int
    kept: float

    def __str__(self) -> str:
        return f"{self.bits} bits, {self.kept:.0%} of the weights"


COMPRESSIONS = tuple(Compression(bits, kept) for kept in (1.0, 0.7, 0.5) for bits in (8, 4))
"""The first is what an int8 program does to every network. A pruned kernel also stores a bit a
weight, so that with 85 % of its 4-bit weights it would take more flash than with all of them."""


@dataclass(frozen=True, eq=False)
class Exits:
    """Every network of a space without an exit and with one, in a fixed order.

    Parameters
    ----------
    network : ndarray of int64, shape (n,)
        Its number in the space.
    after : ndarray of int64, shape (n,)
        Blocks before the exit; 0 without one.
    threshold : ndarray of float64, shape (n,)
        nan without an exit.
    """

    network: np.ndarray
    after: np.ndarray
    threshold: np.ndarray

    def __len__(self) -> int:
        return len(self.network)


def exits_of(space: Space, thresholds: Sequence[float] = THRESHOLDS) -> Exits:
    """Each network without an exit, then with one after each block but the last, by threshold."""
    rows = []
    for number, one in enumerate(space.architectures):
        rows.append((number, 0, np.nan))
        rows += [(number, after, t) for after in range(1, one.depth) for t in thresholds]
    network, after, threshold = zip(*rows, strict=True)
    return Exits(np.array(network), np.array(after), np.array(threshold))
