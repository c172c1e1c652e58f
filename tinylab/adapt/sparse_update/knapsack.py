"""The knapsack problem with groups, solved exactly: the most value within a budget of bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Front", "knapsack"]


def knapsack(
    choices: Sequence[Sequence[tuple[float, int]]], budget_bytes: int
) -> tuple[float, tuple[int, ...]]:
    """Choose at most one option of each group so that the values add up to the most.

    Parameters
    ----------
    choices : sequence of sequences of (value, bytes)
        One sequence a group. Bytes are whole numbers from 0.
    budget_bytes : int

    Returns
    -------
    value : float
    chosen : tuple of int
        Place of the chosen option in each group, -1 for none.

    Raises
    ------
    ValueError
        A negative budget.
    """
    if budget_bytes < 0:
        raise ValueError(f"the budget is {budget_bytes} bytes: pass 0 or more")
    front = Front.empty()
    for group in choices:
        front = front.extended(group, budget_bytes)
    return float(front.values[-1]), tuple(int(index) for index in front.chosen[-1])


@dataclass(frozen=True)
class Front:
    """The choices that no other one beats in value and bytes alike, by rising bytes and value."""

    values: np.ndarray
    sizes: np.ndarray
    chosen: np.ndarray

    @classmethod
    def empty(cls) -> "Front":
        return cls(np.zeros(1), np.zeros(1, np.int64), np.zeros((1, 0), np.int8))

    def extended(self, group: Sequence[tuple[float, int]], budget: int) -> "Front":
        """Every choice with none or one option of another group, without those that are beaten."""
        options = [(0.0, 0), *group]
        values = np.concatenate([self.values + value for value, _ in options])
        sizes = np.concatenate([self.sizes + added for _, added in options])
        places = np.repeat(np.arange(-1, len(group), dtype=np.int8), len(self.values))
        chosen = np.hstack([np.tile(self.chosen, (len(options), 1)), places[:, np.newaxis]])
        order = np.lexsort((-values, sizes))
        order = order[sizes[order] <= budget]
        best_before = np.maximum.accumulate(np.append(-np.inf, values[order][:-1]))
        kept = order[values[order] > best_before]
        return Front(values[kept], sizes[kept], chosen[kept])
