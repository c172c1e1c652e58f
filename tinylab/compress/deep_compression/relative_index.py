"""Positions of the weights that are left, stored as gaps of a few bits.

A sparse kernel needs the positions of its weights. Absolute ones would take 16 bits and more, the
gap to the weight before takes few (Han, Mao & Dally 2016, figure 2). Where a gap is too wide for
the bits, a filler is put in between: an entry whose weight is zero.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Gaps", "gaps_of", "positions_of"]

SMALLEST_BITS, LARGEST_BITS = 1, 16


@dataclass(frozen=True, eq=False)
class Gaps:
    """Gaps between the entries of a sparse vector.

    Parameters
    ----------
    gaps : ndarray of int64, shape (entries,)
        Zeros skipped before each entry, 0 to 2**bits - 1.
    is_filler : ndarray of bool, shape (entries,)
        True where the entry is a filler: a zero that had to be stored.
    bits : int
    """

    gaps: np.ndarray
    is_filler: np.ndarray
    bits: int

    @property
    def fillers(self) -> int:
        """How many fillers there are."""
        return int(self.is_filler.sum())


def gaps_of(positions: np.ndarray, bits: int) -> Gaps:
    """Gaps of rising positions.

    Parameters
    ----------
    positions : ndarray of int, shape (weights,)
        Rising, from 0 on: where the weights that are left lie in the flattened kernel.
    bits : int
        1 to 16; a gap is at most 2**bits - 1 zeros.
    """
    positions = np.asarray(positions, np.int64)
    if not SMALLEST_BITS <= bits <= LARGEST_BITS:
        raise ValueError(f"bits must be {SMALLEST_BITS} to {LARGEST_BITS}, not {bits}")
    skipped = np.diff(positions, prepend=-1) - 1
    if positions.ndim != 1 or (skipped < 0).any():
        raise ValueError("positions must be a vector of rising whole numbers, from 0 on")
    reach = 1 << bits  # places that a filler covers: the zeros before it, and its own
    fillers = skipped // reach
    last = np.cumsum(fillers + 1) - 1  # entry of each weight
    gaps = np.full(int(last[-1]) + 1 if last.size else 0, reach - 1, np.int64)
    gaps[last] = skipped % reach
    is_filler = np.ones(gaps.size, bool)
    is_filler[last] = False
    return Gaps(gaps, is_filler, bits)


def positions_of(gaps: np.ndarray) -> np.ndarray:
    """Positions of all entries, fillers included, int64."""
    return np.cumsum(np.asarray(gaps, np.int64) + 1) - 1
