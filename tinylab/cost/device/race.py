"""Hurry and rest, or take your time: a whole device at the highest clock and at the lowest."""

from dataclasses import dataclass

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.device.budget import DeviceBudget, budget_of
from tinylab.cost.device.energies import work_of
from tinylab.cost.device.settings import Device
from tinylab.cost.timing.predict import latency
from tinylab.cost.timing.workload import Workload
from tinylab.graph.core.ir import Graph

__all__ = ["RaceToIdle", "race_to_idle"]


@dataclass(frozen=True)
class RaceToIdle:
    """Two ways to finish one look per period.

    Parameters
    ----------
    fast : DeviceBudget
        At the highest clock, then resting.
    slow : DeviceBudget
        At the lowest clock that still finishes in time.
    better : str
        "fast" or "slow".
    saving_pct : float
        What the better one saves of the other's average power.
    """

    fast: DeviceBudget
    slow: DeviceBudget
    better: str
    saving_pct: float


def race_to_idle(
    model: Graph | Workload,
    on: str | Board,
    device: Device,
    *,
    source: str = "cr2032",
    stack: str | None = None,
    static_share: float | None = None,
) -> RaceToIdle:
    """Compare the highest clock, followed by rest, with the lowest clock that finishes in time.

    Parameters
    ----------
    model, on, device, source, stack, static_share
        As for `device_budget`.
    """
    target = board(on)
    cycles = latency(model, target, stack=stack).cycles
    top = target.clock_max.value
    fast = budget_of(target, cycles, device, source, top, static_share)
    clock = _slowest_MHz(target, device, cycles)
    slow = budget_of(target, cycles, device, source, clock, static_share)
    low, high = sorted((fast, slow), key=lambda budget: budget.average_power_mW)
    return RaceToIdle(
        fast=fast,
        slow=slow,
        better="fast" if low is fast else "slow",
        saving_pct=100 * (1 - low.average_power_mW / high.average_power_mW),
    )


def _slowest_MHz(target: Board, device: Device, cycles: float) -> float:
    """The lowest clock at which the cycles fit beside what does not depend on the clock."""
    top = target.clock_max.value
    work = work_of(target, device, cycles, top)
    left_ms = 1e3 * device.period_s - work.wake_ms - work.send_ms
    needed = (cycles + device.features_cycles) / left_ms / 1e3
    return min(max(needed * (1 + 1e-9), target.clock_min.value), top)
