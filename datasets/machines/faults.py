"""What a fault does to a machine's vibration: functions (force, machine, running, severity, rng).

`severity` runs from 0 (just begun) to 1 (heard by anyone who stands beside it).
Source of the signatures: Randall, "Vibration-based Condition Monitoring" (2011), chapters 2 and 5.
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from datasets.machines.machine import Machine
from datasets.machines.sources import SAMPLE_RATE, Running, impacts, unit

__all__ = ["FAULTS"]


def _imbalance(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """A heavy side: the shaft's own frequency grows, and every other force swells once a turn."""
    phase = rng.uniform(0, 2 * np.pi)
    swell = 1 + 0.8 * severity * np.cos(running.angle + phase)
    whirl = np.cos(running.angle + phase) + 0.5 * np.cos(2 * running.angle + phase)
    return force * swell + 2.5 * severity * whirl


def _gear_tooth(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """A chipped tooth of the pinion: one blow a turn, and a dip of the mesh around it."""
    blows = impacts(running, 1.0, rng, slip=0.004, spread=0.2)
    return force + 22 * severity * _rung(blows)


def _bearing_outer(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """A pit in the outer ring: a blow for every ball that rolls over it."""
    blows = impacts(running, machine.bearing.outer_race, rng, slip=0.02)
    return force + 16 * severity * blows


def _bearing_inner(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """A pit in the inner ring: it turns into and out of the loaded zone once a turn."""
    blows = impacts(running, machine.bearing.inner_race, rng, slip=0.02)
    loaded = np.clip(np.cos(running.angle + rng.uniform(0, 2 * np.pi)), 0, None)
    return force + 24 * severity * blows * loaded


def _looseness(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """A loose foot: the housing lifts and hits the base, which clips the motion at half orders."""
    lifting = np.cos(0.5 * running.angle + rng.uniform(0, 2 * np.pi))
    rattle = impacts(running, 0.5, rng, slip=0.15, spread=0.8)
    clipped = np.tanh(1.5 * force)
    mix = 0.6 * severity
    return (1 - mix) * force + mix * clipped + 1.2 * severity * lifting + 18 * severity * rattle


def _rubbing(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """The rotor touches its guard for part of each turn: bursts of scraping noise."""
    band_Hz = (rng.uniform(900, 2000), rng.uniform(3500, 6500))
    scraping = rng.normal(size=running.samples)
    scraping = sosfilt(butter(2, band_Hz, "band", fs=SAMPLE_RATE, output="sos"), scraping)
    contact = np.clip(np.cos(running.angle + rng.uniform(0, 2 * np.pi)), 0, 1) ** 2
    return force + 2.4 * severity * unit(scraping) * contact


def _dry_bearing(force, machine: Machine, running: Running, severity: float, rng) -> np.ndarray:
    """No grease: friction noise above 2 kHz that comes and goes."""
    friction = rng.normal(size=running.samples)
    friction = sosfilt(butter(2, 2000, "high", fs=SAMPLE_RATE, output="sos"), friction)
    swell = lfilter([1], [1, -0.9995], rng.normal(size=running.samples))
    return force + 1.5 * severity * unit(friction) * np.exp(0.4 * unit(swell))


def _rung(blows: np.ndarray) -> np.ndarray:
    """Blows as a gear wheel passes them on: a millisecond long."""
    decay = np.exp(-np.arange(64) / 16)
    return lfilter(decay / np.sqrt(np.sum(decay**2)), [1], blows)


FAULTS: dict[str, Callable[..., np.ndarray]] = {
    "imbalance": _imbalance,
    "gear tooth": _gear_tooth,
    "bearing outer race": _bearing_outer,
    "bearing inner race": _bearing_inner,
    "looseness": _looseness,
    "rubbing": _rubbing,
    "dry bearing": _dry_bearing,
}
