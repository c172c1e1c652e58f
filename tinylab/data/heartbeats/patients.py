"""Who is recorded: patients drawn from a seed, each with a heart, a lead and electrodes.

In: a seed, and whether the patient is one of those to train on or a hidden, harder one. Out: a
`Recording`. Hidden patients have early beats that are less early, more fibrillation, more aberrant
and blocked conduction, looser electrodes and a worse detector.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.data.heartbeats import disturbances
from tinylab.data.heartbeats.recording import SAMPLE_RATE, Recording, STEP_mV
from tinylab.data.heartbeats.rhythm import ATRIAL, VENTRICULAR, Beat, Rhythm, beats_of
from tinylab.data.heartbeats.waves import SHAPES, WAVES, draw_beats

__all__ = ["BEATS", "HIDDEN", "TRAINING", "Population", "record_patient"]

BEATS = 220
"""Beats of a recording: three minutes."""


@dataclass(frozen=True)
class Population:
    """What patients of a kind have in common.

    Parameters
    ----------
    name : str
    prematurity : tuple of two floats
        Range of the intervals of early beats, as a share of the patient's mean.
    fibrillating, left_block, right_block, sick_sinus : float
        Shares of patients.
    aberrant : float
        Share of atrial beats that are conducted with a block.
    motion : float
        Bursts of electrode motion in a minute.
    jitter : int
        The detector is off by up to so many samples.
    """

    name: str
    prematurity: tuple[float, float]
    fibrillating: float
    left_block: float
    right_block: float
    sick_sinus: float
    aberrant: float
    motion: float
    jitter: int


TRAINING = Population("training", (0.50, 0.88), 0.08, 0.08, 0.08, 0.08, 0.06, 0.4, 1)
HIDDEN = Population("hidden", (0.55, 0.94), 0.14, 0.10, 0.16, 0.08, 0.10, 1.5, 3)


@dataclass(frozen=True, eq=False)
class _Heart:
    """A patient: rhythm, waves of each kind (5, 3), gain and the variation from beat to beat."""

    rhythm: Rhythm
    own: np.ndarray
    early: np.ndarray
    aberrant: np.ndarray
    foci: tuple[np.ndarray, ...]
    gain: float
    unsteady: float


def record_patient(population: Population, seed: int, number: int, beats: int = BEATS) -> Recording:
    """Record one patient; the same arguments give the same recording.

    Parameters
    ----------
    population : Population
    seed, number : int
        Which patient.
    beats : int
    """
    key = [seed, number, *population.name.encode()]
    rng = np.random.default_rng(key)
    heart = _heart(population, rng)
    made = beats_of(heart.rhythm, beats, rng)
    peaks_s = 1.0 + np.cumsum([beat.rr_s for beat in made])
    samples = int((peaks_s[-1] + 1.0) * SAMPLE_RATE)
    rr_s = np.array([beat.rr_s for beat in made])
    around = np.stack([rr_s, np.append(rr_s[1:], rr_s[-1])], axis=1)
    signal = draw_beats(samples, peaks_s, around, _waves(heart, population, made, rng))
    signal = disturbances.disturb(signal, heart.rhythm.fibrillates, population.motion, rng)
    off = rng.integers(-population.jitter, population.jitter + 1, beats)
    return Recording(
        f"{population.name} {seed}-{number}",
        np.clip(np.round(signal / STEP_mV), -2047, 2047).astype(np.int16),
        np.round(peaks_s * SAMPLE_RATE).astype(np.int64) + off,
        np.array([beat.label for beat in made], np.int64),
    )


def _heart(population: Population, rng: np.random.Generator) -> _Heart:
    conduction = rng.choice(
        ["left block", "right block", "normal"],
        p=[
            population.left_block,
            population.right_block,
            1 - population.left_block - population.right_block,
        ],
    )
    rhythm = _rhythm(population, rng)
    own = _lead(_varied(conduction, rng), rng)
    if rhythm.fibrillates:
        own[WAVES.index("P"), 1] = 0.0
    early, aberrant = own.copy(), own.copy()
    early[WAVES.index("P")] *= [rng.uniform(0.5, 1.1), rng.uniform(-0.8, 1.2), rng.uniform(0.6, 1)]
    block = _varied("right block" if rng.random() < 0.7 else "left block", rng)
    aberrant[1:] = block[1:] * [1, np.sign(own[2, 1]) * rng.uniform(0.7, 1.2), 1]
    aberrant[0] = early[0]
    foci = tuple(_focus(rng) for _ in range(1 + (rng.random() < 0.4)))
    gain = float(np.exp(rng.normal(0, 0.3)))
    return _Heart(rhythm, own, early, aberrant, foci, gain, rng.uniform(0.03, 0.1))


def _rhythm(population: Population, rng: np.random.Generator) -> Rhythm:
    """Few patients have many early beats, many have few."""
    sick = rng.random() < population.sick_sinus
    fibrillates = not sick and rng.random() < population.fibrillating
    lowest = rng.uniform(*population.prematurity)
    frequent = rng.random() < 0.35
    return Rhythm(
        rr_s=60 / float(np.clip(rng.normal(75, 14), 46, 120)) * (1.35 if sick else 1.0),
        variation=rng.uniform(0.14, 0.24) if fibrillates else rng.uniform(0.008, 0.05),
        fibrillates=bool(fibrillates),
        atrial=0.0 if fibrillates else 0.35 if sick else float(rng.beta(1, 9 if frequent else 40)),
        ventricular=float(rng.beta(1, 6 if rng.random() < 0.35 else 40)),
        atrial_run=rng.uniform(0.6, 0.85)
        if sick
        else rng.choice([0.05, 0.3, 0.7], p=[0.6, 0.3, 0.1]),
        ventricular_run=float(rng.choice([0.03, 0.25, 0.6], p=[0.6, 0.3, 0.1])),
        bigeminy=float(rng.choice([0.0, 0.5, 0.8], p=[0.7, 0.2, 0.1])),
        prematurity=(max(lowest - 0.1, 0.4), min(lowest + 0.1, population.prematurity[1])),
        pause=(1.0, 1.05) if rng.random() < 0.1 else (1.15, 1.55),
        rest_s=rng.uniform(1.2, 2.2) if sick else 0.0,
    )


def _varied(kind: str, rng: np.random.Generator) -> np.ndarray:
    """The waves of a kind as one patient has them: angle (rad), height (mV), width (rad)."""
    shape = SHAPES[kind]
    rows = np.zeros((len(WAVES), 3))
    rows[:, 2] = 0.1  # a wave that is not there still has a width
    for row, wave in zip(rows, WAVES, strict=True):
        if wave in shape:
            near = 0.3 if wave in "QRS" else 1.0
            row[0] = np.deg2rad(shape[wave].angle_deg) + near * rng.normal(0, 0.10)
            row[1] = shape[wave].height_mV * np.exp(rng.normal(0, 0.35))
            row[2] = shape[wave].width_rad * np.exp(rng.normal(0, 0.16))
    return rows


def _lead(waves: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Where the electrodes lie: QRS may be small or point down, T may be flat or inverted."""
    waves = waves.copy()
    if rng.random() < 0.12:
        waves[2, 1], waves[3, 1] = 0.35 * waves[2, 1], 3.0 * waves[3, 1]
    waves[4, 1] *= rng.choice([1.0, 0.3, -0.7], p=[0.72, 0.13, 0.15])
    waves[0, 1] *= rng.choice([1.0, 0.4, -0.5], p=[0.8, 0.12, 0.08])
    return waves


