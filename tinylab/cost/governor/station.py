"""A device that lives on what it harvests: what it may do in a slot, what that costs and brings.

In: settings of the device (`Action`), a store of energy, and a `Trace` of days. Out: how the store
fills and empties and how much damage is avoided under a policy.

Everything is counted in whole *quanta* of energy, so that a store has finitely many levels and the
offline optimum (`tinylab.cost.governor.optimum`) is exact. Costs are rounded up, and of harvested
energy only full quanta are stored, the remainder is carried over.

A slot goes like this: the device pays for its action from what is stored, if that suffices (else it
sleeps: a *brown-out*), then for sleeping; then the slot's harvest is added, up to the capacity.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.checks import at_least, fraction, positive
from tinylab.cost.device.settings import Device
from tinylab.cost.governor.actions import Action
from tinylab.cost.governor.harvest import SLOT_S, SLOTS_PER_DAY, Trace

__all__ = [
    "Observation",
    "Policy",
    "Run",
    "Station",
    "quanta",
    "simulate",
    "station",
]

REGULATOR = Device(period_s=SLOT_S).efficiency
"""Share of what leaves the store that reaches the device."""

MOST_LEVELS = 1_000_000
"""Of a store: the offline optimum keeps a table of slots x levels."""


@dataclass(frozen=True)
class Station:
    """The device with its store.

    Parameters
    ----------
    actions : tuple of Action
        The first is `SLEEP`.
    capacity : int
        Quanta that the store holds.
    sleep_cost : int
        Quanta that every slot costs, whatever is done.
    quantum_mJ : float
    """

    actions: tuple[Action, ...]
    capacity: int
    sleep_cost: int
    quantum_mJ: float

    def __post_init__(self):
        if not self.actions or self.actions[0].cost or self.capacity < 1:
            raise ValueError(
                "a station needs a free first action, and a store of 1 quantum or more"
            )

    def step(self, level: int, action: int, harvest: int, load: int) -> tuple[int, float, bool]:
        """One slot: the new level, the damage avoided, and whether it was a brown-out."""
        chosen = self.actions[action]
        brown_out = chosen.cost > level
        left = level if brown_out else level - chosen.cost
        left = max(left - self.sleep_cost, 0) + harvest
        return min(left, self.capacity), 0.0 if brown_out else chosen.values[load], brown_out


@dataclass(frozen=True)
class Observation:
    """What a device can know when it chooses: nothing of the future.

    Parameters
    ----------
    level : int
        Quanta in the store, of `capacity`.
    capacity : int
    slot : int
        Of the day.
    load : int
        Of the machine in this slot: index into `tinylab.cost.governor.harvest.LOADS`.
    harvest : int
        Quanta harvested in the slot before.
    """

    level: int
    capacity: int
    slot: int
    load: int
    harvest: int


Policy = Callable[[Observation], int]
"""Chooses the index of an action."""


@dataclass(frozen=True, eq=False)
class Run:
    """What became of a policy; arrays of shape (days, slots).

    Parameters
    ----------
    levels : ndarray of int32
        At the start of each slot.
    actions : ndarray of int16
    values : ndarray of float64
        Damage avoided.
    brown_outs : int
    quantum_mJ : float
    kind : str
        "modelled".
    """

    levels: np.ndarray
    actions: np.ndarray
    values: np.ndarray
    brown_outs: int
    quantum_mJ: float
    kind: str = "modelled"

    @property
    def value_per_day(self) -> float:
        """Damage avoided on a mean day."""
        return float(self.values.sum(axis=1).mean())


def station(
    actions: Sequence[Action], *, store_J: float, sleep_mW: float, quantum_mJ: float = 1.0
) -> Station:
    """A device with a store of `store_J`; the quantum must be that of the actions.

    Raises
    ------
    ValueError
        A store, power or quantum that is not a finite number above 0 (a power of 0 is allowed).
    """
    positive("store_J", store_J, "J")
    at_least("sleep_mW", sleep_mW, 0, "mW")
    positive("quantum_mJ", quantum_mJ, "mJ")
    if store_J * 1e3 / quantum_mJ > MOST_LEVELS:
        raise ValueError(
            f"{store_J:g} J in quanta of {quantum_mJ:g} mJ are more than {MOST_LEVELS:,} levels:"
            " take a larger quantum_mJ"
        )
    return Station(
        actions=tuple(actions),
        capacity=int(store_J * 1e3 / quantum_mJ),
        sleep_cost=math.ceil(sleep_mW / REGULATOR * SLOT_S / quantum_mJ),
        quantum_mJ=quantum_mJ,
    )


def quanta(trace: Trace, quantum_mJ: float) -> np.ndarray:
    """Whole quanta harvested in each slot, int32 (days, slots); remainders are carried over."""
    positive("quantum_mJ", quantum_mJ, "mJ")
    total = np.floor(np.cumsum(trace.harvest_mJ.ravel()) / quantum_mJ)
    return np.diff(total, prepend=0).astype(np.int32).reshape(trace.load.shape)


def simulate(node: Station, days: Trace, policy: Policy, *, start: float = 0.5) -> Run:
    """Run a policy through days in a row, the store carried over from one to the next.

    Parameters
    ----------
    node : Station
    days : Trace
    policy : callable (Observation) -> int
    start : float
        Share of the store that is full at first.
    """
    fraction("start", start, zero=True)
    harvest, load = quanta(days, node.quantum_mJ).ravel(), days.load.ravel()
    levels = np.empty(len(load), np.int32)
    actions, values = np.empty(len(load), np.int16), np.empty(len(load))
    level, before, brown_outs = int(start * node.capacity), 0, 0
    for slot, (income, work) in enumerate(zip(harvest.tolist(), load.tolist())):
        seen = Observation(level, node.capacity, slot % SLOTS_PER_DAY, work, before)
        action = policy(seen)
        levels[slot], actions[slot] = level, action
        level, values[slot], dark = node.step(level, action, income, work)
        brown_outs += dark
        before = income
    shape = days.load.shape
    return Run(
        levels.reshape(shape),
        actions.reshape(shape),
        values.reshape(shape),
        brown_outs,
        node.quantum_mJ,
    )
