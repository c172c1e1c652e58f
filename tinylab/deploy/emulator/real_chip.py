"""From emulated cycles to those of a real chip.

The manual's timings hold for a memory without wait states. A real chip waits: for flash after a
jump, and for loads and stores. How long each class of instruction waits follows from networks that
were run on both sides: emulated here as generated C, and published for a real Cortex-M4 with open
kernels of the same kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from scipy.optimize import nnls

from tinylab.cost.catalogue.measurements import measurements
from tinylab.deploy.emulator.timing import timings

__all__ = ["CycleFactor", "Waits", "cycle_factor", "fit_waits", "published_cycles"]

NETWORKS = ("ad", "kws", "vww")
WAITING = MappingProxyType(
    {
        "a load or store": ("load", "store"),
        "a load or store of several registers": ("load_multiple", "store_multiple"),
        "a jump": ("branch",),
    }
)
KERNELS_DIFFER = 0.05  # relative: kernels of one kind, written twice, agree no better than that
CLASSES_DIFFER = 1.0  # cycles: what waits of classes are thought to differ by before measuring
NINETY_PERCENT = 1.645  # standard deviations to either side


@dataclass(frozen=True)
class CycleFactor:
    """How many cycles of a real chip one emulated cycle of a program stands for.

    Parameters
    ----------
    factor : float
    low, high : float
        As far as the worst network lies when it is predicted from the others; further where the
        program has a mix of instructions about which the networks say less.
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


@dataclass(frozen=True, eq=False)
class Waits:
    """Cycles that an instruction of each class waits on a real chip.

    Parameters
    ----------
    cycles : ndarray, float64, shape (classes,)
        In the order of `WAITING`.
    covariance : ndarray, float64, shape (classes, classes)
        Of the cycles, as far as networks and prior leave it open.
    """

    cycles: np.ndarray
    covariance: np.ndarray

    def __str__(self) -> str:
        spread = np.sqrt(np.diag(self.covariance))
        each = zip(WAITING, self.cycles, spread, strict=True)
        return ", ".join(f"{name} {mean:.1f} +- {sd:.1f}" for name, mean, sd in each)


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
def fit_waits(networks: Sequence[str] = NETWORKS) -> Waits:
    """Calibrate the waits of all classes together, on published cycles.

    Three networks cannot tell three classes apart, so that classes are held together: each wait is
    normal around a mean that all share and that is not known (a hierarchical prior; Gelman et al.
    2013, *Bayesian Data Analysis*, chapter 5). None is below zero.

    Parameters
    ----------
    networks : sequence of str
        Those to calibrate on, of `NETWORKS`.
    """
    table = timings()["emulated_cycles"]["networks"]
    published = np.array([published_cycles(name) for name in networks])
    emulated = np.array([table[name]["cycles"] for name in networks])
    executed = np.array([_executed(table[name]["by_class"]) for name in networks])
    classes = len(WAITING)
    errors = np.pad(executed, ((0, 0), (0, 1))) / (KERNELS_DIFFER * published[:, None])
    prior = np.column_stack([np.eye(classes), -np.ones(classes)]) / CLASSES_DIFFER
    rows = np.concatenate([errors, prior])  # the last unknown is the mean that all share
    aims = np.concatenate(
        [(published - emulated) / (KERNELS_DIFFER * published), np.zeros(classes)]
    )
    unknowns, _ = nnls(rows, aims)
    covariance = np.linalg.inv(rows.T @ rows)
    return Waits(unknowns[:classes], covariance[:classes, :classes])


def cycle_factor(cycles: int, by_class: Mapping[str, int]) -> CycleFactor:
    """The factor of a program: its cycles with every wait, over those without.

    Parameters
    ----------
    cycles : int
        Emulated, without waits.
    by_class : mapping of str to int
        Executed instructions by class, see `thumb.CLASSES`.
    """
    waits, executed = fit_waits(), _executed(by_class)
    factor = _factor(waits, cycles, executed)
    spread = float(np.sqrt(executed @ waits.covariance @ executed)) / (cycles * factor)
    reach = max(_worst_left_out(), NINETY_PERCENT * spread)
    table = timings()["emulated_cycles"]
    return CycleFactor(
        factor=factor,
        low=max(1.0, factor * float(np.exp(-reach))),
        high=factor * float(np.exp(reach)),
        source=f"{table['stack']} on {table['board']}, MLPerf Tiny v1.0 and v1.1, over emulated",
    )


@cache
def _worst_left_out() -> float:
    """The largest error, as a logarithm, of a network that is predicted from the others."""
    table = timings()["emulated_cycles"]["networks"]
    errors = []
    for name in NETWORKS:
        waits = fit_waits(tuple(other for other in NETWORKS if other != name))
        cycles = table[name]["cycles"]
        predicted = cycles * _factor(waits, cycles, _executed(table[name]["by_class"]))
        errors.append(abs(np.log(predicted / published_cycles(name))))
    return float(max(errors))


def _factor(waits: Waits, cycles: int, executed: np.ndarray) -> float:
    return float(1 + executed @ waits.cycles / cycles)


def _executed(by_class: Mapping[str, int]) -> np.ndarray:
    """Instructions that wait, by class in the order of `WAITING`."""
    return np.array(
        [sum(by_class.get(kind, 0) for kind in kinds) for kinds in WAITING.values()], float
    )
