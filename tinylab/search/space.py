"""A space of keyword networks, and what each costs, all at once in numpy.

In: rows of whole numbers, a network each. Out: amounts that the latency model multiplies, bytes of
arena and of weights, equal to those of the network's `Graph`. A DS-CNN is a chain, so its arena is
the most that input and output of one operator take together.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tinylab.search.costs import Costs, gathered

__all__ = ["KEYWORDS", "Architecture", "Space", "as_rows", "costs_of", "positions_of"]

FRAMES, COEFFICIENTS, CLASSES = 49, 10, 12
STEM_HEIGHT, STEM_WIDTH, COLUMNS = 10, 4, 5
MOST_BLOCKS = 4


@dataclass(frozen=True, order=True)
class Architecture:
    """A DS-CNN: the stem's step in time, its channels, and those of each block after it.

    Parameters
    ----------
    stride : int
        2 gives 25 frames, 3 gives 17, 4 gives 13.
    widths : tuple of int
        The stem's channels, then each block's: two to five numbers.
    """

    stride: int
    widths: tuple[int, ...]

    @property
    def depth(self) -> int:
        """Blocks after the stem."""
        return len(self.widths) - 1

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.widths))}, step {self.stride}"


@dataclass(frozen=True)
class Space:
    """All networks that choose from these strides and widths, one to four blocks deep."""

    strides: tuple[int, ...]
    widths: tuple[int, ...]

    @cached_property
    def architectures(self) -> tuple[Architecture, ...]:
        """Every network, in a fixed order."""
        return tuple(
            Architecture(stride, widths)
            for stride in self.strides
            for depth in range(1, MOST_BLOCKS + 1)
            for widths in itertools.product(self.widths, repeat=depth + 1)
        )

    def sample(self, rng: np.random.Generator) -> Architecture:
        """A network at random: every depth is as likely as any other."""
        depth = int(rng.integers(1, MOST_BLOCKS + 1))
        widths = rng.choice(self.widths, depth + 1)
        return Architecture(int(rng.choice(self.strides)), tuple(map(int, widths)))


KEYWORDS = Space(strides=(2, 3, 4), widths=(16, 32, 64))
"""1,080 networks, of each of which the bundled table holds the measured accuracy."""


def as_rows(architectures: Sequence[Architecture]) -> np.ndarray:
    """Networks as whole numbers, int64 (n, 6): stride, then five widths, 0 where a block is not."""
    rows = np.zeros((len(architectures), 2 + MOST_BLOCKS), np.int64)
    for row, one in zip(rows, architectures, strict=True):
        row[0] = one.stride
        row[1 : 1 + len(one.widths)] = one.widths
    return rows


def costs_of(rows: np.ndarray) -> Costs:
    """The costs of networks, as rows of `as_rows`, as int8 programs.

    Raises
    ------
    ValueError
        If the rows are of another shape, or a block is missing before another one.
    """
    stem, *blocks = _checked_columns(rows)
    positions, channels = stem
    kernel = STEM_HEIGHT * STEM_WIDTH
    weights, into_all, out_all = kernel * channels, 0 * channels, 0 * channels
    products, last, calls = 0 * channels, channels, 4.0
    arena = FRAMES * COEFFICIENTS + positions * channels
    for out in blocks:
        there = out > 0
        into = last * there
        into_all, out_all, products = into_all + into, out_all + out, products + into * out
        arena = np.maximum(arena, positions * (into + np.maximum(into, out)))
        last, calls = np.where(there, out, last), calls + 2 * there
    weights = weights + 9 * into_all + products + CLASSES * last
    by_feature = {
        "convolution_macs": positions * (kernel * channels + products),
        "depthwise_macs": positions * 9 * into_all,
        "dense_macs": last * CLASSES,
        # Written by every operator but pooling, whose larger side is what it reads.
        "elements": positions * (channels + into_all + out_all + last) + 2 * CLASSES,
        "patch_elements": positions * kernel,
        "calls": calls,
    }
    weight_bytes = weights + 4 * (channels + into_all + out_all + CLASSES)
    return gathered(by_feature, arena, weight_bytes)


def positions_of(rows: np.ndarray) -> np.ndarray:
    """Positions of every map behind the stem, int64 (n,): frames times columns."""
    return -(-FRAMES // np.asarray(rows)[:, 0]) * COLUMNS


def _checked_columns(rows: np.ndarray) -> list:
    """The stem's positions and channels, then the channels of each block, 0 where it is not."""
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != 2 + MOST_BLOCKS or rows.dtype.kind not in "iu":
        raise ValueError(f"pass whole numbers of shape (n, {2 + MOST_BLOCKS}), see as_rows")
    # Columns of their own: numpy is several times as fast on neighbouring numbers.
    stride, *widths = np.ascontiguousarray(rows.T, dtype=np.int64)
    later_without_earlier = sum((b > 0) & (a == 0) for a, b in zip(widths, widths[1:]))
    if np.any(stride < 1) or np.any(widths[0] < 1) or np.any(later_without_earlier):
        raise ValueError("every network needs a stride, a stem and blocks without a gap")
    return [(positions_of(rows), widths[0]), *widths[1:]]
