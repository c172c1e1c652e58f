"""The front end of MLPerf Tiny for keyword spotting: from one second of sound to 49 x 10 MFCC.

The stages are public because each one is a picture worth looking at::

    waveform -> frames -> magnitude spectrogram -> log-mel energies -> MFCC
    (16000,)   (49, 480)       (49, 257)               (49, 40)        (49, 10)

Every function accepts one waveform or a batch of them, and keeps the leading axes.

Sources: Banbury et al., "MLPerf Tiny Benchmark" (2021), keyword-spotting reference
implementation; Davis and Mermelstein, "Comparison of parametric representations for monosyllabic
word recognition" (1980).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.fft import rfft

__all__ = [
    "KWS",
    "MfccConfig",
    "dct_matrix",
    "frames",
    "hz_to_mel",
    "log_mel",
    "mel_energies",
    "mel_matrix",
    "mel_to_hz",
    "mfcc",
    "periodic_hann",
    "spectrogram",
]

_CLIPS_AT_ONCE = 32  # keeps the intermediate arrays of a chunk in the processor's cache


@dataclass(frozen=True)
class MfccConfig:
    """Parameters of the front end; the defaults are MLPerf Tiny's keyword-spotting settings.

    Parameters
    ----------
    sample_rate_Hz : int
        Samples per second of the waveform.
    frame_length, frame_step : int
        Samples in one analysis frame, and from the start of one frame to the next
        (480 and 320 samples are 30 ms and 20 ms).
    fft_length : int
        Points of the Fourier transform; the frame is padded with zeros up to it.
    mel_bins : int
        Number of triangular filters.
    low_Hz, high_Hz : float
        Edges of the lowest and of the highest filter.
    coefficients : int
        How many cepstral coefficients are kept, from the 0th on.
    log_offset : float
        Added before the logarithm, so that silence stays finite.
    """

    sample_rate_Hz: int = 16000
    frame_length: int = 480
    frame_step: int = 320
    fft_length: int = 512
    mel_bins: int = 40
    low_Hz: float = 20.0
    high_Hz: float = 4000.0
    coefficients: int = 10
    log_offset: float = 1e-6

    def __post_init__(self):
        if self.frame_length < 1 or self.frame_step < 1:
            raise ValueError("frame_length and frame_step must be at least one sample")
        if self.fft_length < self.frame_length:
            raise ValueError(
                f"fft_length ({self.fft_length}) must not be below frame_length"
                f" ({self.frame_length}): samples would be thrown away"
            )
        if not 0 <= self.low_Hz < self.high_Hz <= self.sample_rate_Hz / 2:
            raise ValueError(
                f"0 <= low_Hz < high_Hz <= {self.sample_rate_Hz / 2:g} (half the sample rate) must"
                f" hold, got {self.low_Hz:g} and {self.high_Hz:g}"
            )
        if not 1 <= self.coefficients <= self.mel_bins:
            raise ValueError(
                f"coefficients must lie in 1..{self.mel_bins} (mel_bins), got {self.coefficients}"
            )
        if self.log_offset <= 0:
            raise ValueError("log_offset must be positive: the logarithm of silence is infinite")

    @cached_property
    def frequencies_Hz(self) -> np.ndarray:
        """Centre frequency of each spectrogram bin, shape (fft_length // 2 + 1,)."""
        return np.linspace(0, self.sample_rate_Hz / 2, self.fft_length // 2 + 1)

    def frame_count(self, samples: int) -> int:
        """Number of whole frames in `samples` samples."""
        return max(0, 1 + (samples - self.frame_length) // self.frame_step)


KWS = MfccConfig()


def hz_to_mel(frequency_Hz):
    """Pitch in mel on the HTK scale: equal steps sound like equal steps."""
    return 1127.0 * np.log1p(np.asarray(frequency_Hz, dtype=np.float64) / 700.0)


def mel_to_hz(mel):
    """Inverse of `hz_to_mel`."""
    return 700.0 * np.expm1(np.asarray(mel, dtype=np.float64) / 1127.0)


@lru_cache(maxsize=32)
def mel_matrix(config: MfccConfig = KWS) -> np.ndarray:
    """Triangular filters with equal spacing in mel.

    Returns
    -------
    float32 array (fft_length // 2 + 1, mel_bins), read-only
        Multiply a magnitude spectrogram with it from the right. The bin at 0 Hz is always zero, as
        in `tf.signal.linear_to_mel_weight_matrix`.
    """
    edges = np.linspace(hz_to_mel(config.low_Hz), hz_to_mel(config.high_Hz), config.mel_bins + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    mel = hz_to_mel(config.frequencies_Hz)[:, np.newaxis]
    rising = (mel - lower) / (centre - lower)
    falling = (upper - mel) / (upper - centre)
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return _read_only(weights)


@lru_cache(maxsize=32)
def dct_matrix(config: MfccConfig = KWS) -> np.ndarray:
    """The first `coefficients` rows of the cosine transform (DCT-II), as columns.

    Returns
    -------
    float32 array (mel_bins, coefficients), read-only
        Scaled by sqrt(2 / mel_bins), as `tf.signal.mfccs_from_log_mel_spectrograms` does it.
    """
    position = np.arange(config.mel_bins)[:, np.newaxis] + 0.5
    order = np.arange(config.coefficients)
    scale = np.sqrt(2.0 / config.mel_bins)
    return _read_only(scale * np.cos(np.pi * order * position / config.mel_bins))


@lru_cache(maxsize=32)
def periodic_hann(length: int) -> np.ndarray:
    """Hann window whose period is `length` samples, float32, read-only."""
    return _read_only(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length))


def frames(waveforms, config: MfccConfig = KWS) -> np.ndarray:
    """Overlapping frames as a view, shape (..., samples) -> (..., frame count, frame_length)."""
    waveforms = np.asarray(waveforms)
    if waveforms.ndim == 0 or waveforms.shape[-1] < config.frame_length:
        raise ValueError(
            f"a waveform needs at least {config.frame_length} samples (one frame),"
            f" got an array of shape {waveforms.shape}"
        )
    windows = np.lib.stride_tricks.sliding_window_view(waveforms, config.frame_length, axis=-1)
    return windows[..., :: config.frame_step, :]


def spectrogram(waveforms, config: MfccConfig = KWS, *, peak: float | None = None) -> np.ndarray:
    """Magnitude of the short-time Fourier transform.

    Parameters
    ----------
    waveforms : int16 or float array (..., samples)
        Any scale: it is divided out.
    config : MfccConfig
    peak : float, optional
        What each waveform is divided by first. By default its own largest sample, as in the
        reference (the largest, not the largest by size). A waveform without a positive sample is
        left as it is; the reference would divide by zero.

    Returns
    -------
    float32 array (..., frame count, fft_length // 2 + 1)
    """
    normalized = _normalize(np.asarray(waveforms), peak)
    windowed = frames(normalized, config) * periodic_hann(config.frame_length)
    return np.abs(rfft(windowed, config.fft_length, axis=-1))


def mel_energies(waveforms, config: MfccConfig = KWS) -> np.ndarray:
    """Mel-filtered magnitudes before the logarithm, without any normalization.

    They are proportional to the waveform's gain, so dividing them by a peak equals dividing the
    waveform by it. Returns float32 (..., frame count, mel_bins).
    """
    filters = mel_matrix(config)
    used = np.flatnonzero(filters.any(axis=1))  # above high_Hz no filter listens
    heard = slice(used[0], used[-1] + 1) if used.size else slice(0, 0)
    windowed = frames(np.asarray(waveforms, np.float32), config)
    windowed = windowed * periodic_hann(config.frame_length)
    return np.abs(rfft(windowed, config.fft_length, axis=-1)[..., heard]) @ filters[heard]


def log_mel(waveforms, config: MfccConfig = KWS, *, peak: float | None = None) -> np.ndarray:
    """Natural logarithm of the mel-filtered magnitudes.

    Parameters are those of `spectrogram`; returns float32 (..., frame count, mel_bins).
    """
    return _in_chunks(waveforms, lambda chunk: _log_mel_chunk(chunk, config, peak))


def mfcc(waveforms, config: MfccConfig = KWS, *, peak: float | None = None) -> np.ndarray:
    """Mel-frequency cepstral coefficients.

    Parameters
    ----------
    waveforms : int16 or float array (..., samples)
    config : MfccConfig
    peak : float, optional
        See `spectrogram`.

    Returns
    -------
    float32 array (..., frame count, coefficients)
        (49, 10) for one second with the default configuration.

    Examples
    --------
    >>> mfcc(np.zeros((3, 16000), dtype=np.int16)).shape
    (3, 49, 10)
    """
    transform = dct_matrix(config)
    return _in_chunks(waveforms, lambda chunk: _log_mel_chunk(chunk, config, peak) @ transform)


def _normalize(waveforms: np.ndarray, peak: float | None) -> np.ndarray:
    waveforms = waveforms.astype(np.float32)
    if peak is not None:
        return waveforms / np.float32(peak)
    largest = waveforms.max(axis=-1, keepdims=True, initial=-np.inf)
    return waveforms / np.where(largest > 0, largest, np.float32(1))


def _log_mel_chunk(waveforms, config: MfccConfig, peak: float | None) -> np.ndarray:
    energies = mel_energies(_normalize(waveforms, peak), config)
    return np.log(energies + np.float32(config.log_offset))


def _in_chunks(waveforms, compute) -> np.ndarray:
    waveforms = np.asarray(waveforms)
    if waveforms.ndim < 2 or waveforms.size == 0:
        return compute(waveforms)
    flat = waveforms.reshape(-1, waveforms.shape[-1])
    starts = range(0, len(flat), _CLIPS_AT_ONCE)
    parts = np.concatenate([compute(flat[start : start + _CLIPS_AT_ONCE]) for start in starts])
    return parts.reshape(*waveforms.shape[:-1], *parts.shape[1:])


def _read_only(array: np.ndarray) -> np.ndarray:
    array = array.astype(np.float32)
    array.setflags(write=False)
    return array
