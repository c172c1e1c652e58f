"""A study of compression: every model that was made, its bytes and its accuracy, as plain data.

What trains and measures is a recipe (`tinylab.recipes.visual_wake_words_compression`); notebooks
and explorers read what it found, and add points of their own.
"""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tinylab.cache import read_results
from tinylab.compress.deep_compression.results import DeepCompressionResults
from tinylab.compress.pruning.results import SensitivityResults
from tinylab.files import replacing
from tinylab.models.tuning import Trial

__all__ = ["TECHNIQUES", "CompressionResults", "StudyPoint", "pareto_front"]

TECHNIQUES = (
    "quantization",
    "pruning",
    "fewer channels",
    "low rank",
    "distillation",
    "Deep Compression",
    "combination",
)


@dataclass(frozen=True)
class StudyPoint:
    """One compressed model, measured.

    Parameters
    ----------
    technique : str
        One of `TECHNIQUES`.
    label : str
        Which model it is, in a few words.
    stored_bytes : int
        Bytes of the file that holds it; of a float32 model four for each parameter.
    accuracy : float
        Of the model read back from the file, 0 to 1; the mean where it was trained several times.
    macs : int
        Multiply-accumulates of an inference; zeros count as well, because they are computed.
    epochs : int
        Passes over the training pictures since the float model (or, for a student, in all).
    runs_as_stored : bool
        Whether the file is executed as it is; the others must be unpacked into memory first.
    accuracies : tuple of float
        Of each training by its seed, where there were several; two points are compared by these.
    trials : tuple of Trial
        With what its settings were chosen, where they were.
    """

    technique: str
    label: str
    stored_bytes: int
    accuracy: float
    macs: int
    epochs: int = 0
    runs_as_stored: bool = False
    accuracies: tuple[float, ...] = ()
    trials: tuple[Trial, ...] = ()

    def __post_init__(self):
        if self.technique not in TECHNIQUES:
            raise ValueError(
                f"technique must be one of {', '.join(TECHNIQUES)}, not {self.technique!r}"
            )
        if self.stored_bytes <= 0 or not 0 <= self.accuracy <= 1:
            raise ValueError("a point has bytes above 0 and an accuracy in 0..1")


@dataclass(frozen=True)
class CompressionResults:
    """What was made of one float model.

    Parameters
    ----------
    points : tuple of StudyPoint
        The first is the float model.
    examples : int
        Test pictures behind every accuracy.
    training_examples : int
    model : str
        Fingerprint of the float model's weights.
    sensitivity : SensitivityResults, optional
    deep_compression : DeepCompressionResults, optional
    """

    points: tuple[StudyPoint, ...]
    examples: int
    training_examples: int
    model: str
    sensitivity: SensitivityResults | None = None
    deep_compression: DeepCompressionResults | None = None

    @property
    def float_point(self) -> StudyPoint:
        """The model that everything else was made of."""
        return self.points[0]

    def with_points(self, more: Iterable[StudyPoint]) -> "CompressionResults":
        """The study with further points; one of the same label is replaced."""
        points = {point.label: point for point in (*self.points, *more)}
        return dataclasses.replace(self, points=tuple(points.values()))

    def find(self, label: str) -> StudyPoint:
        """The point of a label; a KeyError names the ones there are."""
        for point in self.points:
            if point.label == label:
                return point
        labels = "; ".join(point.label for point in self.points)
        raise KeyError(f"no point is labelled {label!r}; there are: {labels}")

    def save(self, path: str | Path) -> None:
        """Write the study as JSON."""
        text = json.dumps(dataclasses.asdict(self), indent=1)
        with replacing(path) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "CompressionResults":
        """Read what `save` wrote; a ValueError if the file holds something else."""
        try:
            return read_results(json.loads(Path(path).read_text(encoding="utf-8")), cls)
        except ValueError as error:
            raise ValueError(f"{path} holds no compression study ({error})") from error


def pareto_front(points: Iterable[StudyPoint]) -> tuple[StudyPoint, ...]:
    """The points that no other beats, being as small and more accurate or smaller and as accurate.

    Returns
    -------
    tuple of StudyPoint
        From the smallest to the largest. Of points equal in both, the first one.
    """
    front: list[StudyPoint] = []
    for point in sorted(
        points, key=lambda candidate: (candidate.stored_bytes, -candidate.accuracy)
    ):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return tuple(front)
