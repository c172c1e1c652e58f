"""One lever, or all: the longest life of a battery never below a floor of accuracy.

In: what was measured of every network, compressed and with exits, a board, and what the device does
around its network. Out: the best choice with no lever pulled, with each alone, with all but one,
and with all of them. It is the best of all combinations, not one that a search came across: at one
clock a battery lasts the longer, the fewer cycles a look takes on average, and whether a look fits
depends on the most that it can take; so only combinations that no other beats in both are worked
out with the whole device.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from tinylab import cost
from tinylab.cost.power.battery import battery_days
from tinylab.search.joint.costs import JointCosts
from tinylab.search.joint.results import JointResults
from tinylab.search.joint.settings import CLOCK_SHARES, RESTS, Compression
from tinylab.search.space import Architecture

__all__ = ["LEVERS", "Cycles", "Lever", "Limits", "choose_levers", "cycles_on", "fresh_accuracy"]

LEVERS = ("network", "bits", "pruning", "exit", "clock", "rest")


@dataclass(frozen=True)
class Limits:
    """What every choice has to keep.

    Parameters
    ----------
    floor : float
        The least accuracy, 0 to 1.
    flash_bytes : int, optional
        The most that weights and biases may take; without it there is no limit.
    """

    floor: float
    flash_bytes: int | None = None


@dataclass(frozen=True)
class Lever:
    """The best that some levers reach.

    Parameters
    ----------
    architecture : Architecture
    compression : Compression
    exit_after : int
        Blocks before the exit; 0 without one.
    threshold : float
        nan without an exit.
    early : float
        Share of the clips that leave there, 0 to 1.
    accuracy : float
        Measured, 0 to 1.
    clock_MHz : float
    rest : str
    days : float
        Of the battery, the whole device counted.
    flash_bytes, ram_bytes : int
    """

    architecture: Architecture
    compression: Compression
    exit_after: int
    threshold: float
    early: float
    accuracy: float
    clock_MHz: float
    rest: str
    days: float
    flash_bytes: int
    ram_bytes: int


@dataclass(frozen=True, eq=False)
class Cycles:
    """What a board takes for everything that was measured, in an order that is quick to choose in.

    Parameters
    ----------
    board : str
    mean, most : ndarray of float64, shape (compressions x exits,)
        Milliseconds at the highest clock, on average and through to the end.
    order : ndarray of int64, shape (compressions x exits,)
        From the least mean to the largest.
    """

    board: str
    mean: np.ndarray
    most: np.ndarray
    order: np.ndarray


def cycles_on(results: JointResults, costs: JointCosts, board: str) -> Cycles:
    """Work of everything that was measured on one board."""
    early, most = (
        cost.sweep(amounts.reshape(-1, len(cost.FEATURES)), [board]).latency_ms[:, 0, 0]
        for amounts in (costs.early, costs.most)
    )
    share = (results.early / results.subject.examples).ravel()
    mean = share * early + (1 - share) * most
    return Cycles(board, mean, most, np.lexsort((costs.flash_bytes.ravel(), most, mean)))


def choose_levers(
    results: JointResults,
    costs: JointCosts,
    cycles: Cycles,
    device: cost.Device,
    limits: Limits,
    source: str = "cr2032",
) -> dict[frozenset[str], Lever | None]:
    """The best choice for no lever, each alone, all but each, and all.

    Without a lever it is the most accurate network with 8 bits, all weights and no exit, at the
    highest clock, idle between two looks.

    Parameters
    ----------
    results : JointResults
    costs : JointCosts
        Of the results.
    cycles : Cycles
        Of the costs.
    device : Device
        Its `rest` is one of the levers and is not used.
    limits : Limits
    source : str
        Of the battery.

    Returns
    -------
    dict of frozenset of str to Lever
        By the levers that may be pulled, some of `LEVERS`; None where nothing keeps the limits.
    """
    allowed = results.accuracy >= limits.floor
    if limits.flash_bytes is not None:
        allowed = allowed & (costs.flash_bytes <= limits.flash_bytes)
    free = [frozenset(), *(frozenset({one}) for one in LEVERS)]
    free += [frozenset(LEVERS) - {one} for one in LEVERS] + [frozenset(LEVERS)]
    fronts = {}
    for levers in free:
        networks = levers - {"clock", "rest"}
        if networks not in fronts:
            fronts[networks] = _front(cycles, (allowed & _reached(results, networks)).ravel())
    rows = np.unique(np.concatenate(list(fronts.values())))
    days, clock_MHz = _days(results, costs, cycles, rows, device, source)
    chosen: dict[frozenset[str], Lever | None] = {}
    for levers in free:
        front = fronts[levers - {"clock", "rest"}]
        values = days[np.searchsorted(rows, front)]
        values = values if "rest" in levers else values[:, :1]
        values = values if "clock" in levers else values[:, :, -1:]
        clocks = clock_MHz[-values.shape[2] :]
        chosen[levers] = _best(results, costs, front, values, clocks)
    return chosen


def fresh_accuracy(results: JointResults, lever: Lever) -> float:
    """Accuracy of a choice on clips that had no part in choosing it, 0 to 1.

    Raises
    ------
    ValueError
        If it was not measured there: only some choices for the default board were.
    """
    one, compression = lever.architecture, lever.compression
    wanted = (one.stride, one.widths, compression.bits, compression.kept, lever.exit_after)
    for row in results.subject.fresh:
        measured = (row.stride, row.widths, row.bits, row.kept, row.after)
        if measured == wanted and (not row.after or row.threshold == lever.threshold):
            return row.fresh
    raise ValueError(f"{one} with {compression} was not measured on fresh clips")


def _reached(results: JointResults, levers: frozenset[str]) -> np.ndarray:
    """Which networks, compressions and exits the levers reach, bool (compressions, exits)."""
    exits, first = results.exits, results.subject.compressions[0]
    plain = np.flatnonzero(exits.after == 0)
    start = exits.network[plain[results.right[0, plain].argmax()]]
    kinds = [
        ("bits" in levers or one.bits == first.bits)
        and ("pruning" in levers or one.kept == first.kept)
        for one in results.subject.compressions
    ]
    reached = ("network" in levers) | (exits.network == start)
    reached = reached & (("exit" in levers) | (exits.after == 0))
    return np.array(kinds)[:, None] & reached


def _front(cycles: Cycles, allowed: np.ndarray) -> np.ndarray:
    """Numbers of those that no other beats in both the mean and the most."""
    numbers = cycles.order[allowed[cycles.order]]
    most = cycles.most[numbers]
    before = np.minimum.accumulate(np.concatenate([[np.inf], most]))[:-1]
    return np.sort(numbers[most < before])


def _days(
    results: JointResults,
    costs: JointCosts,
    cycles: Cycles,
    rows: np.ndarray,
    device: cost.Device,
    source: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Days for some combinations, ways of resting and clocks, nan where the most does not fit."""
    share = (results.early / results.subject.examples).ravel()[rows, None]
    days = []
    for rest in RESTS:
        there = dataclasses.replace(device, rest=rest)
        early, most = (
            cost.sweep(
                amounts.reshape(-1, len(cost.FEATURES))[rows],
                [cycles.board],
                CLOCK_SHARES,
                device=there,
            )
            for amounts in (costs.early, costs.most)
        )
        mW = share * early.average_power_mW[:, 0] + (1 - share) * most.average_power_mW[:, 0]
        days.append(battery_days(mW, cost.battery(source), converter_efficiency=1.0))
    return np.stack(days, axis=1), most.clock_MHz[0]


def _best(
    results: JointResults, costs: JointCosts, front: np.ndarray, days: np.ndarray, clocks
) -> Lever | None:
    """The longest life among some combinations."""
    if not np.isfinite(days).any():
        return None
    at, rest, clock = np.unravel_index(int(np.nanargmax(days)), days.shape)
    kind, exit_ = np.unravel_index(front[at], results.right.shape)
    exits, subject = results.exits, results.subject
    return Lever(
        architecture=results.space.architectures[exits.network[exit_]],
        compression=subject.compressions[kind],
        exit_after=int(exits.after[exit_]),
        threshold=float(exits.threshold[exit_]),
        early=float(results.early[kind, exit_] / subject.examples),
        accuracy=float(results.accuracy[kind, exit_]),
        clock_MHz=float(clocks[clock]),
        rest=RESTS[rest],
        days=float(days[at, rest, clock]),
        flash_bytes=int(costs.flash_bytes[kind, exit_]),
        ram_bytes=int(costs.ram_bytes[kind, exit_]),
    )
