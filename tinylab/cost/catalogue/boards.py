"""The board catalogue: one entry a variant, each value with its unit, its kind and its source.

A figure belongs to a board *and* a chip suffix, a supply, a regulator and a state. Boards that
differ in one of them are two entries, and nothing is derived from figures of both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from tinylab.cost.catalogue.checks import within
from tinylab.cost.catalogue.own_boards import OwnCatalogue, entry, own_catalogue
from tinylab.cost.catalogue.quantity import Quantity, pick, read

DEFAULT_BOARD = "nucleo_l4r5zi_p"
"""The board that notebooks and explorers begin with: its power, idle and sleep are all published,
for one variant at one supply. A `default` in your `boards.toml` replaces it."""


@dataclass(frozen=True)
class OperatingPoint:
    """Power while a model runs, at one clock.

    Parameters
    ----------
    clock_MHz : float
    active_power : Quantity, mW
    supply : Quantity or None, V
        None where the source does not state it.
    regulator : str
        What makes the core voltage: "LDO", "SMPS", "external SMPS", "DC/DC" or "not stated".
    scope : str
        "board" for a measured board, "chip" for a figure of a data sheet or survey without one.
    """

    clock_MHz: float
    active_power: Quantity
    supply: Quantity | None
    regulator: str
    scope: str


@dataclass(frozen=True)
class SleepMode:
    """The deepest sleep with a known current.

    Parameters
    ----------
    current, supply : Quantity, uA and V
    mode : str
        What its maker calls it.
    retains : str
        "all of its memory", a part of it, or "nothing": then waking is a restart.
    wakeup : Quantity, ms
        From asleep to computing.
    scope : str
        As in `OperatingPoint`.
    """

    current: Quantity
    supply: Quantity
    mode: str
    retains: str
    wakeup: Quantity
    scope: str

    @property
    def power_mW(self) -> float:
        return self.current.value * self.supply.value / 1e3


@dataclass(frozen=True)
class Board:
    """One board. What is not known is None, or an empty tuple, and functions that need it say so.

    Parameters
    ----------
    id, name, soc : str
        `soc` with its suffix, as far as it is published.
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
        Between inferences, with clocks running; None where it follows from an always-on result, or
        is not known (see `tinylab.cost.rest_power_mW`).
    note : str
    timing_as : str
        The board of the same chip whose measured cycles count for this one; empty for itself.
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
    timing_as: str = ""

    @property
    def timing_id(self) -> str:
        """The board whose measured cycles count."""
        return self.timing_as or self.id

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
        within(f"the clock of {self.id}", clock_MHz, low, high, "MHz")
        return float(clock_MHz)


def boards() -> Mapping[str, Board]:
    """All boards by id: those shipped, then those of your `boards.toml`."""
    return _with_own(own_catalogue())


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


def bare_board(name: str, core: str, clock_MHz: float) -> Board:
    """A board of which only the core and the clock are known."""
    return _board(name, entry(f"board {name}", name, {"core": core, "clock_MHz": clock_MHz}))


def default_board() -> str:
    """The board to begin with: `DEFAULT_BOARD`, or the `default` of your `boards.toml`."""
    return board(own_catalogue().default or DEFAULT_BOARD).id


@cache
def _shipped() -> Mapping[str, Board]:
    entries = read("boards.json").items()
    return MappingProxyType({name: _board(name, values) for name, values in entries})


@lru_cache(maxsize=4)
def _with_own(own: OwnCatalogue) -> Mapping[str, Board]:
    for name in own.boards:
        if name in _shipped():
            raise ValueError(
                f"boards.toml: [{name}] is a board of the workbook, with figures of its own; call"
                f" yours otherwise, such as [my_{name}]"
            )
    added = {name: _board(name, values) for name, values in own.boards.items()}
    return MappingProxyType({**_shipped(), **added})


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
