"""Where a clip is recorded: noises, rooms and microphones, drawn once and used for many clips."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft, rfftfreq

from tinylab.data.noise import SAMPLE_RATE, noise_pool

__all__ = ["Surroundings", "surroundings"]

_LENGTH = 24576  # one second and the longest room, rounded up to a fast Fourier size
_FREQUENCY = np.maximum(rfftfreq(_LENGTH, 1 / SAMPLE_RATE), 1).astype(np.float32)
_OCTAVES = np.log2(np.maximum(_FREQUENCY, 30) / 1000)


@dataclass(frozen=True)
class Surroundings:
    """Pools to draw from.

    Parameters
    ----------
    noises : numpy.ndarray
        Shape (k, m), float32, m >= 16000, unit power each.
    rooms : numpy.ndarray
        Shape (k, 12289), complex64: spectra of impulse responses.
    microphones : numpy.ndarray
        Shape (k, 12289), complex64: frequency responses.
    """

    noises: np.ndarray
    rooms: np.ndarray
    microphones: np.ndarray

    def noise(self, rng: np.random.Generator) -> np.ndarray:
        """One second of some noise, shape (16000,) float32."""
        row = self.noises[rng.integers(len(self.noises))]
        start = rng.integers(0, len(row) - SAMPLE_RATE + 1)
        return row[start : start + SAMPLE_RATE]

    def hear(
        self, clip: np.ndarray, rng: np.random.Generator, *, room: bool, microphone: bool
    ) -> np.ndarray:
        """`clip`, shape (16000,), as some microphone in some room picks it up."""
        if not (room or microphone):
            return clip
        spectrum = rfft(clip, _LENGTH)
        if room:
            spectrum *= self.rooms[rng.integers(len(self.rooms))]
        if microphone:
            spectrum *= self.microphones[rng.integers(len(self.microphones))]
        return irfft(spectrum, _LENGTH)[:SAMPLE_RATE]


def surroundings(
    rng: np.random.Generator,
    size: int = 64,
    *,
    microphone_dB: float = 4.0,
    babble: Sequence[np.ndarray] = (),
) -> Surroundings:
    """Draw `size` noises, rooms and microphones.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        How many of each.
    microphone_dB : float
        Standard deviation of the microphones' frequency response.
    babble : sequence of numpy.ndarray
        Words (int16) for a murmur of voices among the noises.

    Returns
    -------
    Surroundings
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, not {size}")
    rooms = np.stack([rfft(_room(rng), _LENGTH) for _ in range(size)])
    tilt_dB = 0.25 * microphone_dB  # the synthesisers are this much duller than people
    microphones = np.stack([_microphone(rng, microphone_dB, tilt_dB) for _ in range(size)])
    noises = noise_pool(size, rng, babble)
    for noise in noises:
        _colour(noise, _microphone(rng, microphone_dB, -tilt_dB / 2))
    return Surroundings(noises, rooms, microphones)


def _colour(noise: np.ndarray, response: np.ndarray) -> None:
    """Let a microphone hear the noise, in place; the power stays 1."""
    frequency = rfftfreq(len(noise), 1 / SAMPLE_RATE)
    gain = np.interp(frequency, _FREQUENCY, np.abs(response))
    heard = irfft(rfft(noise) * gain, len(noise))
    noise[:] = heard / (np.sqrt(np.mean(heard**2)) + 1e-12)


def _room(rng: np.random.Generator) -> np.ndarray:
    """An impulse response: direct sound, a few early echoes, an exponentially decaying tail."""
    decay_s = rng.uniform(0.08, 0.6)  # until the tail is 60 dB down
    samples = int(SAMPLE_RATE * min(decay_s, 0.5))
    envelope = np.exp(np.arange(samples, dtype=np.float32) * (-6.9 / (decay_s * SAMPLE_RATE)))
    response = rng.standard_normal(samples, dtype=np.float32) * envelope
    response[: int(SAMPLE_RATE * rng.uniform(0.001, 0.012))] = 0
    response *= 10 ** (-rng.uniform(0, 14) / 20) / (np.sqrt(np.sum(response**2)) + 1e-9)
    for _ in range(rng.integers(2, 7)):
        response[rng.integers(10, min(samples, 700))] += rng.uniform(-0.4, 0.4)
    response[0] += 1
    return response


def _microphone(rng: np.random.Generator, spread_dB: float, tilt_dB: float) -> np.ndarray:
    """A random frequency response.

    A slope (`tilt_dB` an octave on average), bumps half an octave wide, mostly a bass roll-off, sometimes a treble one; some polarity;
    and a delay of up to 8 ms that differs between frequencies, which flattens the sharp glottal pulses
    that vocoders make.
    """
    bumps_dB = rng.normal(0, rng.uniform(0.1, 1) * spread_dB, 17)
    slope_dB = rng.normal(tilt_dB, 0.35 * spread_dB) * _OCTAVES
    response = 10 ** ((np.interp(_OCTAVES, np.linspace(-5, 3, 17), bumps_dB) + slope_dB) / 20)
    if rng.random() < 0.7:
        response /= np.sqrt(1 + (rng.uniform(50, 300) / _FREQUENCY) ** 4)
    if rng.random() < 0.3:
        response /= np.sqrt(1 + (_FREQUENCY / rng.uniform(3000, 7000)) ** 8)
    delay_s = np.interp(_OCTAVES, np.linspace(-5, 3, 17), rng.uniform(0, rng.uniform(0, 0.008), 17))
    phase = 2 * np.pi * np.cumsum(delay_s) * (_FREQUENCY[2] - _FREQUENCY[1])
    return (rng.choice([-1, 1]) * response * np.exp(-1j * phase)).astype(np.complex64)
