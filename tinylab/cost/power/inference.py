"""Energy of one inference: the power a board draws while it runs, times the time it runs.

That one power will do for every model is a finding: within one submission its spread over the
benchmarks is 7.5 % on average, 15 % at most. From one company's run of a board to another's it
differs more, by up to a third, and the interval of an energy says so.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from tinylab.cost.catalogue.boards import Board, board, boards
from tinylab.cost.catalogue.checks import positive
from tinylab.cost.catalogue.measurements import measurements
from tinylab.cost.power.clocked import power_curve
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
        With the interval of the latency, widened by what the power varies between runs.
    power_mW : float
        While it runs.
    latency_ms, clock_MHz : float
    board, stack : str
    kind : str
        "modelled".
    source : str
        Of the power, and how it was carried to another clock.
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
    target = board(on)
    time = latency(model, target, stack=stack, clock_MHz=clock_MHz, calibration=calibration)
    spread = power_error()
    if power_mW is None:
        curve = power_curve(target)
        power_mW, source = float(curve.power_mW(time.clock_MHz)), curve.source
        if time.clock_MHz != curve.clocks_MHz[-1]:
            source = f"{source}; at {time.clock_MHz:g} MHz by P = a + b f from {curve.basis}"
    else:
        positive("power_mW", power_mW, "mW")
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


@cache
def power_error() -> float:
    """How far a board's power in any published run lies from its catalogued power: 90 % are nearer.

    Over runs of the same board at the same clock and supply, by whichever company and stack.
    """
    deviations = []
    for measurement in measurements():
        target = boards().get(measurement.board)
        if not measurement.power_mW or measurement.model != "reference" or target is None:
            continue
        for point in target.operating_points:
            supply = None if point.supply is None else point.supply.value
            if (point.clock_MHz, supply) == (measurement.clock_MHz, measurement.supply_V):
                deviations.append(abs(measurement.power_mW / point.active_power.value - 1))
    return float(np.quantile(deviations, 0.9))
