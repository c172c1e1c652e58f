"""What a device knows at a beat: the signal around it, and when it came. Nothing from the future.

In: recordings. Out: `Beats`, the inputs of a network. A device has heard 480 ms after the R wave
when it must answer; the next beat has not come yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from tinylab.data.heartbeats.recording import SAMPLE_RATE, Recording

__all__ = ["AFTER", "BEFORE", "INPUTS", "TIMING", "Beats", "beat_inputs", "for_network"]

BEFORE, AFTER = 40, 60
"""Samples before and after the detected peak: 320 and 480 ms."""
TIMING = 4
"""Numbers on rhythm that follow the samples of the signal."""
INPUTS = BEFORE + AFTER + TIMING
MEMORY = 8  # beats over which amplitude and the recent interval are averaged
LONG_MEMORY = 64
FEWEST = 3  # beats that a device must have heard before it answers
LIMIT = 2.0  # inputs are cut to +-2, so that 8 bits are shared well


@dataclass(frozen=True, eq=False)
class Beats:
    """Beats as a network sees them.

    Parameters
    ----------
    x : ndarray of float32, shape (beats, 104)
        100 samples of the signal, in units of the patient's recent amplitude, then four logarithms
        of intervals: to the one before, to the last eight, to the last minute, and of that minute's
        to 0.8 s. All within -2..2.
    labels : ndarray of int64, shape (beats,)
        Index into `CLASSES`.
    patients : ndarray of str, shape (beats,)
    """

    x: np.ndarray
    labels: np.ndarray
    patients: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, choice) -> "Beats":
        """Some of the beats: a slice, a mask or a list of indices."""
        return Beats(self.x[choice], self.labels[choice], self.patients[choice])


def beat_inputs(recordings: Sequence[Recording]) -> Beats:
    """Cut recordings into the inputs of a network.

    The first three beats of a recording, beats without a whole window and beats of another class
    are left out.

    Raises
    ------
    ValueError
        Without recordings.
    """
    if not recordings:
        raise ValueError("pass at least one recording")
    parts = [_of_one(recording) for recording in recordings]
    return Beats(
        np.concatenate([x for x, _, _ in parts]),
        np.concatenate([labels for _, labels, _ in parts]),
        np.concatenate([patients for _, _, patients in parts]),
    )


def for_network(beats: Beats) -> np.ndarray:
    """The inputs as a convolution takes them, float32 (beats, 104, 1, 1)."""
    return beats.x[..., np.newaxis, np.newaxis]


def _of_one(recording: Recording) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # A first-order filter that a device can run takes the baseline away.
    high = butter(1, 0.5, "highpass", fs=SAMPLE_RATE, output="sos")
    signal = recording.signal_mV
    signal = sosfilt(high, signal - signal[: SAMPLE_RATE // 2].mean())
    index = recording.peaks[:, None] + np.arange(-BEFORE, AFTER)
    whole = (index[:, 0] >= 0) & (index[:, -1] < len(signal))
    windows = signal[np.clip(index, 0, len(signal) - 1)]
    size = running_mean(np.abs(windows[:, BEFORE - 10 : BEFORE + 10]).max(axis=1), MEMORY)
    samples = windows / (size[:, None] + 0.05)
    x = np.concatenate([samples, _timing(recording.times_s)], axis=1)
    kept = whole & (recording.labels >= 0) & (np.arange(len(x)) >= FEWEST)
    x = np.clip(x[kept], -LIMIT, LIMIT).astype(np.float32)
    labels = recording.labels[kept]
    return x, labels, np.full(len(labels), recording.patient)


def _timing(times_s: np.ndarray) -> np.ndarray:
    """Four numbers on rhythm for each beat, shape (beats, 4), from this beat and earlier ones."""
    rr = np.diff(times_s, prepend=times_s[0] - 0.8)
    before = np.concatenate([rr[:1], rr[:-1]])  # intervals up to the beat before this one
    recent, usual = running_mean(before, MEMORY), running_mean(before, LONG_MEMORY)
    ratios = np.stack([rr / before, rr / recent, rr / usual, usual / 0.8], axis=1)
    return 2 * np.log(np.clip(ratios, 0.2, 5.0))


def running_mean(values: np.ndarray, memory: int) -> np.ndarray:
    """Mean of what came until now, older values counting less; shape and order are kept.

    While fewer than `memory` values have come it is their plain mean, afterwards each new value
    counts 1 / `memory`: one multiplication and one addition a beat on a device.
    """
    mean, means = 0.0, np.empty(len(values))
    for count, value in enumerate(values, start=1):
        mean += (value - mean) / min(count, memory)
        means[count - 1] = mean
    return means
