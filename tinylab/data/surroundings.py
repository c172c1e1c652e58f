"""Where a clip is recorded: noises, rooms and microphones, drawn once and used for many clips."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.fft import irfft, rfft, rfftfreq

from tinylab.data.noise import SAMPLE_RATE, noise_pool

__all__ = ["Surroundings", "surroundings"]

_LENGTH = 24576  # one second and the longest room, rounded up to a fast Fourier size
_FREQUENCY = np.maximum(rfftfreq(_LENGTH, 1 / SAMPLE_RATE), 1).astype(np.float32)
_OCTAVES = np.log2(np.maximum(_FREQUENCY, 30) / 1000)
_KNOTS = np.linspace(-5, 3, 17)  # half an octave apart


@dataclass(frozen=True)
class _Microphone:
    """What one microphone does: gains in dB and delays in seconds at 17 knots, and filters."""

    bumps_dB: np.ndarray
    slope_dB: float
    high_pass_Hz: float | None
    low_pass_Hz: float | None
    delays_s: np.ndarray
    polarity: int

    def gain(self) -> np.ndarray:
        """Amplitude at each of `_FREQUENCY`."""
        bumps_dB = np.interp(_OCTAVES, _KNOTS, self.bumps_dB)
        gain = 10 ** ((bumps_dB + self.slope_dB * _OCTAVES) / 20)
        if self.high_pass_Hz is not None:
            gain /= np.sqrt(1 + (self.high_pass_Hz / _FREQUENCY) ** 4)
        if self.low_pass_Hz is not None:
            gain /= np.sqrt(1 + (_FREQUENCY / self.low_pass_Hz) ** 8)
        return gain

    def response(self) -> np.ndarray:
        """Gain, delay and polarity at each of `_FREQUENCY`, complex64."""
        delay_s = np.interp(_OCTAVES, _KNOTS, self.delays_s)
        phase = 2 * np.pi * np.cumsum(delay_s) * (_FREQUENCY[2] - _FREQUENCY[1])
        return (self.polarity * self.gain() * np.exp(-1j * phase)).astype(np.complex64)


@dataclass(frozen=True)
class Surroundings:
    """Pools to draw from.

    Parameters
    ----------
    noises : numpy.ndarray
        Shape (k, m), float32, m >= 16000, unit power each.
    rooms : numpy.ndarray
        Shape (k, 12289), complex64: spectra of impulse responses.
    devices : tuple
        k microphones; `microphones` has their frequency responses.
    """

    noises: np.ndarray
    rooms: np.ndarray
    devices: tuple[_Microphone, ...]

    @cached_property
    def microphones(self) -> np.ndarray:
        """Shape (k, 12289), complex64: frequency responses, computed when first asked for."""
        return np.stack([device.response() for device in self.devices])

    def draw_noise(self, rng: np.random.Generator) -> tuple[int, int]:
        """Some noise, and where in it a second begins."""
        row = int(rng.integers(len(self.noises)))
        return row, int(rng.integers(0, self.noises.shape[1] - SAMPLE_RATE + 1))

    def noise(self, row: int, start: int) -> np.ndarray:
        """One second of a noise, shape (16000,) float32."""
        return self.noises[row, start : start + SAMPLE_RATE]

    def hear(self, clips: np.ndarray, rooms: np.ndarray, microphones: np.ndarray) -> None:
        """Make of `clips`, shape (n, 16000) float32, what microphones in rooms pick up, in place.

        `rooms` and `microphones` say which, for each clip; -1 stands for none. All clips go through
        the Fourier transform together, which is twice as fast as one after another.
        """
        changed = np.flatnonzero((rooms >= 0) | (microphones >= 0))
        if not len(changed):
            return
        spectra = rfft(clips[changed], _LENGTH)
        for spectrum, room, microphone in zip(
            spectra, rooms[changed], microphones[changed], strict=True
        ):
            if room >= 0:
                spectrum *= self.rooms[room]
            if microphone >= 0:
                spectrum *= self.microphones[microphone]
        clips[changed] = irfft(spectra, _LENGTH)[:, :SAMPLE_RATE]


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
    rooms = rfft(np.stack([_room(rng) for _ in range(size)]), _LENGTH)
    tilt_dB = 0.25 * microphone_dB  # the synthesisers are this much duller than people
    devices = tuple(_microphone(rng, microphone_dB, tilt_dB) for _ in range(size))
    noises = noise_pool(size, rng, babble)
    _colour(noises, [_microphone(rng, microphone_dB, -tilt_dB / 2) for _ in range(size)])
    return Surroundings(noises, rooms, devices)


def _colour(noises: np.ndarray, microphones: Sequence[_Microphone]) -> None:
    """Let each noise be heard by a microphone, in place; the power stays 1."""
    length = noises.shape[1]
    frequency = rfftfreq(length, 1 / SAMPLE_RATE)
    spectra = rfft(noises)
    for spectrum, microphone in zip(spectra, microphones, strict=True):
        spectrum *= np.interp(frequency, _FREQUENCY, microphone.gain()).astype(np.float32)
    for noise, heard in zip(noises, irfft(spectra, length), strict=True):
        noise[:] = heard / (np.sqrt(np.mean(heard**2)) + 1e-12)


def _room(rng: np.random.Generator) -> np.ndarray:
    """An impulse response, half a second: direct sound, a few early echoes, a decaying tail."""
    decay_s = rng.uniform(0.08, 0.6)  # until the tail is 60 dB down
    samples = int(SAMPLE_RATE * min(decay_s, 0.5))
    envelope = np.exp(np.arange(samples, dtype=np.float32) * (-6.9 / (decay_s * SAMPLE_RATE)))
    response = rng.standard_normal(samples, dtype=np.float32) * envelope
    response[: int(SAMPLE_RATE * rng.uniform(0.001, 0.012))] = 0
    response *= 10 ** (-rng.uniform(0, 14) / 20) / (np.sqrt(np.sum(response**2)) + 1e-9)
    for _ in range(rng.integers(2, 7)):
        response[rng.integers(10, min(samples, 700))] += rng.uniform(-0.4, 0.4)
    response[0] += 1
    return np.pad(response, (0, SAMPLE_RATE // 2 - samples))


def _microphone(rng: np.random.Generator, spread_dB: float, tilt_dB: float) -> _Microphone:
    """A random microphone.

    A slope (`tilt_dB` an octave on average), bumps half an octave wide, mostly a bass roll-off,
    sometimes a treble one; some polarity; and a delay of up to 8 ms that differs between
    frequencies, which flattens the sharp glottal pulses that vocoders make.
    """
    return _Microphone(
        bumps_dB=rng.normal(0, rng.uniform(0.1, 1) * spread_dB, 17),
        slope_dB=rng.normal(tilt_dB, 0.35 * spread_dB),
        high_pass_Hz=rng.uniform(50, 300) if rng.random() < 0.7 else None,
        low_pass_Hz=rng.uniform(3000, 7000) if rng.random() < 0.3 else None,
        delays_s=rng.uniform(0, rng.uniform(0, 0.008), 17),
        polarity=rng.choice([-1, 1]),
    )
