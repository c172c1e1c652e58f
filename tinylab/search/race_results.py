"""How a race of searchers went: the plain data that an explorer reads."""

from dataclasses import dataclass

import numpy as np

__all__ = ["RaceResults"]


@dataclass(frozen=True)
class RaceResults:
    """Shares of the whole hypervolume, 0 to 1.

    Parameters
    ----------
    searchers : tuple of str
    seeds : int
    marks : tuple of int
        After how many evaluations.
    shares : tuple of tuples of tuples of float
        By searcher, seed and mark.
    networks : int
        In the space.
    """

    searchers: tuple[str, ...]
    seeds: int
    marks: tuple[int, ...]
    shares: tuple[tuple[tuple[float, ...], ...], ...]
    networks: int

    def of(self, searcher: str) -> np.ndarray:
        """One searcher's shares, float64 (seeds, marks)."""
        return np.array(self.shares[self.searchers.index(searcher)])
