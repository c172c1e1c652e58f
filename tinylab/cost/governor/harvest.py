"""What a machine in a hall does, and what a sun and a shaker give: seeded traces, day by day.

In: a seed and the size of two harvesters. Out: the load of the machine and the power harvested in
every slot of every day. `modelled`, on published power densities (`data/harvesters.json`):

- *Solar*: direct light times the sine of the sun's elevation (latitude, day of the year), mixed
  with diffuse light by a cloudiness that wanders within the day around a value drawn for the day.
- *Vibration*: a resonant harvester on the machine's case gives power with the square of the
  acceleration, taken in proportion to the load.
- *Machine*: two shifts with a break each, the night shift on some days; within a shift the load
  stays or moves to a neighbour level, as a Markov chain.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from tinylab.cost.catalogue.checks import whole, within
from tinylab.cost.catalogue.quantity import read

__all__ = [
    "LOADS",
    "SLOTS_PER_DAY",
    "SLOT_S",
    "Trace",
    "density_mW",
    "machine_loads",
    "solar_mW",
    "trace",
    "vibration_mW",
]

SLOT_S = 1800
SLOTS_PER_DAY = 24 * 3600 // SLOT_S
LARGEST = 1e5
"""Square or cubic centimetres of the largest harvester: 10 square metres, or 100 litres."""
LOADS = ("off", "light", "normal", "heavy")
_NIGHT_SHIFT = 0.5
_STAY = 0.85
_ACCELERATION = np.array([0.0, 0.4, 0.7, 1.0])


@dataclass(frozen=True, eq=False)
class Trace:
    """Days in a row; arrays of shape (days, slots a day).

    Parameters
    ----------
    load : ndarray of int8
        Index into `LOADS`.
    solar_mW, vibration_mW : ndarray of float64
        Mean power of the slot.
    seed : int
    kind : str
        "modelled".
    """

    load: np.ndarray
    solar_mW: np.ndarray
    vibration_mW: np.ndarray
    seed: int
    kind: str = "modelled"

    @property
    def harvest_mJ(self) -> np.ndarray:
        """Energy that both harvesters give in each slot."""
        return (self.solar_mW + self.vibration_mW) * SLOT_S

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(self.load)


def trace(
    days: int,
    *,
    solar_cm2: float = 1.0,
    vibration_cm3: float = 1.0,
    latitude_deg: float = 50.0,
    first_day: int = 80,
    seed: int = 0,
) -> Trace:
    """Draw a machine's days and what both harvesters give on them.

    Parameters
    ----------
    days : int
    solar_cm2 : float
        Area of the cell, lying flat under a skylight.
    vibration_cm3 : float
        Volume of the vibration harvester.
    latitude_deg, first_day : float, int
        Place, and day of the year of the first day (80: spring equinox).
    seed : int
        Different seeds give different weather and different work.

    Raises
    ------
    ValueError
        Fewer than one day, a negative size, or a latitude beyond a pole.
    """
    whole("days", days, 1)
    within("solar_cm2", solar_cm2, 0, LARGEST, "cm2")
    within("vibration_cm3", vibration_cm3, 0, LARGEST, "cm3")
    within("latitude_deg", latitude_deg, -90, 90, "degrees")
    within("first_day", first_day, 1, 366)
    work, weather = np.random.default_rng(seed).spawn(2)
    load = machine_loads(days, work)
    sun = solar_mW(days, solar_cm2, weather, latitude_deg=latitude_deg, first_day=first_day)
    return Trace(load, sun, vibration_mW(load, vibration_cm3), seed)


def machine_loads(days: int, rng: np.random.Generator) -> np.ndarray:
    """Index into `LOADS` of every slot, int8 of shape (days, slots a day)."""
    hours = np.arange(SLOTS_PER_DAY) * 24 / SLOTS_PER_DAY
    shifts = [(6.0, 14.0), (14.0, 22.0)]
    loads = np.zeros((days, SLOTS_PER_DAY), np.int8)
    for day in loads:
        nights = [(0.0, 6.0), (22.0, 24.0)] if rng.random() < _NIGHT_SHIFT else []
        for start, end in shifts + nights:
            break_h = rng.uniform(start + 0.25 * (end - start), start + 0.75 * (end - start))
            running = (hours >= start) & (hours < end) & (np.abs(hours - break_h) > 0.25)
            at_night = (start, end) in nights
            day[running] = _shift(int(running.sum()), rng, heaviest=2 if at_night else 3)
    return loads


def _shift(slots: int, rng: np.random.Generator, heaviest: int) -> np.ndarray:
    """Loads of one shift: each slot the load of the one before, or a step up or down."""
    load, loads = int(rng.integers(1, heaviest + 1)), []
    for _ in range(slots):
        loads.append(load)
        if rng.random() > _STAY:
            load = int(np.clip(load + rng.choice((-1, 1)), 1, heaviest))
    return np.array(loads, np.int8)


def solar_mW(
    days: int,
    area_cm2: float,
    rng: np.random.Generator,
    *,
    latitude_deg: float = 50.0,
    first_day: int = 80,
) -> np.ndarray:
    """Mean power of a flat solar cell in every slot, float64 (days, slots a day)."""
    sine = np.maximum(_sine_of_elevation(days, latitude_deg, first_day), 0)
    clouds = np.empty((days, SLOTS_PER_DAY))
    for day in clouds:
        drift, level = rng.normal(0, 1.5), 0.0
        steps = rng.normal(0, 0.6, SLOTS_PER_DAY)
        for slot, step in enumerate(steps):
            level = 0.9 * level + step
            day[slot] = 1 / (1 + np.exp(-(drift + level)))
    direct, cloudy = density_mW("solar_outdoors"), density_mW("solar_outdoors", "cloudy_density")
    return area_cm2 * sine * ((1 - clouds) * direct + clouds * cloudy)


def _sine_of_elevation(days: int, latitude_deg: float, first_day: int) -> np.ndarray:
    """Sine of the sun's elevation in the middle of every slot; negative at night."""
    day = first_day + np.arange(days)[:, np.newaxis]
    declination = np.deg2rad(-23.44) * np.cos(2 * np.pi * (day + 10) / 365)
    hour_angle = 2 * np.pi * ((np.arange(SLOTS_PER_DAY) + 0.5) / SLOTS_PER_DAY - 0.5)
    latitude = np.deg2rad(latitude_deg)
    return np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(
        hour_angle
    )


def vibration_mW(load: np.ndarray, volume_cm3: float) -> np.ndarray:
    """Mean power of a vibration harvester at each load: full density at heavy load."""
    return volume_cm3 * density_mW("vibration") * _ACCELERATION[load] ** 2


@cache
def density_mW(harvester: str, which: str = "power_density") -> float:
    """A published power density, in mW for each cm2 of cell or cm3 of volume."""
    return read("harvesters.json")[harvester][which].value / 1e3
