"""The four machines: geared motors of one family with other speeds, gears, bearings, housings."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

__all__ = ["MACHINES", "Bearing", "Machine", "housing"]


@dataclass(frozen=True)
class Bearing:
    """A rolling bearing whose outer ring stands still.

    Its characteristic frequencies are multiples ("orders") of the shaft's, by geometry alone.
    Source: Randall and Antoni, "Rolling element bearing diagnostics: a tutorial" (2011), eq. 1-4.
    """

    balls: int
    ball_to_pitch: float
    contact_angle_deg: float = 0.0

    @property
    def _slope(self) -> float:
        return self.ball_to_pitch * math.cos(math.radians(self.contact_angle_deg))

    @property
    def outer_race(self) -> float:
        """Balls that pass a point of the outer ring in one turn of the shaft."""
        return self.balls / 2 * (1 - self._slope)

    @property
    def inner_race(self) -> float:
        """Balls that pass a point of the inner ring in one turn of the shaft."""
        return self.balls / 2 * (1 + self._slope)

    @property
    def cage(self) -> float:
        """Turns of the cage in one turn of the shaft."""
        return (1 - self._slope) / 2

    @property
    def ball_spin(self) -> float:
        """Turns of a ball about itself in one turn of the shaft."""
        return (1 - self._slope**2) / (2 * self.ball_to_pitch)


@dataclass(frozen=True)
class Mode:
    """A resonance of the housing: a second-order filter."""

    frequency_Hz: float
    quality: float
    gain: float


@dataclass(frozen=True)
class Machine:
    """What a machine is made of. Levels are relative, in units of the vibration's rms.

    Attributes
    ----------
    shaft_Hz : float
        Turns of the motor's shaft a second at half load.
    teeth : int
        Of the pinion on the shaft; meshes happen `teeth * shaft_Hz` times a second.
    gear_ratio : float
        Turns of the shaft for one of the output.
    blades : int
        Of the fan that cools the motor.
    bearing : Bearing
    harmonics, mesh, rolling, flow : float
        Levels of the shaft's harmonics, the gear mesh, the bearing's rolling noise, the fan's air.
    modes : tuple of Mode
    """

    shaft_Hz: float
    teeth: int
    gear_ratio: float
    blades: int
    bearing: Bearing
    harmonics: float
    mesh: float
    rolling: float
    flow: float
    modes: tuple[Mode, ...] = ()


def housing(seed: int, modes: int = 9) -> tuple[Mode, ...]:
    """Resonances between 200 Hz and 6.5 kHz."""
    rng = np.random.default_rng([seed, 9000])
    edges = np.geomspace(200, 6500, modes + 1)
    return tuple(
        Mode(rng.uniform(low, high), rng.uniform(3, 12), rng.uniform(0.3, 1.5))
        for low, high in zip(edges[:-1], edges[1:], strict=True)
    )


_DESIGNS = {
    1: Machine(48.0, 13, 3.6, 5, Bearing(8, 0.22), 0.45, 0.50, 0.45, 0.40),
    2: Machine(71.0, 11, 4.4, 7, Bearing(9, 0.20), 0.60, 0.70, 0.22, 0.22),
    3: Machine(59.0, 15, 5.2, 6, Bearing(7, 0.25, 15.0), 0.50, 0.60, 0.28, 0.30),
    4: Machine(92.0, 10, 3.9, 5, Bearing(8, 0.27), 0.55, 0.40, 0.38, 0.32),
}
MACHINES = {
    number: dataclasses.replace(design, modes=housing(number))
    for number, design in _DESIGNS.items()
}
