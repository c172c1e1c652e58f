"""Choose which weights to train in little RAM, by their measured contributions to the accuracy.

Training everything needs far more RAM than inference. Lin et al., "On-Device Training Under 256KB
Memory" (NeurIPS 2022), train the biases of the last layers and the kernels of a few: those whose
measured contribution is worth their bytes. Their search is evolutionary; with costs and
contributions that add up it is a knapsack, which is solved exactly here. They measure contributions
in accuracy; here it is the loss on query pictures, which shows smaller changes.

Nothing here imports Keras.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.adapt.sparse_update.knapsack import Front
from tinylab.adapt.sparse_update.memory import Unit, base_bytes

__all__ = ["Contributions", "Option", "SparsePlan", "best_plan", "best_plans"]


@dataclass(frozen=True)
class SparsePlan:
    """What to train: the biases from unit `first_bias` on, the classifier, and some kernels.

    Attributes
    ----------
    first_bias : int
        Place of the lowest unit whose bias is trained; the classifier's place for none but its own.
    kernels : tuple of (str, float)
        Name of each unit whose kernel is trained, and the share of its input channels.
    bytes : int
        RAM of a training step.
    predicted_loss : float
        Cross entropy in nats if the contributions added up.
    """

    first_bias: int
    kernels: tuple[tuple[str, float], ...]
    bytes: int
    predicted_loss: float


@dataclass(frozen=True)
class Option:
    """Training a share of one unit's kernel: by how many nats it was measured to lower the loss."""

    unit: int
    share: float
    gain: float


@dataclass(frozen=True)
class Contributions:
    """What was measured for each choice on its own.

    Attributes
    ----------
    bias_loss : tuple of float
        Cross entropy with the classifier and the biases from unit i on trained, for every i.
    options : tuple of Option
        For shares of kernels, each on top of the biases from its own unit on.
    """

    bias_loss: tuple[float, ...]
    options: tuple[Option, ...]

    def gains(self, unit: int) -> dict[float, float]:
        """Share -> gain of one unit's kernel."""
        return {option.share: option.gain for option in self.options if option.unit == unit}


def best_plan(
    all_units: Sequence[Unit], contributions: Contributions, budget_bytes: int
) -> SparsePlan | None:
    """The plan whose contributions add up to the most within a budget; None if nothing fits."""
    return best_plans(all_units, contributions, [budget_bytes])[0]


def best_plans(
    all_units: Sequence[Unit], contributions: Contributions, budgets_bytes: Sequence[int]
) -> list[SparsePlan | None]:
    """The best plan for each budget.

    Going down from the classifier, each lower first bias adds one group to the knapsack, so one
    pass serves every depth and every budget.

    Parameters
    ----------
    all_units : sequence of Unit
        From `units`.
    contributions : Contributions
    budgets_bytes : sequence of int
    """
    front, below = Front.empty(), []
    best: list[SparsePlan | None] = [None] * len(budgets_bytes)
    for index in reversed(range(len(all_units))):
        unit, base = all_units[index], base_bytes(all_units, index)
        if index < len(all_units) - 1:
            gains = contributions.gains(index)
            below.append((unit.name, tuple(gains)))
            group = [(gain, unit.kernel_bytes(share)) for share, gain in gains.items()]
            front = front.extended(group, max(budgets_bytes))
        for number, budget in enumerate(budgets_bytes):
            fits = int(np.searchsorted(front.sizes, budget - base, side="right")) - 1
            if fits < 0:
                continue
            loss = contributions.bias_loss[index] - float(front.values[fits])
            if best[number] is None or loss < best[number].predicted_loss:
                kernels = _named(below, front.chosen[fits])
                best[number] = SparsePlan(index, kernels, base + int(front.sizes[fits]), loss)
    return best


def _named(groups: list[tuple[str, tuple[float, ...]]], chosen) -> tuple[tuple[str, float], ...]:
    """Unit and share of every chosen option, in forward order."""
    taken = [
        (name, shares[index])
        for (name, shares), index in zip(groups, chosen, strict=True)
        if index >= 0
    ]
    return tuple(reversed(taken))
