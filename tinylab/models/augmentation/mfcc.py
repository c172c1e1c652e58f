"""Cheap augmentation of MFCC, drawn anew each time a batch is used.

Rooms and noises need the waveform; a speaker with another rhythm, another vocal tract or a mumble,
and another microphone, can be had from the features, at a hundredth of the cost. All are linear in
them.
"""

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from tinylab.signal.mfcc import KWS, dct_matrix, hz_to_mel, mel_to_hz

__all__ = ["Disturbance", "tract_matrix"]

_TRACTS = 41  # vocal tracts to choose from
_MOMENTS = 8  # at which the rhythm is drawn


@dataclass(frozen=True)
class Disturbance:
    """Changes batches of MFCC (n, frames, coefficients, 1); give it to `training.train`.

    Attributes
    ----------
    shift_frames : float
        Standard deviation of the displacement in time.
    tempo : float
        Standard deviation of the logarithm of the speed of the whole clip.
    rhythm : float
        Standard deviation of the logarithm by which the speed differs from this at each of eight
        evenly spaced moments: synthesisers give every sound its usual length, people do not.
    tract : float
        Standard deviation of the logarithm of the factor by which frequencies are scaled, as a
        shorter or longer vocal tract does it (Jaitly and Hinton, "Vocal tract length perturbation
        improves speech recognition", 2013).
    articulation : float
        Standard deviation of the logarithm of the factor by which each coefficient but the first,
        which is the loudness, swings about its mean: mumbled or overdone.
    channel : float
        Standard deviation of a constant added to each coefficient, as another microphone adds it,
        relative to the coefficient's own spread.
    gap_frames : int
        Longest gap in time, filled with the clip's mean (Park et al., "SpecAugment", 2019).
    """

    shift_frames: float = 2.0
    tempo: float = 0.1
    rhythm: float = 0.4
    tract: float = 0.06
    articulation: float = 0.22
    channel: float = 0.3
    gap_frames: int = 6

    def __call__(self, batch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A disturbed copy of the batch."""
        x = self._retimed(batch[..., 0], rng)
        x = self._with_other_tracts(x, rng)
        x = self._articulated(x, rng)
        spread = x.std(axis=(0, 1)) * self.channel
        x += (spread * rng.standard_normal((len(x), 1, x.shape[2]))).astype(np.float32)
        return self._with_gaps(x, rng)[..., np.newaxis]

    def _retimed(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        clips, frames = x.shape[:2]
        log_speed = rng.normal(0, self.rhythm, (clips, _MOMENTS)) @ _between_moments(frames)
        speed = np.exp(log_speed + rng.normal(0, self.tempo, (clips, 1)))
        shift = rng.normal(0, self.shift_frames, (clips, 1))
        position, middle = np.cumsum(speed, axis=1), frames // 2
        source = position - position[:, [middle]] + middle + shift
        source = np.clip(source, 0, frames - 1)
        before = np.minimum(source.astype(np.int64), frames - 2)
        share = (source - before).astype(np.float32)[..., np.newaxis]
        clip = np.arange(clips)[:, np.newaxis]
        return x[clip, before] * (1 - share) + x[clip, before + 1] * share

    def _with_other_tracts(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        if not self.tract:
            return x
        return x @ _tract_matrices(self.tract)[rng.integers(_TRACTS, size=len(x))]

    def _articulated(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        mean = x.mean(axis=1, keepdims=True)
        factor = np.exp(rng.normal(0, self.articulation, mean.shape)).astype(np.float32)
        factor[..., 0] = 1
        return mean * (1 - factor) + x * factor

    def _with_gaps(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        clips, frames = x.shape[:2]
        length = rng.integers(0, self.gap_frames + 1, (clips, 1))
        start = rng.integers(0, frames, (clips, 1))
        time = np.arange(frames)
        gap = (start <= time) & (time < start + length)
        return np.where(gap[..., np.newaxis], x.mean(axis=1, keepdims=True), x)


def _between_moments(frames: int) -> np.ndarray:
    """Share of each moment in each frame, shape (moments, frames): linear interpolation."""
    places = np.linspace(0, _MOMENTS - 1, frames)
    return np.maximum(0, 1 - np.abs(places - np.arange(_MOMENTS)[:, np.newaxis]))


def tract_matrix(factor: float) -> np.ndarray:
    """What reading all energies at `factor` times their frequency does to the coefficients.

    Cosines bring the coefficients back to log-mel energies, these are read at other places, and
    transformed again. A factor below 1 makes the voice higher. Returns float32 (from, to).
    """
    to_cepstrum = dct_matrix(KWS)
    to_energies = np.linalg.pinv(to_cepstrum)
    centres = np.linspace(hz_to_mel(KWS.low_Hz), hz_to_mel(KWS.high_Hz), KWS.mel_bins + 2)[1:-1]
    bins = np.arange(KWS.mel_bins)
    places = np.interp(hz_to_mel(mel_to_hz(centres) * factor), centres, bins)
    reading = np.maximum(0, 1 - np.abs(places - bins[:, np.newaxis]))
    return (to_energies @ reading @ to_cepstrum).astype(np.float32)


@lru_cache(maxsize=4)
def _tract_matrices(spread: float) -> np.ndarray:
    """Matrices (tracts, from, to) at equally likely quantiles of a log-normal distribution."""
    normal = NormalDist(0, spread)
    quantiles = [normal.inv_cdf((rank + 0.5) / _TRACTS) for rank in range(_TRACTS)]
    return np.array([tract_matrix(np.exp(quantile)) for quantile in quantiles])
