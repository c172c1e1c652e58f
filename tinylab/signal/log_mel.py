"""The front end of MLPerf Tiny for anomaly detection: from sound to decibels on a mel scale.

    waveform -> frames -> power spectrogram -> log-mel (dB) -> windows of five frames
    (n,)       (m, 1024)       (m, 513)          (m, 128)         (m - 4, 640)

Every function accepts one waveform or a batch of them, and keeps the leading axes.

Sources: Banbury et al., "MLPerf Tiny Benchmark" (2021), anomaly-detection reference implementation,
which calls librosa's `melspectrogram`; Koizumi et al., "DCASE2020 Challenge Task 2" (2020).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.fft import rfft

from tinylab.signal.mfcc import periodic_hann

__all__ = [
    "AD",
    "LogMelConfig",
    "log_mel",
    "mel_centres_Hz",
    "mel_filters",
    "power_spectrogram",
    "windows",
]

_CLIPS_AT_ONCE = 32  # keeps the intermediate arrays of a chunk in the processor's cache
_MEL_STEP_Hz = 200 / 3  # Slaney's scale: linear below 1 kHz, 27 steps to each factor of 6.4 above
_LINEAR_UP_TO_Hz = 1000.0
_LOG_STEP = np.log(6.4) / 27


@dataclass(frozen=True)
class LogMelConfig:
    """Parameters of the front end; the defaults are MLPerf Tiny's anomaly-detection settings.

    Parameters
    ----------
    sample_rate_Hz : int
    frame_length, frame_step : int
        Samples in a frame (and points of its Fourier transform), and from one frame to the next.
    mel_bins : int
        Number of triangular filters between 0 Hz and half the sample rate.
    window_frames : int
        Consecutive frames that make one input of the autoencoder.
    first_frame, last_frame : int
        Frames of a ten-second clip that MLPerf Tiny uses: the start and the end are left out.
    """

    sample_rate_Hz: int = 16000
    frame_length: int = 1024
    frame_step: int = 512
    mel_bins: int = 128
    window_frames: int = 5
    first_frame: int = 50
    last_frame: int = 250

    def __post_init__(self):
        if self.frame_length < 2 or self.frame_step < 1 or self.mel_bins < 1:
            raise ValueError("frame_length, frame_step and mel_bins must be positive")
        if self.window_frames < 1:
            raise ValueError(f"window_frames must be at least 1, got {self.window_frames}")


AD = LogMelConfig()


def _hz_to_mel(frequency_Hz: np.ndarray) -> np.ndarray:
    above = np.maximum(frequency_Hz, _LINEAR_UP_TO_Hz)
    bend = _LINEAR_UP_TO_Hz / _MEL_STEP_Hz
    linear = frequency_Hz / _MEL_STEP_Hz
    return np.where(
        frequency_Hz < _LINEAR_UP_TO_Hz, linear, bend + np.log(above / _LINEAR_UP_TO_Hz) / _LOG_STEP
    )


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    bend = _LINEAR_UP_TO_Hz / _MEL_STEP_Hz
    above = _LINEAR_UP_TO_Hz * np.exp((np.maximum(mel, bend) - bend) * _LOG_STEP)
    return np.where(mel < bend, mel * _MEL_STEP_Hz, above)


@lru_cache(maxsize=8)
def mel_filters(config: LogMelConfig = AD) -> np.ndarray:
    """Triangular filters on Slaney's mel scale, each of area 1.

    Returns
    -------
    float32 array (frame_length // 2 + 1, mel_bins), read-only
    """
    bins_Hz = np.linspace(0, config.sample_rate_Hz / 2, config.frame_length // 2 + 1)
    bins_Hz, edges_Hz = bins_Hz[:, np.newaxis], _edges_Hz(config)
    low, centre, high = edges_Hz[:-2], edges_Hz[1:-1], edges_Hz[2:]
    rising, falling = (bins_Hz - low) / (centre - low), (high - bins_Hz) / (high - centre)
    filters = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    filters = filters.astype(np.float32)
    filters.setflags(write=False)
    return filters


def mel_centres_Hz(config: LogMelConfig = AD) -> np.ndarray:
    """Frequency at which each filter is largest, float64 array (mel_bins,)."""
    return _edges_Hz(config)[1:-1]


def _edges_Hz(config: LogMelConfig) -> np.ndarray:
    """Where each filter begins; it peaks where the next begins, ends where the one after does."""
    highest = _hz_to_mel(np.array(config.sample_rate_Hz / 2))
    return _mel_to_hz(np.linspace(0, highest, config.mel_bins + 2))


def power_spectrogram(waveforms, config: LogMelConfig = AD) -> np.ndarray:
    """Squared magnitudes of the Fourier transform of overlapping frames.

    Parameters
    ----------
    waveforms : int16 or float array (..., samples)
        int16 is taken as full scale 1, as sound files are read. Half a frame of zeros is added at
        either end, so that frame k is centred on sample k * frame_step.
    config : LogMelConfig

    Returns
    -------
    float32 array (..., 1 + samples // frame_step, frame_length // 2 + 1)
    """
    waveforms = _full_scale(waveforms)
    half = config.frame_length // 2
    padded = np.pad(waveforms, [(0, 0)] * (waveforms.ndim - 1) + [(half, half)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, config.frame_length, axis=-1)
    windowed = frames[..., :: config.frame_step, :] * periodic_hann(config.frame_length)
    spectrum = rfft(windowed, axis=-1)
    return spectrum.real**2 + spectrum.imag**2


def log_mel(waveforms, config: LogMelConfig = AD) -> np.ndarray:
    """Mel-filtered power in decibel: 10 log10(power + float64's epsilon).

    Parameters
    ----------
    waveforms : int16 or float array (..., samples)
        See `power_spectrogram`.
    config : LogMelConfig

    Returns
    -------
    float32 array (..., 1 + samples // frame_step, mel_bins)
        All frames; MLPerf Tiny keeps `[first_frame:last_frame]` of a ten-second clip.

    Examples
    --------
    >>> log_mel(np.zeros(160_000, np.int16)).shape
    (313, 128)
    """
    waveforms = np.asarray(waveforms)
    if waveforms.ndim < 2 or waveforms.size == 0:
        return _log_mel_chunk(waveforms, config)
    flat = waveforms.reshape(-1, waveforms.shape[-1])
    starts = range(0, len(flat), _CLIPS_AT_ONCE)
    parts = [_log_mel_chunk(flat[start : start + _CLIPS_AT_ONCE], config) for start in starts]
    whole = np.concatenate(parts)
    return whole.reshape(*waveforms.shape[:-1], *whole.shape[1:])


def windows(features, frames: int = AD.window_frames) -> np.ndarray:
    """Every run of consecutive frames as one vector: what the autoencoder reads.

    Parameters
    ----------
    features : float array (..., m, mel_bins)
    frames : int

    Returns
    -------
    float32 array (..., m - frames + 1, frames * mel_bins)
        Frame by frame, oldest first.

    Raises
    ------
    ValueError
        If there are fewer than `frames` frames.
    """
    features = np.asarray(features, np.float32)
    count = features.shape[-2] - frames + 1
    if count < 1:
        raise ValueError(f"a window of {frames} frames does not fit in {features.shape[-2]} frames")
    return np.concatenate([features[..., i : i + count, :] for i in range(frames)], axis=-1)


def _full_scale(waveforms) -> np.ndarray:
    waveforms = np.asarray(waveforms)
    if waveforms.dtype == np.int16:
        return waveforms.astype(np.float32) / np.float32(32768)
    return waveforms.astype(np.float32)


def _log_mel_chunk(waveforms: np.ndarray, config: LogMelConfig) -> np.ndarray:
    power = power_spectrogram(waveforms, config) @ mel_filters(config)
    return 10 * np.log10(power + np.float32(np.finfo(np.float64).eps))
