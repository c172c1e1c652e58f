"""Published averages of boards that listen without pause, and what follows from them.

A board that computes for a share `d` of the time and waits for the rest draws on average
d x active + (1 - d) x idle. Where the active power of the same variant is published as well, its
idle power follows; and where one was run at two clocks, so does its active power at the slow one,
if idle is taken to be the same share of active there (at the slow clock it counts for 3 to 7 % of
the time).
"""

import csv
from dataclasses import dataclass
from functools import cache

from tinylab.cost.catalogue.quantity import DATA

__all__ = ["AlwaysOn", "SlowClock", "always_on", "idle_share", "slow_clocks"]


@dataclass(frozen=True)
class AlwaysOn:
    """A published average of one variant of a board.

    Parameters
    ----------
    board, soc : str
    supply_V : float
    regulator : str
    clock_MHz, duty, period_ms, average_power_mW : float
    active_power_mW : float or None
        Of the same variant while it computes.
    active_round : str
        In which round that was published.
    kind, source : str
    """

    board: str
    soc: str
    supply_V: float
    regulator: str
    clock_MHz: float
    duty: float
    period_ms: float
    average_power_mW: float
    active_power_mW: float | None
    active_round: str
    kind: str
    source: str

    @property
    def idle_power_mW(self) -> float | None:
        """Power while it waits, where the active power is known (`modelled` from both)."""
        if self.active_power_mW is None:
            return None
        return (self.average_power_mW - self.duty * self.active_power_mW) / (1 - self.duty)


@dataclass(frozen=True)
class SlowClock:
    """One board at two clocks: what a cycle costs at each.

    Parameters
    ----------
    board : str
    fast_MHz, slow_MHz : float
    fast_mW : float
        While it computes, `published`.
    slow_mW : float
        The same at the slow clock, `modelled` from its published average.
    static_mW : float
        Intercept `a` of the line P = a + b f through both.
    dynamic_mW_per_MHz : float
        Its slope `b`.
    idle_share : float
        Idle power as a share of active power.
    """

    board: str
    fast_MHz: float
    slow_MHz: float
    fast_mW: float
    slow_mW: float
    static_mW: float
    dynamic_mW_per_MHz: float
    idle_share: float

    @property
    def cycle_ratio(self) -> float:
        """Energy of a cycle at the slow clock over that at the fast one."""
        return self.slow_mW / self.slow_MHz / (self.fast_mW / self.fast_MHz)


@cache
def always_on() -> tuple[AlwaysOn, ...]:
    """The published averages, three boards at a high and a low clock, and one at a high clock."""
    with (DATA / "always_on.csv").open(newline="") as stream:
        return tuple(_always_on(row) for row in csv.DictReader(stream))


def _always_on(row: dict[str, str]) -> AlwaysOn:
    return AlwaysOn(
        board=row["board"],
        soc=row["soc"],
        supply_V=float(row["supply_V"]),
        regulator=row["regulator"],
        clock_MHz=float(row["clock_MHz"]),
        duty=float(row["duty"]),
        period_ms=float(row["period_ms"]),
        average_power_mW=float(row["average_power_mW"]),
        active_power_mW=float(row["active_power_mW"]) if row["active_power_mW"] else None,
        active_round=row["active_round"],
        kind=row["kind"],
        source=row["source"],
    )


@cache
def slow_clocks() -> dict[str, SlowClock]:
    """By board, what the pairs of published averages say about its slow clock."""
    clocks = {}
    for fast in always_on():
        share, fast_mW = idle_share(fast.board), fast.active_power_mW
        for slow in always_on():
            if slow.board != fast.board or slow.clock_MHz >= fast.clock_MHz:
                continue
            if share is None or fast_mW is None:
                continue
            slow_mW = slow.average_power_mW / (slow.duty + (1 - slow.duty) * share)
            slope = (fast_mW - slow_mW) / (fast.clock_MHz - slow.clock_MHz)
            clocks[fast.board] = SlowClock(
                board=fast.board,
                fast_MHz=fast.clock_MHz,
                slow_MHz=slow.clock_MHz,
                fast_mW=fast_mW,
                slow_mW=slow_mW,
                static_mW=fast_mW - slope * fast.clock_MHz,
                dynamic_mW_per_MHz=slope,
                idle_share=share,
            )
    return clocks


@cache
def idle_share(board_id: str) -> float | None:
    """Idle power as a share of active power, from the row whose active power is known."""
    for row in always_on():
        if row.board == board_id and row.idle_power_mW is not None and row.active_power_mW:
            return row.idle_power_mW / row.active_power_mW
    return None
