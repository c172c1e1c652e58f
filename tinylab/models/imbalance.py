"""Three ways to train on lopsided data, measured; plain data, and the study that is bundled."""

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ImbalanceRow", "ImbalanceStudy", "bundled_imbalance"]


@dataclass(frozen=True)
class ImbalanceRow:
    """One way of training, over several seeds.

    Attributes
    ----------
    loss : str
        Its name.
    recall, false_alarm_rate : tuple of float
        At a threshold of 0.5, for each seed: share of the people found, share of the pictures without
        people that were taken for some.
    auc : tuple of float
        Area under the ROC curve, which no threshold enters.
    average_precision : tuple of float
        Mean precision over all recalls at the study's share of people.
    """

    loss: str
    recall: tuple[float, ...]
    false_alarm_rate: tuple[float, ...]
    auc: tuple[float, ...]
    average_precision: tuple[float, ...]


@dataclass(frozen=True)
class ImbalanceStudy:
    """All ways, trained on the same lopsided pictures.

    Attributes
    ----------
    rows : tuple of ImbalanceRow
    with_people, without_people : int
        Training pictures of each class.
    examples : int
        Test pictures, half of each class.
    resolution, epochs : int
    """

    rows: tuple[ImbalanceRow, ...]
    with_people: int
    without_people: int
    examples: int
    resolution: int
    epochs: int

    @classmethod
    def read(cls, path: Path) -> "ImbalanceStudy":
        """From the JSON of `dataclasses.asdict`."""
        kept = json.loads(Path(path).read_text(encoding="utf-8"))
        rows = [
            ImbalanceRow(**{key: value if key == "loss" else tuple(value) for key, value in row.items()})
            for row in kept["rows"]
        ]
        return cls(**{**kept, "rows": tuple(rows)})


def bundled_imbalance() -> ImbalanceStudy:
    """The study that `tinylab train vww-imbalance` wrote."""
    return ImbalanceStudy.read(Path(__file__).parent / "reference" / "visual_wake_words_imbalance.json")
