"""Anomaly scores and how good they are: how often a faulty recording scores above a healthy one.

In: what an autoencoder makes of recordings, and their labels. Out: one score a recording, and AUC
and pAUC, overall and for each machine. No threshold is needed for these; `alarm_cost` chooses one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from tinylab.signal.log_mel import windows

__all__ = ["AnomalyReport", "auc", "partial_auc", "report", "score_recordings", "window_errors"]

_RECORDINGS_AT_ONCE = 128  # 128 recordings of 60 windows are 20 MB
MAX_FALSE_ALARMS = 0.1  # DCASE's pAUC: only thresholds with fewer false alarms than this count


@dataclass(frozen=True)
class AnomalyReport:
    """How well scores tell faulty recordings from healthy ones.

    Attributes
    ----------
    auc, pauc : float
        Means over the machines, as DCASE and MLPerf Tiny report them.
    machines : tuple of int
    machine_auc, machine_pauc : tuple of float
        For each machine.
    recordings : int
    """

    auc: float
    pauc: float
    machines: tuple[int, ...]
    machine_auc: tuple[float, ...]
    machine_pauc: tuple[float, ...]
    recordings: int

    def __str__(self) -> str:
        each = ", ".join(
            f"machine {number} {value:.3f}"
            for number, value in zip(self.machines, self.machine_auc, strict=True)
        )
        return f"AUC {self.auc:.3f}, pAUC {self.pauc:.3f} on {self.recordings} recordings ({each})"


def window_errors(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Mean squared error of each window, shape (...,), of arrays (..., 640), dB squared."""
    difference = np.asarray(inputs, np.float32) - np.asarray(outputs, np.float32)
    return np.mean(difference**2, axis=-1)


def score_recordings(
    predict: Callable[[np.ndarray], np.ndarray], log_mel: np.ndarray
) -> np.ndarray:
    """MLPerf Tiny's anomaly score: the mean over a recording's windows of their squared errors.

    Parameters
    ----------
    predict : callable
        Windows (m, 640) in, what the model makes of them (m, 640) out:
        `lambda x: model.predict(x, verbose=0)`, or a `LiteRTModel`'s `predict`.
    log_mel : float array (n, frames, 128)
        As in `tinylab.data.machines.MachineRecordings`.

    Returns
    -------
    float64 array (n,)
        Larger is stranger.
    """
    starts = range(0, len(log_mel), _RECORDINGS_AT_ONCE)
    parts = [log_mel[start : start + _RECORDINGS_AT_ONCE] for start in starts]
    return np.concatenate([_score(predict, part) for part in parts] or [np.zeros(0)])


def _score(predict, log_mel: np.ndarray) -> np.ndarray:
    vectors = windows(log_mel)
    outputs = np.asarray(predict(vectors.reshape(-1, vectors.shape[-1]))).reshape(vectors.shape)
    return window_errors(vectors, outputs).mean(axis=-1, dtype=np.float64)


def auc(labels, scores) -> float:
    """Probability that an anomalous recording scores above a normal one (ties count half).

    Raises
    ------
    ValueError
        Unless there is at least one of either kind.
    """
    return float(roc_auc_score(*_checked(labels, scores)))


def partial_auc(labels, scores, max_fpr: float = MAX_FALSE_ALARMS) -> float:
    """AUC over thresholds with a false-alarm rate up to `max_fpr`, scaled so that 0.5 is chance.

    Source: McClish, "Analyzing a portion of the ROC curve" (1989), as scikit-learn computes it.
    """
    return float(roc_auc_score(*_checked(labels, scores), max_fpr=max_fpr))


def report(labels, scores, machines: Sequence[int]) -> AnomalyReport:
    """AUC and pAUC of each machine, and their means.

    Parameters
    ----------
    labels, scores, machines : array (n,)
        0 or 1, the anomaly score, and the machine of each recording.
    """
    labels, scores = _checked(labels, scores)
    numbers = np.unique(machines)
    parts = [np.equal(machines, number) for number in numbers]
    areas = [auc(labels[part], scores[part]) for part in parts]
    partial = [partial_auc(labels[part], scores[part]) for part in parts]
    return AnomalyReport(
        auc=float(np.mean(areas)),
        pauc=float(np.mean(partial)),
        machines=tuple(numbers.tolist()),
        machine_auc=tuple(areas),
        machine_pauc=tuple(partial),
        recordings=len(labels),
    )


def _checked(labels, scores) -> tuple[np.ndarray, np.ndarray]:
    labels, scores = np.asarray(labels), np.asarray(scores, np.float64)
    if labels.shape != scores.shape or set(np.unique(labels).tolist()) != {0, 1}:
        raise ValueError(
            "labels must be 0 and 1, both of them present, one for each score; got labels"
            f" {labels.shape} with values {np.unique(labels).tolist()} and scores {scores.shape}"
        )
    return labels, scores
