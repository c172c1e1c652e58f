"""Energy of one inference: the power a board draws while it runs, times the time it runs.

On plain microcontrollers the published energies are power x latency to within 0.05 %, and the power
hardly depends on the model: its spread over benchmarks on one board is 7.5 % on average, 15 % at
most.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np

from tinylab.cost.catalogue.boards import Board, board, boards
from tinylab.cost.catalogue.measurements import measurements
from tinylab.cost.catalogue.quantity import DATA
from tinylab.cost.timing.calibration import LatencyModel
from tinylab.cost.timing.predict import latency
from tinylab.cost.timing.workload import Workload
from tinylab.graph.core.ir import Graph


@dataclass(frozen=True)
class EnergyEstimate:
    """Energy of one inference.

    Parameters
    ----------
    energy_uJ, low_uJ, high_uJ : float
        With the interval of the latency, widened by what the power varies between models.
    power_mW : float
        While it runs.
    latency_ms, clock_MHz : float
    board, stack : str
    kind : str
        "modelled".
    source : str
        Of the power.
    """

    energy_uJ: float
    low_uJ: float
    high_uJ: float
    power_mW: float
    latency_ms: float
    clock_MHz: float
    board: str
    stack: str
    kind: str
    source: str


@dataclass(frozen=True)
class AlwaysOn:
    """A published average of a board that listens for a wake word without pause."""

    board: str
    clock_MHz: float
    average_power_mW: float
    duty: float
    kind: str
    source: str


def energy(
    model: Graph | Workload,
    on: str | Board,
    *,
    stack: str | None = None,
    clock_MHz: float | None = None,
    power_mW: float | None = None,
    calibration: LatencyModel | None = None,
) -> EnergyEstimate:
    """Predict the energy of one inference; parameters as for `latency`.

    Parameters
    ----------
    power_mW : float, optional
        Your own figure, for a board that has no published one.

    Raises
    ------
    ValueError
        As `latency`, or the board has no published power; the message lists those that have.
    """
    place = board(on)
    time = latency(model, place, stack=stack, clock_MHz=clock_MHz, calibration=calibration)
    spread = power_spread()
    if power_mW is None:
        power_mW = float(active_power_mW(place, time.clock_MHz))
        source = place.operating_points[-1].active_power.source
    else:
        source = "given by the caller"
    return EnergyEstimate(
        energy_uJ=power_mW * time.latency_ms,
        low_uJ=power_mW * time.low_ms * (1 - spread),
        high_uJ=power_mW * time.high_ms * (1 + spread),
        power_mW=power_mW,
        latency_ms=time.latency_ms,
        clock_MHz=time.clock_MHz,
        board=time.board,
        stack=time.stack,
        kind="modelled",
        source=source,
    )


def active_power_mW(on: str | Board, clock_MHz, *, static_share: float = 0.0):
    """Power while a model runs, at one clock or an array of them.

    Between published operating points it is interpolated; below the lowest it falls in proportion
    to
    the clock (`modelled`), which meets the three published pairs of always-on figures within 12 %.

    Parameters
    ----------
    on : str or Board
    clock_MHz : float or ndarray
    static_share : float
        Share of the power at the lowest operating point that no slower clock saves: leakage, or a
        supply that is not turned down. The published pairs fit 0 best.

    Raises
    ------
    ValueError
        The board's power is not published; the message lists the boards whose power is.
    """
    place = board(on)
    if not place.operating_points:
        known = ", ".join(name for name, one in boards().items() if one.operating_points)
        raise ValueError(
            f"no power of {place.id} is published, so it has no energy; pass power_mW, or take one "
            f"of {known}"
        )
    clocks = [0.0, *(point.clock_MHz for point in place.operating_points)]
    lowest = place.operating_points[0].active_power.value
    powers = [
        static_share * lowest,
        *(point.active_power.value for point in place.operating_points),
    ]
    return np.interp(clock_MHz, clocks, powers)


@cache
def power_spread() -> float:
    """How far a benchmark's power lies from its submission's median: the 95th percentile."""
    submissions = defaultdict(list)
    for one in measurements():
        if one.power_mW and one.model == "reference":
            key = (one.round, one.submitter, one.board, one.stack_name, one.clock_MHz)
            submissions[key].append(one.power_mW)
    deviations = [
        abs(power / np.median(powers) - 1) for powers in submissions.values() for power in powers
    ]
    return float(np.quantile(deviations, 0.95))


@cache
def always_on() -> tuple[AlwaysOn, ...]:
    """Published averages of three boards, each at a high and a low clock."""
    with (DATA / "always_on.csv").open(newline="") as stream:
        return tuple(
            AlwaysOn(
                board=row["board"],
                clock_MHz=float(row["clock_MHz"]),
                average_power_mW=float(row["average_power_mW"]),
                duty=float(row["duty"]),
                kind=row["kind"],
                source=row["source"],
            )
            for row in csv.DictReader(stream)
        )
