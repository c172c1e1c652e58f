"""From the vibration to the microphone: the housing rings, the room echoes, the factory goes on."""

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from datasets.machines.machine import Machine
from datasets.machines.sources import SAMPLE_RATE, unit
from tinylab.data.noise import coloured_noise

__all__ = ["factory", "radiated", "room"]

_ROOM_SAMPLES = 2400


def radiated(machine: Machine, force: np.ndarray, softening: float, rng) -> np.ndarray:
    """The sound of the housing: some of the force directly, the rest through its resonances.

    Parameters
    ----------
    softening : float
        Share by which all resonances fall (a mount that ages, a bolt that settles).
    """
    sound = 0.25 * force
    for mode in machine.modes:
        frequency_Hz = mode.frequency_Hz * (1 - softening) * np.exp(rng.normal(0, 0.008))
        sound = sound + mode.gain * np.exp(rng.normal(0, 0.08)) * _resonance(
            force, frequency_Hz, mode.quality
        )
    return sosfilt(butter(1, [90, 4000], "band", fs=SAMPLE_RATE, output="sos"), sound)


def _resonance(force: np.ndarray, frequency_Hz: float, quality: float) -> np.ndarray:
    turn = 2 * np.pi * frequency_Hz / SAMPLE_RATE
    radius = np.exp(-turn / (2 * quality))
    gain = (1 - radius) * 3
    return lfilter([gain], [1, -2 * radius * np.cos(turn), radius**2], force)


def room(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Direct sound and a short diffuse tail; each recording has a place of its own."""
    tail = rng.normal(size=_ROOM_SAMPLES) * np.exp(
        -np.arange(_ROOM_SAMPLES) / rng.uniform(180, 420)
    )
    tail *= 0.06
    tail[0] = 1.0
    return fftconvolve(sound, tail)[: len(sound)]


def factory(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Other machines, ventilation and now and then a clank, shape (samples,), rms 1."""
    hall = coloured_noise(samples, rng.uniform(1.2, 1.8), rng)
    hiss = 0.25 * coloured_noise(samples, rng.uniform(0.0, 0.5), rng)
    return unit(hall + hiss + _neighbour(samples, rng) + _clanks(samples, rng))


def _neighbour(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Another motor, somewhere in the hall."""
    time_s = np.arange(samples) / SAMPLE_RATE
    base_Hz = rng.uniform(80, 180)
    return sum(
        rng.uniform(0, 0.5)
        / order
        * np.sin(2 * np.pi * base_Hz * order * time_s + rng.uniform(0, 2 * np.pi))
        for order in range(1, 5)
    )


def _clanks(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Rare short sounds, one in three seconds on average."""
    sound, length = np.zeros(samples), 3000
    for _ in range(rng.poisson(samples / SAMPLE_RATE / 3)):
        start = rng.integers(0, samples - length)
        band = butter(2, [300, rng.uniform(1500, 6000)], "band", fs=SAMPLE_RATE, output="sos")
        decay = np.exp(-np.arange(length) / rng.uniform(100, 900))
        sound[start : start + length] += (
            rng.uniform(0.7, 4) * decay * sosfilt(band, rng.normal(size=length))
        )
    return sound
