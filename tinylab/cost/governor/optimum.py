"""The offline optimum: what a governor could reach that knew all weather and work in advance.

Dynamic programming (Bellman 1957), backwards in time over every level of the store. No policy can
do better, because none knows more; so it is the bound against which the others are measured.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.checks import fraction
from tinylab.cost.governor.harvest import Trace
from tinylab.cost.governor.station import Run, Station, quanta

__all__ = ["Plan", "offline_optimum", "plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """The best action for every slot and level, and what can still be gained from there.

    Parameters
    ----------
    actions : ndarray of int16, shape (slots, capacity + 1)
    value : ndarray of float64, shape (capacity + 1,)
        From the first slot on.
    """

    actions: np.ndarray
    value: np.ndarray


def plan(node: Station, harvest: np.ndarray, load: np.ndarray) -> Plan:
    """Work backwards from the last slot, after which stored energy is worth nothing.

    Parameters
    ----------
    node : Station
    harvest : int array (slots,)
        Quanta.
    load : int array (slots,)
    """
    levels = np.arange(node.capacity + 1)
    costs = np.array([action.cost for action in node.actions])
    values = np.array([action.values for action in node.actions])
    # What is left after paying, for every action and level; what cannot be paid is never chosen.
    left = np.maximum(levels - costs[:, np.newaxis] - node.sleep_cost, 0)
    affordable = costs[:, np.newaxis] <= levels
    later = np.zeros(node.capacity + 1)
    best = np.empty((len(load), node.capacity + 1), np.int16)
    for slot in range(len(load) - 1, -1, -1):
        following = np.minimum(left + harvest[slot], node.capacity)
        gains = np.where(affordable, values[:, load[slot], np.newaxis] + later[following], -np.inf)
        best[slot] = gains.argmax(axis=0)
        later = gains.max(axis=0)
    return Plan(best, later)


def offline_optimum(node: Station, days: Trace, *, start: float = 0.5) -> Run:
    """The best possible run through known days; arguments as for `governor.simulate`."""
    fraction("start", start, zero=True)
    harvest, load = quanta(days, node.quantum_mJ).ravel(), days.load.ravel()
    planned = plan(node, harvest, load)
    level = int(start * node.capacity)
    levels = np.empty(len(load), np.int32)
    actions, values = np.empty(len(load), np.int16), np.empty(len(load))
    for slot, income in enumerate(harvest.tolist()):
        action = int(planned.actions[slot, level])
        levels[slot], actions[slot] = level, action
        level, values[slot], _ = node.step(level, action, income, int(load[slot]))
    shape = days.load.shape
    return Run(
        levels.reshape(shape), actions.reshape(shape), values.reshape(shape), 0, node.quantum_mJ
    )
