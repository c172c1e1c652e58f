"""What a recorder keeps of one patient: one lead, where beats were found, and what each was."""

from dataclasses import dataclass

import numpy as np

__all__ = ["CLASSES", "SAMPLE_RATE", "Recording", "STEP_mV"]

SAMPLE_RATE = 125
"""Samples a second: half the usual rate of monitors, enough for the QRS complex."""
STEP_mV = 0.005
"""What one count of the converter stands for, as in the MIT-BIH Arrhythmia Database."""
CLASSES = ("normal", "atrial", "ventricular")
"""AAMI's classes N (bundle branch blocks included), S and V."""


@dataclass(frozen=True, eq=False)
class Recording:
    """One lead of one patient.

    Parameters
    ----------
    patient : str
    counts : ndarray of int16, shape (samples,)
        The signal at `SAMPLE_RATE`, in steps of `STEP_mV`.
    peaks : ndarray of int64, shape (beats,)
        Sample at which a detector found each beat, rising.
    labels : ndarray of int64, shape (beats,)
        Index into `CLASSES`; -1 for a beat of another kind, which is not judged but is a
        neighbour in time of those that are.
    """

    patient: str
    counts: np.ndarray
    peaks: np.ndarray
    labels: np.ndarray

    @property
    def signal_mV(self) -> np.ndarray:
        """The signal in millivolts, float64 (samples,)."""
        return self.counts * STEP_mV

    @property
    def times_s(self) -> np.ndarray:
        """When each beat was found, in seconds, float64 (beats,)."""
        return self.peaks / SAMPLE_RATE
