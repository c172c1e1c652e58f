"""One word in, one dry waveform out: a thin wrapper around each speech-synthesis program.

Every engine takes the same three things: a voice, a text, and a `Prosody` (rate and pitch as
factors of the voice's own, 1 = as the voice was made). It returns float64 samples at 16 kHz,
trimmed and normalized, or None where the program gave no sound. Only the build needs these
programs.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

SAMPLE_RATE = 16000

# The pitch each flite voice speaks at when nothing is asked of it, in hertz.
FLITE_PITCH_HZ = {"awb": 140, "rms": 100, "slt": 175}


@dataclass(frozen=True)
class Prosody:
    """How a word is spoken: factors `rate` and `pitch`; `melody` is the size of pitch movements."""

    rate: float = 1.0
    pitch: float = 1.0
    melody: float = 1.0


def synthesise(engine: str, voice: str, text: str, prosody: Prosody) -> np.ndarray | None:
    """Speak `text`; shape (n,) float64 in -1..1 at 16 kHz without silence around it, or None."""
    with tempfile.TemporaryDirectory(prefix="tinylab-speech-") as folder:
        path = Path(folder) / "word.wav"
        ENGINES[engine](voice, text, prosody, path)
        if not path.exists() or path.stat().st_size < 1000:
            return None
        samples, rate = soundfile.read(path, dtype="float64")
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
    return trim(samples)


def trim(samples: np.ndarray, threshold: float = 0.015, margin: int = 320) -> np.ndarray | None:
    """Cut the silence around a word (below `threshold` of its loudest 10 ms); scale its peak."""
    power = np.convolve(samples**2, np.ones(160) / 160, "same")
    if power.max() < 1e-8:
        return None
    loud = np.flatnonzero(power > threshold**2 * power.max())
    word = samples[max(0, loud[0] - margin) : loud[-1] + margin]
    return 0.85 * word / np.abs(word).max()


def _run(command: list[str], text: str = "") -> None:
    subprocess.run(command, input=text.encode(), capture_output=True, timeout=30, check=False)


def _espeak(voice: str, text: str, prosody: Prosody, path: Path) -> None:
    """`voice` is "accent+variant"; 50 is espeak's middle pitch, 165 words a minute a usual rate."""
    pitch = int(np.clip(50 + 60 * np.log2(prosody.pitch), 0, 99))
    rate = int(np.clip(165 * prosody.rate, 90, 350))
    _run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(rate), "-w", str(path), text])


def _flite(voice: str, text: str, prosody: Prosody, path: Path) -> None:
    settings = {
        "duration_stretch": 1 / prosody.rate,
        "int_f0_target_mean": FLITE_PITCH_HZ[voice] * prosody.pitch,
        "int_f0_target_stddev": 22 * prosody.melody,
    }
    options = [part for key, value in settings.items() for part in ("--setf", f"{key}={value:.3f}")]
    _run(["flite", "-voice", voice, "-t", text, "-o", str(path), *options])


def _festival(voice: str, text: str, prosody: Prosody, path: Path) -> None:
    pitch, spread = 110 * prosody.pitch, 15 * prosody.melody
    melody = f"((target_f0_mean {pitch:.0f}) (target_f0_std {spread:.0f})"
    scheme = (
        f"(begin (voice_{voice}) (Parameter.set 'Duration_Stretch {1 / prosody.rate:.3f})"
        f" (set! int_lr_params '{melody} (model_f0_mean 170) (model_f0_std 34))))"
    )
    _run(["text2wave", "-eval", scheme, "-o", str(path)], text)


def _pico(voice: str, text: str, prosody: Prosody, path: Path) -> None:
    pitch = int(np.clip(100 * prosody.pitch, 50, 200))
    rate = int(np.clip(102 * prosody.rate, 30, 300))
    spoken = f'<pitch level="{pitch}"><speed level="{rate}">{text}</speed></pitch>'
    _run(["pico2wave", "-l", voice, "-w", str(path), spoken])


def _rhvoice(voice: str, text: str, prosody: Prosody, path: Path) -> None:
    rate, pitch = (
        int(np.clip(95 * prosody.rate, 40, 200)),
        int(np.clip(100 * prosody.pitch, 50, 200)),
    )
    _run(["RHVoice-test", "-p", voice, "-r", str(rate), "-t", str(pitch), "-o", str(path)], text)


ENGINES = {
    "espeak": _espeak,
    "flite": _flite,
    "festival": _festival,
    "pico": _pico,
    "rhvoice": _rhvoice,
}
