"""One recording of a machine: from what is known of it to samples at 16 kHz."""

import functools
from dataclasses import dataclass

import numpy as np

from datasets.machines.faults import FAULTS
from datasets.machines.machine import Machine
from datasets.machines.sources import healthy_force, run_up
from datasets.machines.surroundings import factory, radiated, room

__all__ = ["Condition", "record"]

_LEVEL = 0.045  # rms of a recording, of full scale: leaves room for blows
_MACHINE_TO_FACTORY_dB = 10.0


@dataclass(frozen=True)
class Condition:
    """The state a machine is in when it is recorded.

    Attributes
    ----------
    fault : str
        A key of `FAULTS`, or "" for none.
    severity : float
        0 to 1; 0 without a fault.
    load : float
        0 (idle) to 1 (rated).
    speed : float
        Of the shaft, in units of the machine's own.
    wear : float
        0 (new) to 1 (a year old); see `sources.healthy_force`.
    """

    fault: str = ""
    severity: float = 0.0
    load: float = 0.5
    speed: float = 1.0
    wear: float = 0.0


def record(
    machine: Machine, condition: Condition, rng: np.random.Generator, seconds: float
) -> np.ndarray:
    """The machine as a microphone in the factory hears it, shape (n,) float64, within -1..1."""
    sound = room(_sound(machine, condition, rng, seconds) / _usual_level(machine), rng)
    to_noise_dB = _MACHINE_TO_FACTORY_dB + rng.normal(0, 1.5)
    heard = sound + factory(len(sound), rng) * 10 ** (-to_noise_dB / 20)
    return np.clip(heard * _LEVEL * np.exp(rng.normal(0, 0.05)), -1, 1)


def _sound(machine: Machine, condition: Condition, rng, seconds: float) -> np.ndarray:
    running = run_up(machine, seconds, condition.load, condition.speed, rng)
    force = healthy_force(machine, running, condition.wear, rng)
    if condition.fault:
        force = FAULTS[condition.fault](force, machine, running, condition.severity, rng)
    return radiated(machine, force, 0.03 * condition.wear, rng)


@functools.lru_cache
def _usual_level(machine: Machine) -> float:
    """Rms of the new machine at half load; only one that changes gets louder or quieter."""
    rng = np.random.default_rng(0)
    return float(np.mean([_sound(machine, Condition(), rng, 2.0).std() for _ in range(4)]))
