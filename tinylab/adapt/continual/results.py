"""What continual learning measured, as plain numbers for the explorer and the work folder.

Nothing here imports Keras.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.adapt.continual.forgetting import average_score, backward_transfer, forgetting

__all__ = ["METHODS", "AdaptationCost", "ContinualResults", "ContinualRow"]

METHODS = ("none", "threshold", "naive", "replay", "ewc")


@dataclass(frozen=True)
class AdaptationCost:
    """What adapting to one phase takes on the device.

    Parameters
    ----------
    training_bytes : int
        RAM of a training step in float32: weights, gradients, optimizer, saved activations.
    extra_bytes : int
        What the method keeps from phase to phase: the replay buffer, or anchor and Fisher.
    macs : int
        Multiply-accumulates of all steps.
    energy_uJ : float
    board : str
    kind : str
        "modelled".
    """

    training_bytes: int
    extra_bytes: int
    macs: int
    energy_uJ: float
    board: str
    kind: str = "modelled"

    @property
    def ram_bytes(self) -> int:
        """All of it."""
        return self.training_bytes + self.extra_bytes


@dataclass(frozen=True)
class ContinualRow:
    """One method through all phases.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    setting : float
        Windows of the buffer (replay), or strength (EWC); 0 for the others.
    auc : tuple of tuple of float
        `auc[i][j]`: after adapting to phase i, on the test recordings of phase j.
    false_alarms, detections : tuple of tuple of float
        The same with shares of normal and of faulty recordings above the threshold of phase i.
    cost : AdaptationCost
    validation_auc : tuple of float
        After the last phase, on the validation recordings of every phase; empty without any.
    """

    method: str
    setting: float
    auc: tuple[tuple[float, ...], ...]
    false_alarms: tuple[tuple[float, ...], ...]
    detections: tuple[tuple[float, ...], ...]
    cost: AdaptationCost
    validation_auc: tuple[float, ...] = ()

    @property
    def average_auc(self) -> float:
        """Over all phases, at the end."""
        return average_score(np.array(self.auc))

    @property
    def backward_transfer(self) -> float:
        """See `tinylab.adapt.continual.forgetting`."""
        return backward_transfer(np.array(self.auc))

    @property
    def forgetting(self) -> float:
        """See `tinylab.adapt.continual.forgetting`."""
        return forgetting(np.array(self.auc))


@dataclass(frozen=True)
class ContinualResults:
    """Rows of a study and the names of the phases."""

    phases: tuple[str, ...]
    rows: tuple[ContinualRow, ...]

    def settings(self, method: str) -> tuple[float, ...]:
        """The settings that were measured for a method, rising."""
        return tuple(sorted(row.setting for row in self.rows if row.method == method))

    def chosen(self, method: str) -> float:
        """The setting of a method that is best over all phases on the validation recordings.

        Raises
        ------
        ValueError
            If the phases had no validation recordings: the test must not choose.
        """
        rows = [row for row in self.rows if row.method == method]
        if not rows or not all(row.validation_auc for row in rows):
            raise ValueError(f"no setting of {method!r} was measured on validation recordings")
        return max(rows, key=lambda row: sum(row.validation_auc)).setting

    def row(self, method: str, setting: float | None = None) -> ContinualRow:
        """Look a row up; without a setting, the one with the largest.

        Raises
        ------
        KeyError
            It was not measured.
        """
        by_setting = {row.setting: row for row in self.rows if row.method == method}
        wanted = max(by_setting, default=0) if setting is None else setting
        if wanted not in by_setting:
            raise KeyError(f"{method!r} with setting {setting} was not measured")
        return by_setting[wanted]
