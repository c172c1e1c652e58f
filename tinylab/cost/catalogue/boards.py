"""The board catalogue: each value with its unit, its kind and its source."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from tinylab.cost.catalogue.quantity import Quantity, pick, read


@dataclass(frozen=True)
class OperatingPoint:
    """Power while a model runs, at one clock and supply voltage."""

    clock_MHz: float
    active_power: Quantity
    supply: Quantity | None


@dataclass(frozen=True)
class SleepMode:
    """The deepest sleep with a known current; `mode` says what it is called and what it loses."""

    current: Quantity
    supply: Quantity
    mode: str

    @property
    def power_mW(self) -> float:
        return self.current.value * self.supply.value / 1e3


@dataclass(frozen=True)
class Board:
    """One board. What is not known is None, or an empty tuple, and functions that need it say so.

    Parameters
    ----------
    id, name, soc : str
    core : str
        What runs the model: the core, with its accelerator where there is one.
    accelerator : str
        Empty for a plain microcontroller.
    clock_max, clock_min : Quantity, MHz
    sram, flash : Quantity or None, KiB
    operating_points : tuple of OperatingPoint
        By rising clock.
    sleep : SleepMode or None
    idle_power : Quantity or None, mW
        Between inferences, with clocks running.
    note : str
    """

    id: str
    name: str
    soc: str
    core: str
    accelerator: str
    clock_max: Quantity
    clock_min: Quantity
    sram: Quantity | None
    flash: Quantity | None
    operating_points: tuple[OperatingPoint, ...]
    sleep: SleepMode | None
    idle_power: Quantity | None
    note: str = ""

    def clock(self, clock_MHz: float | None) -> float:
        """The clock to use: the board's highest by default.

        Raises
        ------
        ValueError
            A clock that the board does not run at.
        """
        if clock_MHz is None:
            return self.clock_max.value
        low, high = self.clock_min.value, self.clock_max.value
        if not low <= clock_MHz <= high:
            raise ValueError(f"{self.id} runs at {low:g} to {high:g} MHz, not at {clock_MHz:g} MHz")
        return float(clock_MHz)


@cache
def boards() -> Mapping[str, Board]:
    """All boards by id."""
    return MappingProxyType({name: _board(name, one) for name, one in read("boards.json").items()})


def board(name: "str | Board") -> Board:
    """One board by id, or by its maker's spelling ("NUCLEO-L4R5ZI"); a `Board` passes through.

    Raises
    ------
    ValueError
        An unknown board; the message lists the known ones.
    """
    if isinstance(name, Board):
        return name
    return pick("board", re.sub(r"[^a-z0-9]+", "_", str(name).lower()), boards())


def _board(name: str, values: dict) -> Board:
    points = [OperatingPoint(**point) for point in values["operating_points"]]
    return Board(
        id=name,
        **{
            **values,
            "operating_points": tuple(sorted(points, key=lambda point: point.clock_MHz)),
            "sleep": SleepMode(**values["sleep"]) if values["sleep"] else None,
        },
    )
