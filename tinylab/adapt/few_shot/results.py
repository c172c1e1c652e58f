"""What few-shot learning measured, as plain numbers, and how sure we can be of it.

Accuracy varies from task to task much more than from query picture to query picture, so the task
is the unit: intervals are Student's t intervals over tasks. Two methods are compared on the same
tasks, pair by pair, which removes what makes a task easy or hard for both.

Nothing here imports Keras.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.scoring.intervals import Interval, paired_interval, t_interval

__all__ = ["FewShotResults", "FewShotRow"]


@dataclass(frozen=True)
class FewShotRow:
    """One method with `shots` support pictures of each class, on every test task.

    Attributes
    ----------
    method : str
    shots : int
    accuracies : tuple of float
        One for each task, in the order of the table's cameras.
    learning_rate, steps
        As tuned on the validation tasks; zero steps where nothing is adapted.
    validation_accuracy : float
        Mean over the validation tasks with this learning rate and number of steps.
    """

    method: str
    shots: int
    accuracies: tuple[float, ...]
    learning_rate: float
    steps: int
    validation_accuracy: float

    @property
    def interval(self) -> Interval:
        """Mean over tasks with its 95 % interval."""
        return t_interval(self.accuracies)


@dataclass(frozen=True)
class FewShotResults:
    """Every method at every number of shots, on the same test tasks.

    Attributes
    ----------
    cameras, families : tuple of str
        Name and family of each task's camera.
    queries : int
        Query pictures of each task.
    draws : int
        Support sets drawn for each task; an accuracy is the mean over them.
    rows : tuple of FewShotRow
    """

    cameras: tuple[str, ...]
    families: tuple[str, ...]
    queries: int
    draws: int
    rows: tuple[FewShotRow, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods in the order in which they were measured."""
        return tuple(dict.fromkeys(row.method for row in self.rows))

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of shots, rising."""
        return tuple(sorted({row.shots for row in self.rows}))

    def row(self, method: str, shots: int) -> FewShotRow:
        """Look one row up.

        Raises
        ------
        KeyError
            It was not measured.
        """
        for row in self.rows:
            if (row.method, row.shots) == (method, shots):
                return row
        raise KeyError(f"{method!r} with {shots} shots was not measured")

    def difference(self, method: str, other: str, shots: int) -> Interval:
        """By how much `method` beats `other`, pair by pair."""
        return paired_interval(
            self.row(method, shots).accuracies, self.row(other, shots).accuracies
        )

    def by_family(self, method: str, shots: int) -> dict[str, float]:
        """Mean accuracy of each camera family, in the order of the tasks."""
        values = np.array(self.row(method, shots).accuracies)
        families = np.array(self.families)
        return {
            name: float(values[families == name].mean()) for name in dict.fromkeys(self.families)
        }
