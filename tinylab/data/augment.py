"""From a dry word, or a clean clip, to what a cheap microphone in some room would have recorded.

    word -> faster or slower -> placed in one second -> room -> microphone -> + noise -> clip -> gain

Every step draws from the generator it is given, so the same seed gives the same clips.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.data.noise import SAMPLE_RATE
from tinylab.data.surroundings import Surroundings, surroundings

__all__ = ["LIGHT", "NONE", "STRONG", "Augmentation", "augment", "background_clip", "render"]


@dataclass(frozen=True)
class Augmentation:
    """How much of everything.

    Parameters
    ----------
    shift_s : float
        Standard deviation of the word's displacement from the middle of the second.
    cut : float
        Probability that the displacement may push a piece of the word out of the second.
    speed : float
        Standard deviation of the logarithm of the playback speed (pitch and formants move along).
    room : float
        Probability of an echoing room.
    microphone : bool
        Whether the microphone has a frequency response of its own, instead of a flat one.
    noise_dB : tuple of float or None
        Mean and standard deviation of the ratio of the speech's peak to the noise's root mean
        square; None for no noise.
    gate : float
        Probability of no noise at all, as noise-suppressing phones leave it.
    clipping : float
        Probability that loud parts are compressed, as by automatic gain or an overdriven input.
    level_dB : tuple of float
        Range of the peak level, relative to full scale.
    """

    shift_s: float = 0.0
    cut: float = 0.0
    speed: float = 0.0
    room: float = 0.0
    microphone: bool = False
    noise_dB: tuple[float, float] | None = None
    gate: float = 0.0
    clipping: float = 0.0
    level_dB: tuple[float, float] = (-3.0, -3.0)


NONE = Augmentation()
LIGHT = Augmentation(shift_s=0.08, room=0.3, noise_dB=(50, 10), level_dB=(-15, -1))
STRONG = Augmentation(
    shift_s=0.17,
    cut=0.15,
    speed=0.1,
    room=0.5,
    microphone=True,
    noise_dB=(60, 16),
    gate=0.06,
    clipping=0.35,
    level_dB=(-15, -0.5),
)


def render(
    word: np.ndarray,
    rng: np.random.Generator,
    augmentation: Augmentation = STRONG,
    around: Surroundings | None = None,
) -> np.ndarray:
    """Make a one-second clip of a dry word.

    Parameters
    ----------
    word : numpy.ndarray
        Shape (n,), int16, one word without silence around it.
    rng : numpy.random.Generator
        Source of randomness.
    augmentation : Augmentation
        How much of everything.
    around : Surroundings, optional
        The noises, rooms and microphones to choose from. Pass one when rendering many clips;
        otherwise a small one is drawn from `rng`.

    Returns
    -------
    numpy.ndarray
        Shape (16000,), int16.
    """
    word = np.asarray(word, np.float32) / 32768
    if augmentation.speed:
        word = _resample(word, np.exp(rng.normal(0, augmentation.speed)))
    around = around or surroundings(rng, 4)
    return _record(_place(word, rng, augmentation), rng, augmentation, around)


def augment(
    waveforms: np.ndarray,
    rng: np.random.Generator,
    augmentation: Augmentation = STRONG,
    around: Surroundings | None = None,
) -> np.ndarray:
    """Augment clips that are one second long already.

    Parameters
    ----------
    waveforms : numpy.ndarray
        Shape (n, 16000), int16.
    rng, augmentation, around
        As for `render`. What the shift moves out of the second is lost, and zeros come in.

    Returns
    -------
    numpy.ndarray
        Shape (n, 16000), int16.
    """
    waveforms = np.asarray(waveforms)
    if waveforms.ndim != 2 or waveforms.shape[1] != SAMPLE_RATE:
        raise ValueError(f"waveforms must have shape (n, {SAMPLE_RATE}), not {waveforms.shape}")
    around = around or surroundings(rng)
    clips = np.empty(waveforms.shape, np.int16)
    for clip, waveform in zip(clips, waveforms, strict=True):
        moved = np.zeros(SAMPLE_RATE, np.float32)
        by = int(np.clip(rng.normal(0, augmentation.shift_s), -0.4, 0.4) * SAMPLE_RATE)
        _add_at(moved, waveform.astype(np.float32) / 32768, by)
        clip[:] = _record(moved, rng, augmentation, around)
    return clips


def background_clip(
    rng: np.random.Generator,
    augmentation: Augmentation = STRONG,
    around: Surroundings | None = None,
) -> np.ndarray:
    """One second in which nobody speaks, shape (16000,) int16; arguments as for `render`."""
    around = around or surroundings(rng, 4)
    clip = around.noise(rng)
    if rng.random() < 0.5:
        clip = clip + around.noise(rng) * 10 ** (-rng.uniform(0, 20) / 20)
    clip = around.hear(clip, rng, room=False, microphone=augmentation.microphone)
    return _to_int16(clip, rng.uniform(-50, -1))


def _resample(word: np.ndarray, speed: float) -> np.ndarray:
    positions = np.arange(0, len(word) - 1, speed, dtype=np.float32)
    return np.interp(positions, np.arange(len(word)), word).astype(np.float32)


def _place(word: np.ndarray, rng: np.random.Generator, augmentation: Augmentation) -> np.ndarray:
    """Lay the word into a silent second, near the middle."""
    clip = np.zeros(SAMPLE_RATE, np.float32)
    room = SAMPLE_RATE - len(word)
    start = room / 2 + rng.normal(0, augmentation.shift_s) * SAMPLE_RATE
    low, high = min(room, 0), max(room, 0)
    if rng.random() < augmentation.cut:
        low, high = low - 0.1 * len(word), high + 0.1 * len(word)
    _add_at(clip, word, int(np.clip(start, low, high)))
    return clip


def _add_at(clip: np.ndarray, sound: np.ndarray, start: int) -> None:
    """Add `sound` to `clip` from `start` on (which may be negative), dropping what falls outside."""
    first, last = max(start, 0), min(start + len(sound), len(clip))
    if first < last:
        clip[first:last] += sound[first - start : last - start]


def _record(
    clip: np.ndarray,
    rng: np.random.Generator,
    augmentation: Augmentation,
    around: Surroundings,
) -> np.ndarray:
    """Room, microphone, noise, clipping and level, for a float clip of one second."""
    room = rng.random() < augmentation.room
    clip = around.hear(clip, rng, room=room, microphone=augmentation.microphone)
    if augmentation.noise_dB is not None and rng.random() >= augmentation.gate:
        clip = _with_noise(clip, rng, augmentation.noise_dB, around)
    if rng.random() < augmentation.clipping:
        clip = np.tanh(clip / (np.abs(clip).max() + 1e-9) * rng.uniform(1, 4))
    return _to_int16(clip, rng.uniform(*augmentation.level_dB))


def _with_noise(
    clip: np.ndarray,
    rng: np.random.Generator,
    ratio_dB: tuple[float, float],
    around: Surroundings,
) -> np.ndarray:
    """Add one noise, half of the time a second and weaker one; never louder than 6 dB below peak."""
    peak = np.abs(clip).max() + 1e-9
    ratio = max(rng.normal(*ratio_dB), 6)
    clip = clip + around.noise(rng) * (peak * 10 ** (-ratio / 20))
    if rng.random() < 0.5:
        clip = clip + around.noise(rng) * (peak * 10 ** (-(ratio + rng.uniform(0, 20)) / 20))
    return clip


def _to_int16(clip: np.ndarray, level_dB: float) -> np.ndarray:
    scale = 32767 * 10 ** (level_dB / 20) / (np.abs(clip).max() + 1e-9)
    return np.round(clip * scale).astype(np.int16)
