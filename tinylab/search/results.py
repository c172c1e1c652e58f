"""What was measured of the keyword space: the bundled table, and what explorers read of it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tinylab.cache import read_results
from tinylab.search.space import Architecture, Space

__all__ = ["AloneRow", "RaceResults", "SearchResults", "UncalibratedRow", "bundled_results"]

PATH = Path(__file__).parent / "data" / "keywords.json"


@dataclass(frozen=True)
class AloneRow:
    """A network trained alone, beside the same slice of the super-network and all guesses.

    Parameters
    ----------
    stride : int
    widths : tuple of int
    alone, shared : float
        Accuracy of the network trained alone, and of the slice; 0 to 1.
    gradient_norm, synflow, naswot : float
        Before training.
    """

    stride: int
    widths: tuple[int, ...]
    alone: float
    shared: float
    gradient_norm: float
    synflow: float
    naswot: float

    @property
    def architecture(self) -> Architecture:
        """The network."""
        return Architecture(self.stride, self.widths)


@dataclass(frozen=True)
class UncalibratedRow:
    """A slice with batch normalization calibrated for it, and with the largest network's."""

    stride: int
    widths: tuple[int, ...]
    calibrated: float
    uncalibrated: float


@dataclass(frozen=True)
class SearchResults:
    """The accuracy of every network of a space as a slice of one super-network.

    Parameters
    ----------
    strides, widths : tuple of int
        The space.
    accuracy : tuple of float
        Of each network, in the order of `space.architectures`, 0 to 1.
    examples, calibration_examples : int
        Validation clips that were answered, and other clips that calibrated batch normalization.
    largest_alone : float
        Accuracy of the bundled network, from which the super-network started, on the same clips.
    alone : tuple of AloneRow
    uncalibrated : tuple of UncalibratedRow
    training : dict
        Clips, epochs, settings, and processor seconds of each part.
    """

    strides: tuple[int, ...]
    widths: tuple[int, ...]
    accuracy: tuple[float, ...]
    examples: int
    calibration_examples: int
    largest_alone: float
    alone: tuple[AloneRow, ...]
    uncalibrated: tuple[UncalibratedRow, ...]
    training: dict

    @property
    def space(self) -> Space:
        """The networks that `accuracy` is of."""
        return Space(self.strides, self.widths)

    def table(self) -> dict[Architecture, float]:
        """Accuracy by network."""
        return dict(zip(self.space.architectures, self.accuracy, strict=True))

    def errors(self) -> np.ndarray:
        """1 - accuracy, float64 (n,), in the order of `space.architectures`."""
        return 1 - np.array(self.accuracy)


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


@cache
def bundled_results() -> SearchResults:
    """The table that `tinylab train search` wrote and that is shipped."""
    return read_results(json.loads(PATH.read_text(encoding="utf-8")), SearchResults)
