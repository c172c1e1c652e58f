"""Beats as other electrodes, another skin and another detector would have shown them.

In: beats. Out: as many, each changed at random, with its class. Which signs of a class survive that
is what a network should learn; what it loses was a habit of the patients it was trained on.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.data.heartbeats.inputs import AFTER, BEFORE, LIMIT, Beats

__all__ = ["Variations", "vary"]


@dataclass(frozen=True)
class Variations:
    """How much of everything; deviations are standard deviations, of each beat by itself.

    Parameters
    ----------
    shift : int
        The detector is off by up to so many samples.
    stretch : float
        Of the logarithm of how slowly the beat runs.
    gain : float
        Of the logarithm of its height.
    reversed : float
        Share of beats whose electrodes are exchanged, so that every wave points the other way.
    baseline : float
        Of the height of the baseline, and of its slope over the window.
    noise : float
        Median of the noise's own deviation, which differs from beat to beat.
    timing : float
        Of each of the four numbers on rhythm.
    """

    shift: int = 2
    stretch: float = 0.06
    gain: float = 0.15
    reversed: float = 0.15
    baseline: float = 0.08
    noise: float = 0.03
    timing: float = 0.04


def vary(beats: Beats, seed: int = 0, how: Variations = Variations()) -> Beats:
    """Change each beat at random; its class and its patient stay.

    Parameters
    ----------
    beats : Beats
    seed : int
    how : Variations

    Returns
    -------
    Beats
        Of the same shape, within the same limits.
    """
    rng, count = np.random.default_rng(seed), len(beats)
    signal, timing = np.split(beats.x, [BEFORE + AFTER], axis=1)
    signal = _moved(signal, rng, how)
    signal = signal * np.exp(rng.normal(0, how.gain, (count, 1)))
    signal = np.where(rng.random((count, 1)) < how.reversed, -signal, signal)
    height, slope = rng.normal(0, how.baseline, (2, count, 1))
    signal = signal + height + slope * np.linspace(-1, 1, signal.shape[1])
    size = how.noise * np.exp(rng.normal(0, 0.6, (count, 1)))
    signal = signal + size * rng.standard_normal(signal.shape)
    timing = timing + rng.normal(0, how.timing, timing.shape)
    x = np.clip(np.concatenate([signal, timing], axis=1), -LIMIT, LIMIT)
    return Beats(x.astype(np.float32), beats.labels, beats.patients)


def _moved(signal: np.ndarray, rng: np.random.Generator, how: Variations) -> np.ndarray:
    """Read each signal a little later or earlier and slower or faster, around its peak."""
    count, samples = signal.shape
    late = rng.integers(-how.shift, how.shift + 1, (count, 1))
    slow = np.exp(rng.normal(0, how.stretch, (count, 1)))
    at = np.clip((np.arange(samples) - BEFORE) / slow + BEFORE + late, 0, samples - 1)
    left = np.minimum(at.astype(np.int64), samples - 2)
    share, row = at - left, np.arange(count)[:, np.newaxis]
    return signal[row, left] * (1 - share) + signal[row, left + 1] * share
