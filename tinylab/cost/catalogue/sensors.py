"""Sensors and front ends: what they draw and how much they compute."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from tinylab.cost.catalogue.quantity import Quantity, read

__all__ = ["FrontEnd", "Sensor", "front_ends", "sensors", "sound_level_cycles"]


@dataclass(frozen=True)
class Sensor:
    """A sensor while it is on: current in uA at a supply in V."""

    name: str
    current: Quantity
    supply: Quantity

    @property
    def power_mW(self) -> float:
        """While it is on."""
        return self.current.value * self.supply.value / 1e3


@dataclass(frozen=True)
class FrontEnd:
    """What turns a signal into a model's input: cycles of a frame, and how many a look takes."""

    name: str
    cycles: Quantity
    frames: int


@cache
def sensors() -> Mapping[str, Sensor]:
    """All sensors by id."""
    listed = read("sensors.json")["sensors"]
    return MappingProxyType({key: Sensor(**values) for key, values in listed.items()})


@cache
def front_ends() -> Mapping[str, FrontEnd]:
    """All front ends by application."""
    listed = read("sensors.json")["front_ends"]
    return MappingProxyType({key: FrontEnd(**values) for key, values in listed.items()})


@cache
def sound_level_cycles() -> Quantity:
    """Cycles to find the level of one second of sound."""
    return read("sensors.json")["sound_level"]
