"""Energy of one inference: the power a board draws while it runs, times the time it runs.

That one power will do for every model is a finding: its spread over the published benchmarks on one
board is 7.5 % on average, 15 % at most.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
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
        With the interval of the latency, widened by what the power varies between models.
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
    place = board(on)
    time = latency(model, place, stack=stack, clock_MHz=clock_MHz, calibration=calibration)
    spread = power_spread()
    if power_mW is None:
        curve = power_curve(place)
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
