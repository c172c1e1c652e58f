"""The streaming wake word: one long recording in, false accepts and misses out.

The data are a `.wav` and, beside it, `NAME_ww_windows.json`: when the word is said, as pairs of
seconds. A detection counts for a word from its start until half a second after its end; false
accepts within a second after a word are forgiven, and those within a second of one another are one.

Source: github.com/mlcommons/tiny, benchmark/training/streaming_wakeword (features, threshold and
tolerances of its evaluation).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from scipy.fft import rfft

from tinylab.signal.mfcc import MfccConfig, mel_matrix

__all__ = ["WakeWordRecording", "WakeWordScore", "features", "open_recording", "score_detections"]

SAMPLE_RATE = 16000
FRAME, STEP, MELS = 1024, 512, 40
PRE_EMPHASIS = 1 - 2**-5
THRESHOLD = 0.95
LATE_S, FORGIVEN_S, DEBOUNCE_S = 0.5, 1.0, 1.0
_MELS = MfccConfig(
    frame_length=FRAME, frame_step=STEP, fft_length=FRAME, mel_bins=MELS, low_Hz=0.0, high_Hz=8000.0
)


@dataclass(frozen=True)
class WakeWordRecording:
    """A long recording and when its wake word is said.

    Attributes
    ----------
    waveform : float32 array (samples,), -1 to 1, 16 kHz
    windows_s : float64 array (words, 2)
        Start and end of each wake word.
    """

    waveform: np.ndarray
    windows_s: np.ndarray


@dataclass(frozen=True)
class WakeWordScore:
    """What a detector made of a recording."""

    words: int
    misses: int
    false_accepts: int
    duration_s: float


def open_recording(path: str | Path) -> WakeWordRecording:
    """Read the one recording of a folder and its windows.

    Raises
    ------
    FileNotFoundError
        No recording, or no windows beside it.
    ValueError
        Several recordings, another sample rate or several channels, or windows that are no pairs.
    """
    folder = Path(path)
    if not list(folder.glob("*.wav")) and (folder / "sww01").is_dir():
        folder = folder / "sww01"
    sounds = sorted(folder.glob("*.wav"))
    if not sounds:
        raise FileNotFoundError(f"{folder} holds no .wav: a streaming benchmark is one recording")
    if len(sounds) > 1:
        raise ValueError(f"{folder} holds {len(sounds)} .wav files: leave one there")
    beside = sounds[0].with_name(f"{sounds[0].stem}_ww_windows.json")
    if not beside.is_file():
        raise FileNotFoundError(f"there is no {beside.name} beside {sounds[0].name}")
    waveform, rate = soundfile.read(sounds[0], dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE or waveform.shape[1] != 1 or len(waveform) < FRAME:
        raise ValueError(
            f"{sounds[0].name} has {rate} Hz, {waveform.shape[1]} channels and {len(waveform)}"
            f" samples: pass one channel of {SAMPLE_RATE} Hz, at least {FRAME} samples"
        )
    return WakeWordRecording(waveform[:, 0], _windows(beside, len(waveform) / SAMPLE_RATE))


def _windows(path: Path, duration_s: float) -> np.ndarray:
    try:
        pairs = np.array(json.loads(path.read_text(encoding="utf-8")), np.float64)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path.name} holds no pairs of seconds: {error}") from error
    inside = pairs.ndim == 2 and pairs.shape[1] == 2 and 0 <= pairs.min()
    if not inside or pairs.max() > duration_s or not (pairs[:, 0] < pairs[:, 1]).all():
        raise ValueError(
            f"{path.name} must hold pairs [start, end] in seconds, each inside the"
            f" {duration_s:.1f} s of the recording"
        )
    return pairs


def features(waveform: np.ndarray) -> np.ndarray:
    """The benchmark's log filter bank energies, in 0..1.

    Parameters
    ----------
    waveform : float array (samples,)
        Scaled to a peak of 1 first, as the benchmark does.

    Returns
    -------
    float32 array (frames, 40)
        A frame of 64 ms every 32 ms; (10 log10(energy) + 52) / 64, cut to 0..1.
    """
    sound = np.asarray(waveform, np.float32)
    peak = np.abs(sound).max()
    sound = sound / peak if peak > 0 else sound
    sharp = np.append(sound[:1], sound[1:] - np.float32(PRE_EMPHASIS) * sound[:-1])
    frames = np.lib.stride_tricks.sliding_window_view(sharp, FRAME)[::STEP]
    window = np.hamming(FRAME).astype(np.float32)
    power = np.abs(rfft(frames * window, FRAME)) ** 2 / FRAME
    energy = np.maximum(power, 1e-30) @ mel_matrix(_MELS)
    level = 10 * np.log10(np.maximum(energy, 1e-30))
    return np.clip((level + 52) / 64, 0, 1).astype(np.float32)


def windows_of(frames: np.ndarray, length: int) -> np.ndarray:
    """Every run of `length` frames, (frames - length + 1, length, 40)."""
    view = np.lib.stride_tricks.sliding_window_view(frames, length, axis=0)
    return np.moveaxis(view, -1, 1)


def score_detections(fired: np.ndarray, recording: WakeWordRecording) -> WakeWordScore:
    """Compare what a detector said with when the word was said.

    Parameters
    ----------
    fired : bool array (windows,)
        One for each run of frames; the last one ends with the recording.
    recording : WakeWordRecording
    """
    step_s = STEP / SAMPLE_RATE
    duration_s = len(recording.waveform) / SAMPLE_RATE
    starts = duration_s - step_s * np.arange(len(fired), 0, -1)
    ends, times = starts[fired] + step_s, starts[fired]
    misses, forgiven = 0, np.zeros(len(times), bool)
    for first, last in recording.windows_s:
        misses += not np.any((ends > first) & (times < last + LATE_S))
        forgiven |= (times >= first) & (times < last + FORGIVEN_S)
    return WakeWordScore(
        words=len(recording.windows_s),
        misses=misses,
        false_accepts=_debounced(times[~forgiven]),
        duration_s=duration_s,
    )


def _debounced(times: np.ndarray) -> int:
    """How many detections are left if each silences the second after it."""
    count, quiet_until = 0, -np.inf
    for moment in times:
        if moment >= quiet_until:
            count, quiet_until = count + 1, moment + DEBOUNCE_S
    return count
