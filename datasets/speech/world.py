"""New speakers from old: change pitch, vocal tract, timbre and timing with the WORLD vocoder.

WORLD (Morise, Yokomori and Ozawa 2016) splits speech into a pitch contour, a smooth spectral
envelope and an aperiodicity (how breathy each band is). Each can be changed on its own and speech
synthesised again: shifting the envelope along the frequency axis makes the vocal tract longer or
shorter.
"""

from dataclasses import dataclass

import numpy as np
import pyworld

SAMPLE_RATE = 16000
FRAME_S = 0.005


@dataclass(frozen=True)
class Tract:
    """What makes a speaker, the same for every word.

    `pitch_Hz` is the median pitch; `low` and `high` move the formants below and above about 2.5 kHz
    (1.2 = 20 % higher, a shorter tract); `tilt` and `ripple` colour the envelope (natural log
    units);
    `breath` is the exponent on the aperiodicity (below 1 = breathier); `drawl` stretches time.
    """

    pitch_Hz: float
    low: float
    high: float
    tilt: float
    ripple: tuple[float, float, float]
    breath: float
    drawl: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Tract":
        """Draw a plausible person: high voices tend to have short vocal tracts."""
        pitch = float(np.clip(np.exp(rng.normal(np.log(165), 0.38)), 75, 380))
        low = float((pitch / 130) ** 0.33 * np.exp(rng.normal(0, 0.06)))
        return cls(
            pitch_Hz=pitch,
            low=low,
            high=low * float(np.exp(rng.normal(0, 0.05))),
            tilt=float(rng.normal(0, 1.2)),
            ripple=(float(rng.uniform(0, 0.45)), float(rng.uniform(1, 4)), float(rng.random())),
            breath=float(np.exp(rng.normal(0, 0.35))),
            drawl=float(np.exp(rng.normal(-0.05, 0.12))),
        )


def warp(word: np.ndarray, tract: Tract, rng: np.random.Generator) -> np.ndarray:
    """Let the speaker `tract` say `word`, shape (n,) float64 at 16 kHz; each call is a new take."""
    pitch, times = pyworld.dio(word, SAMPLE_RATE, f0_floor=60, f0_ceil=500)
    pitch = pyworld.stonemask(word, pitch, times, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(word, pitch, times, SAMPLE_RATE)
    aperiodicity = pyworld.d4c(word, pitch, times, SAMPLE_RATE)
    voiced = pitch > 0
    own_pitch = float(np.exp(np.log(pitch[voiced]).mean())) if voiced.any() else tract.pitch_Hz
    # The envelope already belongs to a tract that goes with the voice's own pitch: warp by the
    # ratio.
    own_tract = (own_pitch / 130) ** 0.33
    positions = _warped_bins(envelope.shape[1], tract, own_tract)
    envelope = np.exp(_take_bins(np.log(envelope + 1e-16), positions) + _colour(positions, tract))
    aperiodicity = np.clip(_take_bins(aperiodicity, positions) ** tract.breath, 1e-3, 1)
    pitch = _new_melody(pitch, own_pitch, tract, rng)
    frames = _new_timing(len(pitch), tract, rng)
    return pyworld.synthesize(
        *(np.ascontiguousarray(part[frames]) for part in (pitch, envelope, aperiodicity)),
        SAMPLE_RATE,
    )


def _warped_bins(bins: int, tract: Tract, own: float) -> np.ndarray:
    """For each output bin, the (fractional) input bin whose energy moves there."""
    low, high = np.clip([tract.low / own, tract.high / own], 0.78, 1.32)
    relative = np.arange(bins) / (bins - 1)
    knee = 0.32
    source = np.where(relative < knee, relative / low, knee / low + (relative - knee) / high)
    return np.clip(source, 0, 1) * (bins - 1)


def _take_bins(spectrum: np.ndarray, positions: np.ndarray) -> np.ndarray:
    left = np.minimum(positions.astype(int), spectrum.shape[1] - 2)
    weight = positions - left
    return spectrum[:, left] * (1 - weight) + spectrum[:, left + 1] * weight


def _colour(positions: np.ndarray, tract: Tract) -> np.ndarray:
    relative = np.linspace(0, 1, len(positions))
    depth, cycles, phase = tract.ripple
    return tract.tilt * (relative - 0.3) + depth * np.sin(2 * np.pi * (cycles * relative + phase))


def _new_melody(
    pitch: np.ndarray, own_pitch: float, tract: Tract, rng: np.random.Generator
) -> np.ndarray:
    """The speaker's pitch with a new intonation: movements rescaled, a slope or an arch, jitter."""
    voiced = pitch > 0
    count = int(voiced.sum())
    if not count:
        return pitch
    x = np.linspace(-1, 1, count)
    movement = np.log(pitch[voiced] / own_pitch) * rng.uniform(0.3, 1.8)
    slope = rng.choice([0.0, rng.uniform(-0.35, 0.1), rng.uniform(-0.1, 0.35)]) * x
    arch = rng.uniform(-0.2, 0.2) * (1 - x * x) * (rng.random() < 0.4)
    jitter = np.cumsum(rng.normal(0, 0.01, count))
    jitter -= np.linspace(jitter[0], jitter[-1], count)
    take = np.log(tract.pitch_Hz) + rng.normal(0, 0.07)
    melody = np.zeros_like(pitch)
    melody[voiced] = np.clip(np.exp(take + movement + slope + arch + jitter), 60, 480)
    return melody


def _new_timing(frames: int, tract: Tract, rng: np.random.Generator) -> np.ndarray:
    """Indices of the frames to speak: some parts of the word slower, some faster."""
    pace = np.interp(np.linspace(0, 3, frames), range(4), np.exp(rng.normal(0, 0.2, 4)))
    pace *= tract.drawl * np.exp(rng.normal(0, 0.13))
    reached = np.cumsum(pace)
    # 25..200 frames of 5 ms: no word shorter than an eighth of a second or longer than one.
    count = int(np.clip(reached[-1], 25, 1.0 / FRAME_S))
    return np.searchsorted(reached, np.linspace(0, reached[-1], count)).clip(0, frames - 1)
