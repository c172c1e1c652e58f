"""Networks of many widths and resolutions, measured, as plain data; those bundled are read here."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scipy.stats import binomtest

from tinylab.cache import read_results

__all__ = ["ScalingResults", "ScalingRow", "bundled_scaling"]


@dataclass(frozen=True)
class ScalingRow:
    """One trained network.

    Attributes
    ----------
    width : float
        Multiplier of the channels.
    resolution : int
        Height and width of the pictures, pixels.
    learning_rate : float
        Largest step of the training.
    parameters, macs : int
        With batch normalization folded; multiply-accumulates of one inference.
    largest_activation_bytes : int
        The largest input and output of one layer together, in int8.
    validation_auc : float
        By which the learning rate is chosen.
    accuracy, auc : float
        On the test scenes.
    training_s : float
    """

    width: float
    resolution: int
    learning_rate: float
    parameters: int
    macs: int
    largest_activation_bytes: int
    validation_auc: float
    accuracy: float
    auc: float
    training_s: float

    def __str__(self) -> str:
        return f"{self.width:g} at {self.resolution} px"


@dataclass(frozen=True)
class ScalingResults:
    """Networks of many sizes, all trained for as long, each with several learning rates.

    Attributes
    ----------
    trials : tuple of ScalingRow
        All that was trained.
    examples, validation_examples : int
        Pictures.
    training_pictures, epochs : int
    """

    trials: tuple[ScalingRow, ...]
    examples: int
    validation_examples: int
    training_pictures: int
    epochs: int

    @cached_property
    def rows(self) -> tuple[ScalingRow, ...]:
        """Each network at the learning rate that served it best on the validation pictures."""
        best: dict[tuple[float, int], ScalingRow] = {}
        for row in self.trials:
            size = row.width, row.resolution
            if size not in best or row.validation_auc > best[size].validation_auc:
                best[size] = row
        return tuple(best.values())

    @property
    def widths(self) -> tuple[float, ...]:
        """The widths, rising."""
        return tuple(sorted({row.width for row in self.rows}))

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The resolutions, rising."""
        return tuple(sorted({row.resolution for row in self.rows}))

    def row(self, width: float, resolution: int) -> ScalingRow:
        """The network of a width and resolution; a ValueError if it was not measured."""
        for row in self.rows:
            if row.width == width and row.resolution == resolution:
                return row
        raise ValueError(f"no network of width {width:g} at {resolution} pixels was measured")

    def best_within(self, macs: int) -> tuple[ScalingRow, ...]:
        """The most accurate network of at most so many MACs, then those not clearly behind it.

        Each was trained once and judged on the same number of pictures: where the intervals of two
        shares overlap (Wilson), the test cannot rank them. Empty if none is so small.
        """
        affordable = [row for row in self.rows if row.macs <= macs]
        ordered = sorted(affordable, key=lambda row: (-row.accuracy, row.macs))
        if not ordered:
            return ()
        least = self._interval(ordered[0])[0]
        return tuple(row for row in ordered if self._interval(row)[1] >= least)

    def _interval(self, row: ScalingRow) -> tuple[float, float]:
        """Of 95 %, for the row's accuracy (Wilson 1927)."""
        right = binomtest(round(row.accuracy * self.examples), self.examples)
        return tuple(right.proportion_ci(method="wilson"))

    @classmethod
    def read(cls, path: Path) -> "ScalingResults":
        """From the JSON of `dataclasses.asdict`."""
        return read_results(json.loads(Path(path).read_text(encoding="utf-8")), cls)


def bundled_scaling() -> ScalingResults:
    """The results that `tinylab train vww-scaling` wrote."""
    return ScalingResults.read(
        Path(__file__).parents[1] / "reference" / "visual_wake_words_scaling.json"
    )
