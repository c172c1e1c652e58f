"""From emulated cycles to those of a real chip.

The manual's timings hold for a memory without wait states. A real chip waits for its flash, and for
loads that the next instruction needs. How much that is follows from networks that were run on both
sides: emulated here as generated C, and published for a real Cortex-M4 with open kernels of the
same kind.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from tinylab.cost.catalogue.measurements import measurements
from tinylab.deploy.emulator.timing import timings

__all__ = ["CycleFactor", "cycle_factor", "published_cycles"]

NETWORKS = ("ad", "kws", "vww")


@dataclass(frozen=True)
class CycleFactor:
    """How many cycles of a real chip one emulated cycle stands for.

    Parameters
    ----------
    factor : float
        The geometric mean over the networks.
    low, high : float
        As far as the worst network lies when it is predicted from the others.
    source : str
    kind : str
    """

    factor: float
    low: float
    high: float
    source: str
    kind: str = "modelled"

    def __str__(self) -> str:
        return f"x {self.factor:.2f} ({self.low:.2f} to {self.high:.2f}), {self.source}"


def published_cycles(network: str) -> float:
    """Cycles of an MLPerf Tiny network with open kernels on a real Cortex-M4, mean over rounds."""
    table = timings()["emulated_cycles"]
    each = [
        measurement.cycles
        for measurement in measurements()
        if (measurement.board, measurement.stack_name, measurement.benchmark, measurement.model)
        == (table["board"], table["stack"], network, "reference")
        and measurement.precision == "int8"
    ]
    return float(np.mean(each))


@cache
def cycle_factor() -> CycleFactor:
    """The factor for generated C with the dsp kernels.

    One for all instructions: three networks cannot say how long loads wait apart from branches, so
    a program with another mix of them than a network has may lie outside the range.
    """
    table = timings()["emulated_cycles"]
    logs = np.log([published_cycles(name) / table[name] for name in NETWORKS])
    # Left out, a network is predicted by the mean of the others.
    worst = float(np.max(np.abs(logs - (logs.sum() - logs) / (len(logs) - 1))))
    factor = float(np.exp(logs.mean()))
    return CycleFactor(
        factor=factor,
        low=factor * float(np.exp(-worst)),
        high=factor * float(np.exp(worst)),
        source=f"{table['stack']} on {table['board']}, MLPerf Tiny v1.0 and v1.1, over emulated",
    )
