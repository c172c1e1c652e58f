"""Exits trained on a finished network or together with it, measured with several seeds.

The bundled results are read here; `tinylab.early_exit.joint_study` made them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tinylab.cache import read_results
from tinylab.models.repeats import at_best_rate, ways_of
from tinylab.scoring.verdicts import Verdict, compare

__all__ = ["JointResults", "JointRow", "bundled_joint"]


@dataclass(frozen=True)
class JointRow:
    """One training.

    Attributes
    ----------
    way : {"frozen", "trained on", "joint"}
        Heads on the finished network; on a network that was trained on alone for as long as
        "joint"; all weights at once.
    learning_rate : float
        Of the network's weights; 0 where these stay.
    seed : int
    validation_accuracy : float
        Mean over all exits, each answering everything; it chooses the learning rate.
    exit_accuracy : tuple of float
        On the test scenes, if all left there; the network's own end last.
    threshold_bits : float
        The one that saves most on the validation scenes and keeps the accuracy that is asked for.
    exit_rates : tuple of float
    accuracy, saved : float
        On the test scenes at this threshold: right answers, and the share of the
        multiply-accumulates of the network without exits.
    """

    way: str
    learning_rate: float
    seed: int
    validation_accuracy: float
    exit_accuracy: tuple[float, ...]
    threshold_bits: float
    exit_rates: tuple[float, ...]
    accuracy: float
    saved: float


@dataclass(frozen=True)
class JointResults:
    """All trainings, on the same pictures.

    Attributes
    ----------
    rows : tuple of JointRow
        Several learning rates with the first seed, the chosen one with all seeds.
    cuts : tuple of str
    lowest_accuracy : float
        What the threshold had to keep on the validation scenes.
    examples, validation_examples, training_pictures : int
        Without mirror images.
    head_epochs, epochs : int
        Of the heads on the finished network, with which all begin; and from there on.
    """

    rows: tuple[JointRow, ...]
    cuts: tuple[str, ...]
    lowest_accuracy: float
    examples: int
    validation_examples: int
    training_pictures: int
    head_epochs: int
    epochs: int

    @property
    def ways(self) -> tuple[str, ...]:
        """In the order in which they were measured."""
        return ways_of(self.rows)

    def chosen(self, way: str) -> tuple[JointRow, ...]:
        """The trainings of a way at its best rate by the validation scenes, by seed.

        Raises
        ------
        ValueError
            If the way was not measured.
        """
        return at_best_rate(self.rows, way, "validation_accuracy")

    def values(self, way: str, quantity: str = "accuracy", exit: int | None = None) -> tuple:
        """A field of the rows seed by seed; of `exit_accuracy` and `exit_rates`, one exit's."""
        values = [getattr(row, quantity) for row in self.chosen(way)]
        return tuple(values if exit is None else [value[exit] for value in values])

    def verdict(
        self, way: str, other: str, quantity: str = "accuracy", exit: int | None = None
    ) -> Verdict:
        """Whether one way is better than another, over the seeds."""
        return compare(self.values(way, quantity, exit), self.values(other, quantity, exit))

    @classmethod
    def read(cls, path: Path) -> "JointResults":
        """From the JSON of `dataclasses.asdict`."""
        return read_results(json.loads(Path(path).read_text(encoding="utf-8")), cls)


def bundled_joint() -> JointResults:
    """The results that `tinylab train vww-joint-exits` wrote."""
    return JointResults.read(
        Path(__file__).parents[1] / "models" / "reference" / "visual_wake_words_joint_exits.json"
    )
