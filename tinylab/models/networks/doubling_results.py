"""Ways to double the work of a network, measured with several seeds, as plain data.

The bundled results are read here; `tinylab.recipes.visual_wake_words_doubling` made them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tinylab.cache import read_results
from tinylab.models.repeats import at_best_rate, ways_of

__all__ = ["BASE", "DoublingResults", "DoublingRow", "bundled_doubling"]

BASE = "base"
QUANTITIES = ("auc", "accuracy")


@dataclass(frozen=True)
class DoublingRow:
    """One trained network.

    Attributes
    ----------
    way : str
        How it differs from the base, or `BASE`.
    depth, width : float
        Multipliers of the number of blocks and of the channels.
    resolution : int
        Height and width of the pictures, pixels.
    learning_rate : float
        Largest step of the training.
    seed : int
        Of the first weights, the order of the pictures and how they are disturbed.
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

    way: str
    depth: float
    width: float
    resolution: int
    learning_rate: float
    seed: int
    parameters: int
    macs: int
    largest_activation_bytes: int
    validation_auc: float
    accuracy: float
    auc: float
    training_s: float


@dataclass(frozen=True)
class DoublingResults:
    """A base and networks of about twice its work, all trained for as long.

    Attributes
    ----------
    rows : tuple of DoublingRow
        Several learning rates with the first seed, the chosen one with all seeds.
    examples, validation_examples : int
        Pictures.
    training_pictures, epochs : int
    """

    rows: tuple[DoublingRow, ...]
    examples: int
    validation_examples: int
    training_pictures: int
    epochs: int

    @property
    def ways(self) -> tuple[str, ...]:
        """The base and the ways, in the order in which they were measured."""
        return ways_of(self.rows)

    @property
    def seeds(self) -> int:
        """Trainings of each network that are compared."""
        return min(len(self.chosen(way)) for way in self.ways)

    def chosen(self, way: str) -> tuple[DoublingRow, ...]:
        """The trainings of a way at its learning rate, by seed.

        The rate is the one with the highest area under the curve on the validation pictures, of
        those tried with the first seed.

        Raises
        ------
        ValueError
            If the way was not measured.
        """
        return at_best_rate(self.rows, way, "validation_auc")

    def values(self, way: str, quantity: str = "auc") -> tuple[float, ...]:
        """What a way reached on the test scenes, seed by seed, for `tinylab.scoring.verdicts`.

        Parameters
        ----------
        way : str
        quantity : {"auc", "accuracy"}
        """
        if quantity not in QUANTITIES:
            raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, not {quantity!r}")
        return tuple(getattr(row, quantity) for row in self.chosen(way)[: self.seeds])

    def times(self, way: str, cost: str) -> float:
        """How many times a cost of the base a way takes; `cost` is a field of `DoublingRow`."""
        return getattr(self.chosen(way)[0], cost) / getattr(self.chosen(BASE)[0], cost)

    @classmethod
    def read(cls, path: Path) -> "DoublingResults":
        """From the JSON of `dataclasses.asdict`."""
        return read_results(json.loads(Path(path).read_text(encoding="utf-8")), cls)


def bundled_doubling() -> DoublingResults:
    """The results that `tinylab train vww-doubling` wrote."""
    return DoublingResults.read(
        Path(__file__).parents[1] / "reference" / "visual_wake_words_doubling.json"
    )