def _focus(rng: np.random.Generator) -> np.ndarray:
    """The waves of beats from one spot in the ventricles: up, down or both ways."""
    waves = _varied("ventricular", rng)
    waves[1:, 1] *= rng.choice([1.0, -1.0], p=[0.6, 0.4]) * rng.uniform(0.6, 1.3)
    waves[3, 1] *= rng.uniform(-0.3, 1.8)
    waves[1:4, 2] *= rng.uniform(0.75, 1.15)
    return waves


def _waves(
    heart: _Heart, population: Population, beats: list[Beat], rng: np.random.Generator
) -> np.ndarray:
    """The waves of every beat, shape (beats, 5, 3), each a little different."""
    rows = []
    for beat in beats:
        if beat.label == VENTRICULAR:
            rows.append(heart.foci[rng.integers(len(heart.foci))])
        elif beat.label == ATRIAL:
            aberrant = rng.random() < population.aberrant
            rows.append(heart.aberrant if aberrant else heart.early)
        else:
            rows.append(heart.own)
    waves = np.stack(rows)
    size = waves.shape[:2]
    waves[..., 0] += rng.normal(0, 0.15 * heart.unsteady, size)
    waves[..., 1] *= np.exp(rng.normal(0, heart.unsteady, size)) * heart.gain
    waves[..., 2] *= np.exp(rng.normal(0, 0.5 * heart.unsteady, size))
    return waves
