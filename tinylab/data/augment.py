"""From a dry word, or a clean clip, to what a cheap microphone in some room would have recorded.

    word -> faster or slower -> placed in one second -> room -> microphone -> + noise -> clip ->
    gain

Every step draws from the generator it is given, so the same seed gives the same clips.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from tinylab.data.noise import SAMPLE_RATE
from tinylab.data.surroundings import Surroundings, surroundings

__all__ = [
    "LIGHT",
    "NONE",
    "STRONG",
    "Augmentation",
    "augment",
    "background_clip",
    "render",
    "render_all",
]

_AT_ONCE = 32  # clips in one batch: most of the gain, in a few megabytes


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
    return next(render_all([word], rng, augmentation, around or surroundings(rng, 4)))


def render_all(
    words: Iterable[np.ndarray | None],
    rng: np.random.Generator,
    augmentation: Augmentation,
    around: Surroundings,
) -> Iterator[np.ndarray]:
    """Make a clip of each word, and of each None one in which nobody speaks.

    Parameters
    ----------
    words : iterable of numpy.ndarray or None
        As `render` takes them; a few are taken ahead.
    rng, augmentation, around
        As for `render`.

    Yields
    ------
    numpy.ndarray
        Shape (16000,), int16.
    """
    words, room = iter(words), np.empty((_AT_ONCE, SAMPLE_RATE), np.float32)
    while some := list(islice(words, _AT_ONCE)):
        clips, chances = room[: len(some)], []
        clips.fill(0)
        for clip, word in zip(clips, some, strict=True):
            if word is None:
                chances.append(_draw_background(clip, rng, augmentation, around))
            else:
                _lay(word, clip, rng, augmentation)
                chances.append(_draw(rng, augmentation, around))
        yield from _record(clips, chances, around)


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
    for first in range(0, len(clips), _AT_ONCE):
        batch = slice(first, first + _AT_ONCE)
        moved, chances = np.zeros(clips[batch].shape, np.float32), []
        for clip, waveform in zip(moved, waveforms[batch], strict=True):
            by = int(np.clip(rng.normal(0, augmentation.shift_s), -0.4, 0.4) * SAMPLE_RATE)
            _add_at(clip, waveform.astype(np.float32) / 32768, by)
            chances.append(_draw(rng, augmentation, around))
        clips[batch] = _record(moved, chances, around)
    return clips


def background_clip(
    rng: np.random.Generator,
    augmentation: Augmentation = STRONG,
    around: Surroundings | None = None,
) -> np.ndarray:
    """One second in which nobody speaks, shape (16000,) int16; arguments as for `render`."""
    return next(render_all([None], rng, augmentation, around or surroundings(rng, 4)))


@dataclass(frozen=True)
class _Chances:
    """What chance decided about one clip.

    Room and microphone are indices (-1 for none). Each noise is its row, where it begins, and how
    many decibels it lies below the speech's peak. A `drive` of 0 leaves loud parts alone.
    """

    room: int
    microphone: int
    noises: tuple[tuple[int, int, float], ...]
    drive: float
    level_dB: float


def _resample(word: np.ndarray, speed: float) -> np.ndarray:
    positions = np.arange(0, len(word) - 1, speed, dtype=np.float32)
    return np.interp(positions, np.arange(len(word)), word).astype(np.float32)


def _lay(
    word: np.ndarray, clip: np.ndarray, rng: np.random.Generator, augmentation: Augmentation
) -> None:
    """Lay the word into a silent second, near the middle."""
    word = np.asarray(word, np.float32) / 32768
    if augmentation.speed:
        word = _resample(word, np.exp(rng.normal(0, augmentation.speed)))
    room = SAMPLE_RATE - len(word)
    start = room / 2 + rng.normal(0, augmentation.shift_s) * SAMPLE_RATE
    low, high = min(room, 0), max(room, 0)
    if rng.random() < augmentation.cut:
        low, high = low - 0.1 * len(word), high + 0.1 * len(word)
    _add_at(clip, word, int(min(max(start, low), high)))


def _add_at(clip: np.ndarray, sound: np.ndarray, start: int) -> None:
    """Add `sound` to `clip` from `start` on (may be negative), dropping what falls outside."""
    first, last = max(start, 0), min(start + len(sound), len(clip))
    if first < last:
        clip[first:last] += sound[first - start : last - start]


def _draw(rng: np.random.Generator, augmentation: Augmentation, around: Surroundings) -> _Chances:
    """Room, microphone, noises, clipping and level of a clip of speech."""
    room = int(rng.integers(len(around.rooms))) if rng.random() < augmentation.room else -1
    microphone = _draw_microphone(rng, augmentation, around)
    noises = []
    if augmentation.noise_dB is not None and rng.random() >= augmentation.gate:
        ratio_dB = max(rng.normal(*augmentation.noise_dB), 6)  # never louder than this
        noises.append((*around.draw_noise(rng), ratio_dB))
        if rng.random() < 0.5:  # a second and weaker one
            noises.append((*around.draw_noise(rng), ratio_dB + rng.uniform(0, 20)))
    drive = rng.uniform(1, 4) if rng.random() < augmentation.clipping else 0.0
    return _Chances(room, microphone, tuple(noises), drive, rng.uniform(*augmentation.level_dB))


def _draw_background(
    clip: np.ndarray, rng: np.random.Generator, augmentation: Augmentation, around: Surroundings
) -> _Chances:
    """Put one noise, half of the time two, into a silent second; the microphone and the level."""
    clip += around.noise(*around.draw_noise(rng))
    if rng.random() < 0.5:
        clip += around.noise(*around.draw_noise(rng)) * 10 ** (-rng.uniform(0, 20) / 20)
    microphone = _draw_microphone(rng, augmentation, around)
    return _Chances(-1, microphone, (), 0.0, rng.uniform(-50, -1))


def _draw_microphone(
    rng: np.random.Generator, augmentation: Augmentation, around: Surroundings
) -> int:
    return int(rng.integers(len(around.devices))) if augmentation.microphone else -1


def _record(clips: np.ndarray, chances: Sequence[_Chances], around: Surroundings) -> np.ndarray:
    """What becomes of float clips, shape (n, 16000), as chance decided; int16.

    Works in place.
    """
    rooms, microphones = np.array([(chance.room, chance.microphone) for chance in chances]).T
    around.hear(clips, rooms, microphones)
    for clip, peak, chance in zip(clips, _peaks(clips), chances, strict=True):
        for row, start, ratio_dB in chance.noises:
            clip += around.noise(row, start) * (peak * np.float32(10 ** (-ratio_dB / 20)))
        if chance.drive:
            np.tanh(clip * (chance.drive / _peaks(clip)), out=clip)
    levels = 10 ** (np.array([chance.level_dB for chance in chances], np.float32) / 20)
    clips *= (32767 * levels / _peaks(clips))[:, np.newaxis]
    return np.round(clips, out=clips).astype(np.int16)


def _peaks(clips: np.ndarray) -> np.ndarray:
    return np.maximum(clips.max(axis=-1), -clips.min(axis=-1)) + np.float32(1e-9)
