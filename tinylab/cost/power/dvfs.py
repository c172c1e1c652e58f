"""Dynamic voltage and frequency scaling: a slower clock that also needs less voltage.

P = (a + b f) (V / V_top)^n. Switching a gate costs charge times voltage, so behind a switching
regulator power goes with the voltage squared (n = 2), behind a linear one with the voltage (n =
1), which burns the rest. The part `a` does not slow down with the clock; with it, each clock and
voltage can be the cheapest.

`modelled`. `dvfs_check` holds the model to the published averages at a slow clock. Whether the
voltage was lowered in those runs is not published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import linprog

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import at_least, one_of, positive
from tinylab.cost.catalogue.quantity import Quantity, read
from tinylab.cost.power.clocked import (
    active_power_mW,
    board_idle_share,
    power_curve,
    rest_power_mW,
)

__all__ = [
    "REGULATORS",
    "DvfsPoint",
    "Mix",
    "Spending",
    "VoltageRange",
    "best_mix",
    "dvfs_boards",
    "dvfs_point",
    "dvfs_points",
    "power_exponent",
    "spending",
    "voltage_ranges",
]

REGULATORS = {"linear": 1, "switching": 2}
"""Power of the core voltage with which the power at the supply grows, by kind of regulator."""


@dataclass(frozen=True)
class VoltageRange:
    """A core voltage and the highest clock that it allows."""

    name: str
    voltage: Quantity
    clock_max: Quantity


@dataclass(frozen=True)
class DvfsPoint:
    """One voltage and clock, and what the board draws there.

    Parameters
    ----------
    name : str
        Of the voltage range.
    clock_MHz, voltage_V : float
    active_mW : float
        While it computes.
    idle_mW : float
        While it waits with its clocks running.
    sleep_mW : float
        In its deepest sleep that is known.
    """

    name: str
    clock_MHz: float
    voltage_V: float
    active_mW: float
    idle_mW: float
    sleep_mW: float

    def rest_mW(self, rest: str) -> float:
        """Power between two jobs: `rest` is "idle" or "sleep"."""
        if rest not in ("idle", "sleep"):
            raise ValueError(f"rest must be 'idle' or 'sleep', not {rest!r}")
        return self.idle_mW if rest == "idle" else self.sleep_mW

    def energy_per_megacycle_uJ(self) -> float:
        """Energy of a million cycles, in uJ."""
        return 1e3 * self.active_mW / self.clock_MHz


@dataclass(frozen=True)
class Spending:
    """Energy of a job and of the rest until its deadline, at one point; NaN if it comes too late.

    Parameters
    ----------
    point : DvfsPoint
    busy_ms : float
    work_uJ, rest_uJ, total_uJ : float
    in_time : bool
    kind : str
        "modelled".
    """

    point: DvfsPoint
    busy_ms: float
    work_uJ: float
    rest_uJ: float
    total_uJ: float
    in_time: bool
    kind: str = "modelled"


@dataclass(frozen=True)
class Mix:
    """The cheapest way to share a job among points.

    Parameters
    ----------
    points : tuple of DvfsPoint
    busy_ms : tuple of float
        Time at each point.
    rest_ms : float
    total_uJ : float
    kind : str
        "modelled".
    """

    points: tuple[DvfsPoint, ...]
    busy_ms: tuple[float, ...]
    rest_ms: float
    total_uJ: float
    kind: str = "modelled"


def dvfs_boards() -> tuple[str, ...]:
    """Ids of the boards whose voltage ranges are known."""
    return tuple(read("dvfs.json"))


def voltage_ranges(on: str | Board) -> tuple[VoltageRange, ...]:
    """The voltage ranges of a board, by rising voltage; ValueError if they are not known."""
    return tuple(VoltageRange(**values) for values in _entry(board(on))["ranges"])


def power_exponent(on: str | Board) -> int:
    """1 where a linear regulator feeds the core, 2 where a switching one does."""
    return REGULATORS[_entry(board(on))["regulator"]]


def dvfs_points(
    on: str | Board,
    *,
    regulator: str | None = None,
    static_share: float | None = None,
    scaling: bool = True,
) -> tuple[DvfsPoint, ...]:
    """The highest clock of every voltage range, by rising clock.

    Parameters
    ----------
    on : str or Board
    regulator : {"linear", "switching"}, optional
        By default the board's own.
    static_share : float, optional
        See `tinylab.cost.power_curve`.
    scaling : bool
        False: the voltage of the highest range at every clock.

    Raises
    ------
    ValueError
        The board's voltage ranges are not known; an unknown regulator.
    """
    target = board(on)
    clocks = [span.clock_max.value for span in voltage_ranges(target)]
    return tuple(
        dvfs_point(target, clock, regulator=regulator, static_share=static_share, scaling=scaling)
        for clock in clocks
    )


def dvfs_point(
    on: str | Board,
    clock_MHz: float,
    *,
    regulator: str | None = None,
    static_share: float | None = None,
    scaling: bool = True,
) -> DvfsPoint:
    """Any clock, at the lowest voltage that allows it; parameters as for `dvfs_points`."""
    target = board(on)
    if regulator is not None:
        one_of("regulator", regulator, REGULATORS)
    exponent = REGULATORS[regulator] if regulator else power_exponent(target)
    clock_MHz = target.clock(clock_MHz)
    ranges = voltage_ranges(target)
    top = ranges[-1]
    chosen = next(span for span in ranges if clock_MHz <= span.clock_max.value) if scaling else top
    scale = (chosen.voltage.value / top.voltage.value) ** exponent
    # Between two published clocks the voltage may have been lowered already: scaling starts from
    # the straight line through the top clock, with the same static part.
    curve = power_curve(target, static_share=static_share)
    share = curve.static_share if static_share is None else static_share
    active_mW = scale * float(active_power_mW(target, clock_MHz, static_share=share))
    return DvfsPoint(
        name=chosen.name,
        clock_MHz=clock_MHz,
        voltage_V=chosen.voltage.value,
        active_mW=active_mW,
        idle_mW=board_idle_share(target) * active_mW,
        sleep_mW=float(rest_power_mW(target, "sleep", clock_MHz)),
    )


def spending(point: DvfsPoint, cycles: float, deadline_ms: float, rest: str = "sleep") -> Spending:
    """Do a job at one point, then rest until the deadline.

    Parameters
    ----------
    point : DvfsPoint
    cycles : float
    deadline_ms : float
    rest : {"sleep", "idle"}
    """
    at_least("cycles", cycles, 0)
    positive("deadline_ms", deadline_ms, "ms")
    busy_ms = cycles / point.clock_MHz / 1e3
    in_time = busy_ms <= deadline_ms * (1 + 1e-12)
    work = point.active_mW * busy_ms
    waiting = point.rest_mW(rest) * (deadline_ms - busy_ms) if in_time else np.nan
    return Spending(point, busy_ms, work, waiting, work + waiting, in_time)


def best_mix(
    points: Sequence[DvfsPoint], cycles: float, deadline_ms: float, rest: str = "sleep"
) -> Mix:
    """Share a job among points, and rest, so that it is done in time with the least energy.

    A linear program. Its best answer uses at most two points, neighbours on the convex hull of
    power over clock (Ishihara and Yasuura, "Voltage scheduling problem for dynamically variable
    voltage processors", ISLPED 1998). Idling is charged at the lowest of the points' idle powers,
    and switching between points is free.

    Raises
    ------
    ValueError
        The fastest point does not finish in time.
    """
    if not points:
        raise ValueError("points must hold at least one DvfsPoint")
    at_least("cycles", cycles, 0)
    positive("deadline_ms", deadline_ms, "ms")
    fastest = max(point.clock_MHz for point in points)
    if cycles > fastest * deadline_ms * 1e3 * (1 + 1e-9):
        raise ValueError(
            f"{cycles:.3g} cycles take {cycles / fastest / 1e3:.3g} ms at the fastest clock,"
            f" longer than {deadline_ms:g} ms: allow more time"
        )
    rest_mW = min(point.rest_mW(rest) for point in points)
    powers = [*(point.active_mW for point in points), rest_mW]
    speeds = [*(point.clock_MHz for point in points), 0.0]
    # Times as shares of the deadline, so that the solver's tolerances mean the same at every scale.
    solved = linprog(
        powers,
        A_eq=[speeds, np.ones(len(powers))],
        b_eq=[min(cycles / deadline_ms / 1e3, fastest), 1.0],
        bounds=(0, 1),
    )
    shares = deadline_ms * solved.x
    return Mix(
        tuple(points), tuple(shares[:-1].tolist()), float(shares[-1]), deadline_ms * solved.fun
    )


@cache
def _entries() -> dict:
    return read("dvfs.json")


def _entry(target: Board) -> dict:
    if target.id not in _entries():
        known = ", ".join(_entries())
        raise ValueError(f"the voltage ranges of {target.id} are not known; take one of {known}")
    return _entries()[target.id]
