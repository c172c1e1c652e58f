"""What shakes a healthy machine: shaft, gears, bearing, air. Each is a force (n,) over time."""

from dataclasses import dataclass

import numpy as np

from datasets.machines.machine import Machine

__all__ = ["SAMPLE_RATE", "Running", "healthy_force", "impacts", "run_up", "unit"]

SAMPLE_RATE = 16_000
_HARMONICS = 12
_MESH_HARMONICS = 4
_LINE_Hz = 50.0


@dataclass(frozen=True)
class Running:
    """How the machine turns during one recording.

    Attributes
    ----------
    angle : float64 array (n,)
        Of the shaft, radian.
    shaft_Hz : float
        Mean speed.
    load : float
        0 (idle) to 1 (rated).
    """

    angle: np.ndarray
    shaft_Hz: float
    load: float

    @property
    def samples(self) -> int:
        return len(self.angle)


def run_up(
    machine: Machine, seconds: float, load: float, speed: float, rng: np.random.Generator
) -> Running:
    """Turn the shaft: load slows an induction motor by some percent, and the speed wanders."""
    samples = round(seconds * SAMPLE_RATE)
    slip = 0.04 * (load - 0.5)
    mean_Hz = machine.shaft_Hz * speed * (1 - slip) * (1 + rng.normal(0, 0.008))
    knots = np.cumsum(rng.normal(0, 0.003, int(seconds * 8) + 2))
    wander = np.interp(np.linspace(0, 1, samples), np.linspace(0, 1, len(knots)), knots)
    angle = 2 * np.pi * np.cumsum(mean_Hz * (1 + wander - wander.mean())) / SAMPLE_RATE
    return Running(angle, mean_Hz, load)


def unit(signal: np.ndarray) -> np.ndarray:
    """The signal at root mean square 1."""
    return signal / (np.sqrt(np.mean(signal**2)) + 1e-12)


def impacts(
    running: Running,
    order: float,
    rng: np.random.Generator,
    *,
    slip: float = 0.01,
    spread: float = 0.3,
) -> np.ndarray:
    """Blows that come `order` times a turn of the shaft, shape (n,).

    Parameters
    ----------
    order : float
        Blows in one turn.
    slip : float
        Standard deviation of a blow's moment, in periods: balls slide a little as they roll.
    spread : float
        Standard deviation of a blow's logarithmic strength.
    """
    passed = np.floor(running.angle * order / (2 * np.pi) + rng.random())
    moments = np.flatnonzero(np.diff(passed) > 0)
    period = SAMPLE_RATE / (order * running.shaft_Hz)
    moments = moments + np.round(rng.normal(0, slip * period, len(moments))).astype(int)
    blows = np.zeros(running.samples)
    strength = np.exp(rng.normal(0, spread, len(moments)))
    np.add.at(blows, np.clip(moments, 0, running.samples - 1), strength)
    return blows


def healthy_force(
    machine: Machine, running: Running, wear: float, rng: np.random.Generator
) -> np.ndarray:
    """All sources of a machine in order, as they vary from one recording to the next.

    Parameters
    ----------
    wear : float
        0 for a new machine; 1 after a year: play in the gears, rough raceways, a loaded fan.
    """
    each = np.exp(rng.normal(0, 0.12, 4))  # temperature, lubricant, position of the microphone
    loaded = 0.6 + 0.8 * running.load
    return (
        each[0] * machine.harmonics * _motor(running, rng)
        + each[1] * machine.mesh * loaded * (1 + 0.5 * wear) * _mesh(machine, running, wear, rng)
        + each[2] * machine.rolling * (1 + 1.0 * wear) * _rolling(machine, running, rng)
        + each[3] * machine.flow * (1 + 0.3 * wear) * _flow(machine, running, rng)
    )


def _motor(running: Running, rng: np.random.Generator) -> np.ndarray:
    """Harmonics of the shaft, and the hum of the magnetic field at twice the line's frequency."""
    orders = np.arange(1, _HARMONICS + 1)
    levels = np.exp(-orders / 4 + rng.normal(0, 0.15, len(orders)))
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    turning = sum(
        level * np.cos(order * running.angle + phase)
        for order, level, phase in zip(orders, levels, phases, strict=True)
    )
    time_s = np.arange(running.samples) / SAMPLE_RATE
    hum = sum(
        0.3 / order * np.cos(2 * np.pi * 2 * _LINE_Hz * order * time_s + rng.uniform(0, 2 * np.pi))
        for order in (1, 2, 3)
    )
    return turning + hum


def _mesh(machine: Machine, running: Running, wear: float, rng: np.random.Generator) -> np.ndarray:
    """Teeth that meet: harmonics of the mesh, modulated once a turn by both wheels."""
    output = running.angle / machine.gear_ratio
    uneven = 1 + (0.12 + 0.15 * wear) * np.cos(output + rng.uniform(0, 2 * np.pi))
    uneven += 0.06 * np.cos(running.angle + rng.uniform(0, 2 * np.pi))
    tones = sum(
        np.exp(-0.6 * (order - 1) + rng.normal(0, 0.15))
        * np.cos(order * machine.teeth * running.angle + rng.uniform(0, 2 * np.pi))
        for order in range(1, _MESH_HARMONICS + 1)
    )
    return uneven * tones


def _rolling(machine: Machine, running: Running, rng: np.random.Generator) -> np.ndarray:
    """Broad noise of rough raceways, swelling with the balls' passage, with faint blows in it."""
    rough = rng.normal(size=running.samples)
    rough *= 1 + 0.3 * np.cos(machine.bearing.outer_race * running.angle)
    return rough + 1.5 * impacts(running, machine.bearing.outer_race, rng)


def _flow(machine: Machine, running: Running, rng: np.random.Generator) -> np.ndarray:
    """Air that the fan stirs: noise that swells with every blade."""
    turbulence = np.cumsum(rng.normal(size=running.samples)) * 0.02
    turbulence = turbulence - np.convolve(turbulence, np.ones(401) / 401, mode="same")
    swell = 1 + 0.4 * np.cos(machine.blades * running.angle)
    return unit(turbulence) * 0.5 * swell + 0.7 * rng.normal(size=running.samples) * swell
