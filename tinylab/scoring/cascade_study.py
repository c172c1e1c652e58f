"""A wake-up cascade on a recording: what is missed, and how often each stage runs.

Three stages: the sound's level, a small detector, the keyword network. A window in which a stage
says no goes no further. In: what each stage says in every window, and what was said. Out: plain
results on a grid of both gates' settings.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.scoring.listening import SoundStream, detect, score

__all__ = ["CascadeResults", "frames_computed", "measure_cascade", "window_levels_dB"]

FRAME_S = 0.02
"""From one frame of the keyword front end to the next."""


@dataclass(frozen=True, eq=False)
class CascadeResults:
    """Both gates at every setting; arrays of shape (levels, detectors).

    Attributes
    ----------
    levels_dB : tuple of float
        Lowest level that opens the first gate, in dB of full scale.
    detector_thresholds : tuple of float
        Lowest score that opens the second gate.
    misses, false_accepts : int64 array
    frames, detected, recognized : int64 array
        Frames of features computed, windows in which the detector ran, and the network.
    windows, keywords : int
    hop_s, hours : float
    """

    levels_dB: tuple[float, ...]
    detector_thresholds: tuple[float, ...]
    misses: np.ndarray
    false_accepts: np.ndarray
    frames: np.ndarray
    detected: np.ndarray
    recognized: np.ndarray
    windows: int
    keywords: int
    hop_s: float
    hours: float


def window_levels_dB(waveform, *, hop_samples: int = 3200, window_samples: int = 16000):
    """The loudest hop in each window, in dB of full scale: a word opens its whole second.

    Parameters
    ----------
    waveform : int16 array (samples,)
    hop_samples, window_samples : int
        The window holds a whole number of hops.

    Returns
    -------
    float64 array (windows,)
    """
    if hop_samples < 1 or window_samples % hop_samples or len(waveform) < window_samples:
        raise ValueError("the window must hold whole hops, and the waveform at least one window")
    sound = np.asarray(waveform, np.float64) / 32768
    hops = sound[: len(sound) // hop_samples * hop_samples].reshape(-1, hop_samples)
    power = np.maximum((hops**2).mean(axis=1), 1e-12)
    each = np.lib.stride_tricks.sliding_window_view(power, window_samples // hop_samples)
    return 10 * np.log10(each.max(axis=1))


def frames_computed(wakes, *, per_hop: int = 10, per_window: int = 49) -> int:
    """How many frames are computed in all, if features are made in some windows only.

    Old frames are kept: a window that follows another needs its new frames only.

    Parameters
    ----------
    wakes : bool array (windows,)
    per_hop, per_window : int
        Frames that are new after one hop, and that one window needs.
    """
    if per_hop < 1 or per_window < per_hop:
        raise ValueError("per_hop must be at least 1, and per_window at least per_hop")
    at = np.flatnonzero(wakes)
    if not at.size:
        return 0
    return int(np.minimum(np.diff(at) * per_hop, per_window).sum()) + per_window


def measure_cascade(
    posteriors,
    levels_dB,
    detector,
    stream: SoundStream,
    *,
    keywords,
    threshold: float = 0.7,
    hop_s: float = 0.2,
    grid: tuple[tuple[float, ...], tuple[float, ...]],
) -> CascadeResults:
    """Run the cascade at every setting of its two gates.

    Parameters
    ----------
    posteriors : float array (windows, classes)
        Of the keyword network in every window, whether it would have run or not.
    levels_dB, detector : float array (windows,)
        The sound's level, and the small detector's score.
    stream : SoundStream
    keywords : sequence of int
    threshold : float
        From which posterior on a keyword counts.
    hop_s : float
    grid : pair of tuple of float
        Settings of the first and the second gate.

    Raises
    ------
    ValueError
        Arrays that do not agree in the number of windows.
    """
    posteriors, levels_dB = np.asarray(posteriors), np.asarray(levels_dB)
    if not len(posteriors) == len(levels_dB) == len(detector):
        raise ValueError(
            "posteriors, levels_dB and detector must have one row for each window; they have"
            f" {len(posteriors)}, {len(levels_dB)} and {len(detector)}"
        )
    times_s = 1.0 + hop_s * np.arange(len(posteriors))
    counts = np.zeros((5, len(grid[0]), len(grid[1])), np.int64)
    for row, level in enumerate(grid[0]):
        loud = levels_dB >= level
        for column, least in enumerate(grid[1]):
            runs = loud & (np.asarray(detector) >= least)
            heard = np.where(runs[:, np.newaxis], posteriors, 0.0)
            detections = detect(heard, times_s, threshold=threshold, keywords=keywords)
            judged = score(detections, stream, keywords=keywords)
            frames = frames_computed(loud, per_hop=max(round(hop_s / FRAME_S), 1))
            numbers = judged.misses, judged.false_accepts, frames
            counts[:, row, column] = *numbers, loud.sum(), runs.sum()
    return CascadeResults(
        levels_dB=grid[0],
        detector_thresholds=grid[1],
        misses=counts[0],
        false_accepts=counts[1],
        frames=counts[2],
        detected=counts[3],
        recognized=counts[4],
        windows=len(posteriors),
        keywords=judged.keywords,
        hop_s=hop_s,
        hours=stream.duration_s / 3600,
    )
