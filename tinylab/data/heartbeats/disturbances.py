"""What else electrodes pick up: breathing, muscles, mains, loose contact, fibrillating atria."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from tinylab.data.heartbeats.recording import SAMPLE_RATE

__all__ = ["disturb"]


def disturb(
    signal: np.ndarray, fibrillates: bool, motion: float, rng: np.random.Generator
) -> np.ndarray:
    """A clean signal as it is recorded.

    Parameters
    ----------
    signal : ndarray, shape (samples,)
        mV at `SAMPLE_RATE`.
    fibrillates : bool
        Add the waves of fibrillating atria, 5 to 8 a second.
    motion : float
        Bursts of electrode motion in a minute.
    rng : numpy.random.Generator
    """
    time_s = np.arange(len(signal)) / SAMPLE_RATE
    parts = [signal, _wander(time_s, rng), _muscle(len(signal), rng), _mains(time_s, rng)]
    if fibrillates:
        parts.append(_fibrillation(time_s, rng))
    parts.append(_motion(time_s, motion, rng))
    breath = 1 + rng.uniform(0, 0.08) * np.sin(2 * np.pi * rng.uniform(0.18, 0.35) * time_s)
    parts[0] = parts[0] * breath
    return np.sum(parts, axis=0)


def _wander(time_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The baseline moves with the chest and with the skin's potential."""
    size = np.exp(rng.normal(np.log(0.06), 0.6))
    breath = np.sin(2 * np.pi * rng.uniform(0.18, 0.35) * time_s + rng.uniform(0, 6.3))
    drift = np.cumsum(rng.normal(0, 0.004, len(time_s)))
    return size * breath + drift - drift.mean()


def _muscle(samples: int, rng: np.random.Generator) -> np.ndarray:
    size = np.exp(rng.normal(np.log(0.02), 0.6))
    white = rng.standard_normal(samples)
    return size * (0.6 * lfilter([0.6], [1, -0.8], rng.standard_normal(samples)) + 0.5 * white)


def _mains(time_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5:
        return np.zeros(len(time_s))
    hertz = rng.choice([50.0, 60.0])
    return rng.uniform(0, 0.03) * np.sin(2 * np.pi * hertz * time_s + rng.uniform(0, 6.3))


def _fibrillation(time_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    hertz = rng.uniform(5, 8) * (1 + 0.08 * np.sin(2 * np.pi * 0.1 * time_s))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    return rng.uniform(0.02, 0.09) * (np.sin(phase) + 0.4 * np.sin(2 * phase))


def _motion(time_s: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Bursts of slow noise, 1 to 10 Hz, where an electrode is pulled."""
    burst = np.zeros(len(time_s))
    for _ in range(rng.poisson(rate * time_s[-1] / 60)):
        centre, width = rng.uniform(0, time_s[-1]), rng.uniform(0.5, 2.0)
        burst += rng.uniform(0.1, 0.5) * np.exp(-0.5 * ((time_s - centre) / width) ** 2)
    band = butter(2, [1.0, 10.0], "bandpass", fs=SAMPLE_RATE, output="sos")
    noise = sosfilt(band, rng.standard_normal(len(time_s)))
    return burst * noise / noise.std()
