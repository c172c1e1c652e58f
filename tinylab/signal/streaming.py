"""Features of sound that never ends: a stream of frames, windows that slide over a recording."""

import numpy as np

from tinylab.signal.mfcc import KWS, MfccConfig, dct_matrix, mel_energies, mfcc

__all__ = ["StreamingMfcc", "sliding_mfcc"]


class StreamingMfcc:
    """The same features for sound that never ends: push samples, take feature vectors.

    A stream has no largest sample to divide by, so the gain must come from elsewhere. With a
    `peak` it is fixed, and the features equal `mfcc(waveform, peak=peak)` exactly. Without one it
    follows a running peak that jumps up with the sound and halves every `half_life_s` seconds. A
    gain multiplies every magnitude, which adds a constant to every log-mel energy, which moves
    coefficient 0 and no other one (as long as the magnitudes are well above `log_offset`).

    Parameters
    ----------
    config : MfccConfig
    peak : float, optional
        Fixed divisor, in the units of the samples.
    half_life_s : float
        Seconds in which the running peak decays to half.
    floor : float
        The running peak never falls below it, in the units of the samples (the default suits
        int16), so that silence is not blown up to full scale.

    Examples
    --------
    >>> stream = StreamingMfcc(peak=32768)
    >>> stream.push(np.zeros(480, dtype=np.int16)).shape
    (1, 10)
    >>> stream.push(np.zeros(320, dtype=np.int16)).shape
    (1, 10)
    """

    def __init__(
        self,
        config: MfccConfig = KWS,
        *,
        peak: float | None = None,
        half_life_s: float = 2.0,
        floor: float = 300.0,
    ):
        if peak is not None and peak <= 0:
            raise ValueError(f"peak must be positive, got {peak:g}; leave it out for a running one")
        if half_life_s <= 0 or floor <= 0:
            raise ValueError("half_life_s and floor must be positive")
        self.config = config
        self.peak = peak
        self.half_life_s = half_life_s
        self.floor = floor
        self.reset()

    def reset(self) -> None:
        """Forget all samples and the running peak."""
        self.running_peak_ = float(self.floor)
        self._pending = np.zeros(0, dtype=np.float32)

    def push(self, samples) -> np.ndarray:
        """Take in samples, give out the feature vectors that they complete.

        Parameters
        ----------
        samples : int16 or float array (n,)
            Any number of them; once the first frame is full, each `frame_step` samples give one
            vector.

        Returns
        -------
        float32 array (completed frames, coefficients)
        """
        samples = np.asarray(samples, dtype=np.float32)
        if samples.ndim != 1:
            raise ValueError(f"push takes one channel of samples, got shape {samples.shape}")
        self._pending = np.concatenate([self._pending, samples])
        vectors = []
        while len(self._pending) >= self.config.frame_length:
            frame = self._pending[: self.config.frame_length]
            vectors.append(mfcc(frame, self.config, peak=self._gain_for(frame))[0])
            self._pending = self._pending[self.config.frame_step :]
        return np.array(vectors, dtype=np.float32).reshape(-1, self.config.coefficients)

    def _gain_for(self, frame: np.ndarray) -> float:
        if self.peak is not None:
            return self.peak
        decay = 0.5 ** (self.config.frame_step / self.config.sample_rate_Hz / self.half_life_s)
        self.running_peak_ = max(self.running_peak_ * decay, float(frame.max()), self.floor)
        return self.running_peak_


def sliding_mfcc(
    waveform,
    *,
    hop_frames: int = 5,
    window_samples: int = 16000,
    config: MfccConfig = KWS,
) -> np.ndarray:
    """MFCC of overlapping windows of a long recording, each normalized by its own largest sample.

    Equal to `mfcc` of each window, but every frame is transformed only once: the windows start
    on frame boundaries, and the gain is divided out after the Fourier transform.

    Parameters
    ----------
    waveform : int16 or float array (samples,)
    hop_frames : int
        Frames from the start of one window to the next; 5 are 100 ms.
    window_samples : int
        Length of a window; 16,000 are one second.
    config : MfccConfig

    Returns
    -------
    float32 array (windows, frames per window, coefficients)
        Window i starts at sample i * hop_frames * frame_step.
    """
    waveform = np.asarray(waveform, dtype=np.float32)
    if waveform.ndim != 1 or len(waveform) < window_samples:
        raise ValueError(
            f"sliding_mfcc takes one channel of at least {window_samples} samples (one window),"
            f" got shape {waveform.shape}"
        )
    if hop_frames < 1:
        raise ValueError(f"hop_frames must be at least 1, got {hop_frames}")
    hop = hop_frames * config.frame_step
    windows = np.lib.stride_tricks.sliding_window_view(waveform, window_samples)[::hop]
    energies = mel_energies(waveform, config)
    per_window = config.frame_count(window_samples)
    features = np.empty((len(windows), per_window, config.coefficients), dtype=np.float32)
    for index, window in enumerate(windows):
        largest = window.max()
        first = index * hop_frames
        scaled = energies[first : first + per_window] / (largest if largest > 0 else 1)
        features[index] = np.log(scaled + np.float32(config.log_offset)) @ dct_matrix(config)
    return features
