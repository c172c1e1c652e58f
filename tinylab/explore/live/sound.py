"""Sound of any rate and length, as the workbook's models take it: one second at 16 kHz, int16."""

import io
from math import gcd

import numpy as np
from scipy.signal import resample_poly

__all__ = ["RATE_Hz", "at_16_kHz", "from_file", "loudest_second"]

RATE_Hz = 16000
# Browsers give 44,100 or 48,000 samples a second, telephones 8,000; beyond this a number is wrong.
RATES_Hz = (4000, 384_000)
LARGEST_FILE_BYTES = 20_000_000


def at_16_kHz(samples, rate_Hz: float) -> np.ndarray:
    """Convert the sampling rate, with a filter before it against aliases.

    Parameters
    ----------
    samples : float array (n,), -1..1
    rate_Hz : float
        Samples a second; browsers give whole numbers.

    Returns
    -------
    int16 array (about n * 16,000 / rate_Hz,)
        What is louder than full scale is cut off.
    """
    samples = np.asarray(samples, np.float64)
    low, high = RATES_Hz
    if not low <= rate_Hz <= high or rate_Hz != int(rate_Hz):
        raise ValueError(f"sound must have {low:,} to {high:,} samples a second, not {rate_Hz}")
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise ValueError(f"pass one channel of finite samples, not shape {samples.shape}")
    common = gcd(RATE_Hz, int(rate_Hz))
    if samples.size:
        samples = resample_poly(samples, RATE_Hz // common, int(rate_Hz) // common)
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)


def loudest_second(waveform: np.ndarray) -> np.ndarray:
    """The 16,000 samples with most energy; a shorter sound gets silence on both sides."""
    waveform = np.asarray(waveform, np.int16)
    missing = RATE_Hz - len(waveform)
    if missing >= 0:
        return np.pad(waveform, (missing // 2, missing - missing // 2))
    energy = np.concatenate([[0.0], np.cumsum(waveform.astype(np.float64) ** 2)])
    start = int(np.argmax(energy[RATE_Hz:] - energy[:-RATE_Hz]))
    return waveform[start : start + RATE_Hz]


def from_file(content: bytes) -> np.ndarray:
    """Samples of a sound file at 16 kHz, its channels averaged.

    Raises
    ------
    ValueError
        When it is no sound file that can be read here, empty or too large; says what to do.
    """
    import soundfile

    if len(content) > LARGEST_FILE_BYTES:
        limit = LARGEST_FILE_BYTES // 1_000_000
        raise ValueError(f"this file is larger than {limit} MB; cut a few seconds out of it")
    try:
        samples, rate_Hz = soundfile.read(io.BytesIO(content), dtype="float64", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError("this is no sound file that can be read; save it as WAV") from error
    if not len(samples):
        raise ValueError("this sound file is empty; record it again")
    return at_16_kHz(samples.mean(axis=1), rate_Hz)
