"""Sounds of one's own as clips of one length and rate, whatever the files have."""

from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from tinylab.signal.log_mel import AD

SAMPLE_RATE = AD.sample_rate_Hz
_LOWEST_RATE, _HIGHEST_RATE = 1000, 768_000


def read_sound(path: Path) -> np.ndarray:
    """A file as one channel at 16 kHz.

    Parameters
    ----------
    path : Path
        Of any rate, length and number of channels.

    Returns
    -------
    ndarray of int16, shape (samples,)

    Raises
    ------
    ValueError
        It cannot be read, or holds no sound.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise ValueError(f"{path} is not a sound that can be read: replace or remove it") from error
    if not len(samples) or not np.isfinite(samples).all():
        raise ValueError(f"{path} holds no sound: replace or remove it")
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise ValueError(f"{path} claims {rate} samples a second: replace or remove it")
    channel = samples.mean(axis=1)
    if rate != SAMPLE_RATE:
        common = gcd(rate, SAMPLE_RATE)
        channel = resample_poly(channel, SAMPLE_RATE // common, rate // common)
    return np.round(np.clip(channel, -1, 1) * 32767).astype(np.int16)


def loudest_part(samples: np.ndarray, length: int = SAMPLE_RATE) -> np.ndarray:
    """The part with the most energy; shorter sounds get silence on both sides.

    Parameters
    ----------
    samples : ndarray of int16, shape (n,)
    length : int
        Samples of the part.

    Returns
    -------
    ndarray of int16, shape (length,)

    Raises
    ------
    ValueError
        For samples of several channels.
    """
    if samples.ndim != 1:
        raise ValueError("the loudest part is looked for in one channel: samples of shape (n,)")
    if len(samples) <= length:
        before = (length - len(samples)) // 2
        return np.pad(samples, (before, length - len(samples) - before))
    energy = np.cumsum(np.concatenate([[0.0], samples.astype(np.float64) ** 2]))
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]


def pieces(samples: np.ndarray, length: int) -> list[np.ndarray]:
    """A long sound cut into whole pieces; what is left at the end is dropped."""
    return [samples[i : i + length] for i in range(0, len(samples) - length + 1, length)]
