"""Background noises, made from random numbers: what a microphone hears when nobody speaks.

They are formulas rather than recordings, so there is always a fresh piece and nothing to store.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.fft import irfft, rfftfreq

__all__ = ["KINDS", "background_noise", "coloured_noise", "noise_pool"]

SAMPLE_RATE = 16000


def coloured_noise(samples: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise whose power falls as 1 / frequency ** slope.

    Parameters
    ----------
    samples : int
        Length at 16 kHz.
    slope : float
        0 is white, 1 pink, 2 brown.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray
        Shape (samples,), float32, root mean square 1, nothing below 20 Hz.
    """
    length = samples + samples % 2
    frequency = rfftfreq(length, 1 / SAMPLE_RATE).astype(np.float32)
    frequency[0] = 1
    spectrum = rng.standard_normal(2 * len(frequency), dtype=np.float32).view(np.complex64)
    spectrum *= np.where(frequency < 20, 0, frequency ** np.float32(-slope / 2))
    return _unit(irfft(spectrum, length)[:samples])


def _unit(noise: np.ndarray) -> np.ndarray:
    return (noise / (np.sqrt(np.mean(noise**2)) + 1e-12)).astype(np.float32)


def _harmonics(
    samples: int, base_Hz: float, orders: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    levels = rng.uniform(0, 1, len(orders)) / np.sqrt(orders)
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    # sin(angle + phase) from single-precision sines, which are many times faster than double ones.
    sines, cosines = np.float32(levels * np.cos(phases)), np.float32(levels * np.sin(phases))
    sound = np.zeros(samples, np.float32)
    for order, sine, cosine in zip(orders, sines, cosines, strict=True):
        angle = np.float32(2 * np.pi * base_Hz * order) * time
        sound += sine * np.sin(angle) + cosine * np.cos(angle)
    return sound


def _white(samples: int, rng: np.random.Generator) -> np.ndarray:
    return coloured_noise(samples, rng.uniform(-0.3, 0.3), rng)


def _pink(samples: int, rng: np.random.Generator) -> np.ndarray:
    return coloured_noise(samples, rng.uniform(0.7, 1.3), rng)


def _brown(samples: int, rng: np.random.Generator) -> np.ndarray:
    return coloured_noise(samples, rng.uniform(1.6, 2.4), rng)


def _fan(samples: int, rng: np.random.Generator) -> np.ndarray:
    blades = _harmonics(samples, rng.uniform(80, 300), range(1, 6), rng)
    return coloured_noise(samples, 1.2, rng) + rng.uniform(0.3, 1.5) * blades


def _hum(samples: int, rng: np.random.Generator) -> np.ndarray:
    mains = _harmonics(samples, rng.choice([50, 60]), (1, 2, 3, 4, 5, 7, 10), rng)
    return mains + rng.uniform(0.3, 1.0) * coloured_noise(samples, 1, rng)


def _water(samples: int, rng: np.random.Generator) -> np.ndarray:
    swell = np.abs(coloured_noise(samples, 1.6, rng))
    return coloured_noise(samples, rng.uniform(-0.5, 0.8), rng) * (1 + 0.6 * swell)


def _clicks(samples: int, rng: np.random.Generator) -> np.ndarray:
    noise = 0.05 * coloured_noise(samples, 1, rng)
    length = 400
    for start in rng.integers(0, samples - length, rng.integers(2, 14) * samples // 16000):
        decay = np.exp(-np.arange(length) / rng.uniform(15, 90))
        noise[start : start + length] += rng.uniform(0.3, 1) * rng.normal(size=length) * decay
    return noise


def _tones(samples: int, rng: np.random.Generator) -> np.ndarray:
    beeps = sum(
        rng.uniform(0.1, 1) * _harmonics(samples, rng.uniform(100, 2500), (1,), rng)
        for _ in range(rng.integers(1, 5))
    )
    return beeps + 0.3 * coloured_noise(samples, 1, rng)


KINDS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "white": _white,
    "pink": _pink,
    "brown": _brown,
    "fan": _fan,
    "hum": _hum,
    "water": _water,
    "clicks": _clicks,
    "tones": _tones,
}
# How often each kind is drawn into a pool; rooms with a pink-like hiss are the common case.
_SHARES = {
    "white": 6,
    "pink": 24,
    "brown": 26,
    "fan": 12,
    "hum": 12,
    "water": 8,
    "clicks": 8,
    "tones": 4,
}
_STEP = SAMPLE_RATE // 25


def background_noise(kind: str, seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    """A seeded piece of background noise.

    Parameters
    ----------
    kind : str
        One of `KINDS`: white, pink, brown, fan, hum, water, clicks, tones.
    seconds : float
        Duration.
    seed : int
        Another seed gives another piece of the same kind.

    Returns
    -------
    numpy.ndarray
        Shape (16000 * seconds,), int16, peak at half of full scale.
    """
    if kind not in KINDS:
        raise ValueError(f"no noise is called {kind!r}; choose one of {', '.join(KINDS)}")
    if seconds < 0.1:
        raise ValueError(f"seconds must be at least 0.1, not {seconds}")
    noise = KINDS[kind](round(seconds * SAMPLE_RATE), np.random.default_rng(seed))
    return np.round(noise * (16384 / np.abs(noise).max())).astype(np.int16)


def noise_pool(
    count: int, rng: np.random.Generator, babble: Sequence[np.ndarray] = ()
) -> np.ndarray:
    """`count` noises of two seconds to cut pieces from, shape (count, 32000) float32, about
    unit power.

    With words in `babble` (int16 waveforms), one noise in eight is a murmur of several of them.
    """
    samples = 2 * SAMPLE_RATE
    names = list(_SHARES)
    share = np.array([_SHARES[name] for name in names], float)
    pool = np.empty((count, samples), np.float32)
    for row in pool:
        if len(babble) and rng.random() < 1 / 8:
            row[:] = _unit(_murmur(samples, rng, babble))
        else:
            kind = names[rng.choice(len(names), p=share / share.sum())]
            row[:] = _unit(KINDS[kind](samples, rng))
        row *= _unsteadiness(samples, rng)
    return pool


def _unsteadiness(samples: int, rng: np.random.Generator) -> np.ndarray:
    """A gain that wanders from one 40 ms to the next, as real backgrounds do."""
    knots = rng.normal(0, rng.uniform(0, 0.4), samples // _STEP + 1).astype(np.float32)
    ramp = np.arange(_STEP, dtype=np.float32) / _STEP
    return np.exp(knots[:-1, None] + np.diff(knots)[:, None] * ramp).ravel()


def _murmur(samples: int, rng: np.random.Generator, babble: Sequence[np.ndarray]) -> np.ndarray:
    """Many words at once, at random times and levels."""
    noise = 300 * coloured_noise(samples, 1, rng)
    for choice in rng.integers(len(babble), size=rng.integers(8, 24)):
        word = babble[choice][: samples // 2]
        start = rng.integers(0, samples - len(word))
        noise[start : start + len(word)] += np.float32(rng.uniform(0.3, 1)) * word
    return noise
