"""Policies that a programmer writes: always the same, by the level of the store, or by a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from tinylab.cost.governor.harvest import Trace
from tinylab.cost.governor.station import Observation, Run, Station, simulate

__all__ = ["Fixed", "Threshold", "best_fixed", "best_threshold", "worthwhile"]


@dataclass(frozen=True)
class Fixed:
    """The same action in every slot, whatever the machine does and the store holds."""

    action: int

    def __call__(self, seen: Observation) -> int:
        return self.action


@dataclass(frozen=True)
class Threshold:
    """Thrifty below a level of the store, lavish above another, asleep while the machine is off.

    Parameters
    ----------
    low, high : float
        Shares of the capacity.
    actions : tuple of three int
        Below `low`, between, and above `high`.
    """

    low: float
    high: float
    actions: tuple[int, int, int]

    def __call__(self, seen: Observation) -> int:
        if not seen.load:
            return 0
        share = seen.level / seen.capacity
        return self.actions[(share >= self.low) + (share >= self.high)]


def worthwhile(node: Station, load: int) -> tuple[int, ...]:
    """Actions that no other beats under a load: none is worth as much and costs less."""
    ranked = sorted(
        range(len(node.actions)),
        key=lambda index: (node.actions[index].cost, -node.actions[index].values[load]),
    )
    kept, best = [], -np.inf
    for index in ranked:
        if node.actions[index].values[load] > best:
            kept.append(index)
            best = node.actions[index].values[load]
    return tuple(kept)


def best_fixed(node: Station, days: Trace) -> tuple[Fixed, Run]:
    """The fixed policy that avoids most damage on these days, and its run."""
    return _best(node, days, [Fixed(action) for action in range(len(node.actions))])


def best_threshold(
    node: Station, days: Trace, shares: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9)
) -> tuple[Threshold, Run]:
    """Search thresholds and actions on these days; the actions are those good under heavy load."""
    heavy = len(node.actions[0].values) - 1
    choices = worthwhile(node, heavy)
    ranked = range(len(choices))
    triples = [
        (choices[low], choices[middle], choices[high])
        for low, middle, high in product(ranked, repeat=3)
        if low <= middle <= high
    ]
    bounds = [(low, high) for low, high in product(shares, repeat=2) if low < high]
    return _best(node, days, [Threshold(*pair, triple) for pair in bounds for triple in triples])


def _best(node: Station, days: Trace, policies: Iterable) -> tuple:
    runs = ((policy, simulate(node, days, policy)) for policy in policies)
    return max(runs, key=lambda run: run[1].value_per_day)
