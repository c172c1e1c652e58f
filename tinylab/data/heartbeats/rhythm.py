"""When beats come and of which kind: sinus rhythm, atrial fibrillation, early beats and runs.

In: a patient's rhythm. Out: intervals and classes, beat by beat.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Beat", "Rhythm", "beats_of"]

SHORTEST_s, LONGEST_s = 0.27, 3.0
NORMAL, ATRIAL, VENTRICULAR = 0, 1, 2


@dataclass(frozen=True)
class Rhythm:
    """How a patient's heart is paced.

    Parameters
    ----------
    rr_s : float
        Mean interval of its own beats.
    variation : float
        Standard deviation of that interval by breathing, slow waves and chance, as a share of it.
    fibrillates : bool
        The atria fibrillate: no P wave, and intervals as chance will.
    atrial, ventricular : float
        How likely each beat is to be early, from the atria or the ventricles.
    atrial_run, ventricular_run : float
        How likely one more early beat follows an early one.
    bigeminy : float
        How likely a ventricular beat follows the normal one after a ventricular one.
    prematurity : tuple of two floats
        Range of an early beat's interval, as a share of `rr_s`.
    pause : tuple of two floats
        Range of the interval after a ventricular beat, as a share of `rr_s`; it resets after an
        atrial one. A sick sinus node pauses long: `rest_s` seconds at least.
    rest_s : float
    """

    rr_s: float
    variation: float
    fibrillates: bool
    atrial: float
    ventricular: float
    atrial_run: float
    ventricular_run: float
    bigeminy: float
    prematurity: tuple[float, float]
    pause: tuple[float, float] = (1.15, 1.5)
    rest_s: float = 0.0


@dataclass(frozen=True)
class Beat:
    """Seconds since the beat before, and the class (an index into `CLASSES`)."""

    rr_s: float
    label: int


def beats_of(rhythm: Rhythm, count: int, rng: np.random.Generator) -> list[Beat]:
    """The first `count` beats; the first one follows the patient's mean interval."""
    stream = _endless(rhythm, rng)
    return [next(stream) for _ in range(count)]


def _endless(rhythm: Rhythm, rng: np.random.Generator) -> Iterator[Beat]:
    time_s, before, last, phases = 0.0, NORMAL, NORMAL, rng.uniform(0, 2 * np.pi, 2)
    breath_Hz, slow_Hz = rng.uniform(0.18, 0.35), rng.uniform(0.06, 0.12)
    while True:
        waves = np.sin(2 * np.pi * np.array([breath_Hz, slow_Hz]) * time_s + phases)
        own_s = rhythm.rr_s * _own_interval(rhythm, waves, rng)
        label = _next_label(rhythm, before, last, rng)
        if label != NORMAL:
            beat_s = rhythm.rr_s * rng.uniform(*rhythm.prematurity)
            beat_s *= 1.0 if last != label else rng.uniform(0.85, 1.1)
        elif last == VENTRICULAR:
            beat_s = rhythm.rr_s * rng.uniform(*rhythm.pause)
        elif last == ATRIAL:
            beat_s = max(own_s * rng.uniform(0.98, 1.2), rhythm.rest_s * rng.uniform(0.7, 1.4))
        else:
            beat_s = own_s
        beat_s = float(np.clip(beat_s, SHORTEST_s, LONGEST_s))
        yield Beat(beat_s, label)
        time_s, before, last = time_s + beat_s, last, label


def _own_interval(rhythm: Rhythm, waves: np.ndarray, rng: np.random.Generator) -> float:
    """The interval of a beat that comes in its turn, as a share of the mean."""
    if rhythm.fibrillates:
        return float(np.exp(rng.normal(0, rhythm.variation)))
    return float(1 + rhythm.variation * (waves @ [0.9, 0.7] + 0.55 * rng.standard_normal()))


def _next_label(rhythm: Rhythm, before: int, last: int, rng: np.random.Generator) -> int:
    chance = rng.random()
    if last == VENTRICULAR:
        return VENTRICULAR if chance < rhythm.ventricular_run else NORMAL
    if last == ATRIAL:
        return ATRIAL if chance < rhythm.atrial_run else NORMAL
    if before == VENTRICULAR and chance < rhythm.bigeminy:
        return VENTRICULAR
    if chance < rhythm.ventricular:
        return VENTRICULAR
    return ATRIAL if chance < rhythm.ventricular + rhythm.atrial else NORMAL
