"""What sparse updates reached within each budget, as plain numbers: for the explorer, and for JSON.

Nothing here imports Keras.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tinylab.adapt.few_shot import Interval, t_interval
from tinylab.adapt.sparse_memory import Unit
from tinylab.adapt.sparse_update import Contributions, Option, SparsePlan

__all__ = ["SparseRow", "SparseSweep", "restored_sweep"]


@dataclass(frozen=True)
class SparseRow:
    """One plan, measured on every test camera.

    Attributes
    ----------
    budget_bytes : int
        RAM it had to fit into.
    plan : SparsePlan
    accuracies : tuple of float
        One for each camera.
    learning_rate, steps
        As tuned on validation cameras.
    """

    budget_bytes: int
    plan: SparsePlan
    accuracies: tuple[float, ...]
    learning_rate: float
    steps: int

    @property
    def interval(self) -> Interval:
        """Mean accuracy over the cameras with its 95 % interval."""
        return t_interval(self.accuracies)


@dataclass(frozen=True)
class SparseSweep:
    """The best plan within every budget.

    Attributes
    ----------
    units : tuple of Unit
    contributions : Contributions
        Measured on validation cameras; the plans were chosen by them.
    rows : tuple of SparseRow
        By rising budget.
    unchanged : tuple of float
        Accuracy on each test camera without any training.
    everything : SparseRow
        All kernels and biases, whatever it needs.
    shots, queries : int
        Support pictures of each class, query pictures of each task.
    """

    units: tuple[Unit, ...]
    contributions: Contributions
    rows: tuple[SparseRow, ...]
    unchanged: tuple[float, ...]
    everything: SparseRow
    shots: int
    queries: int

    @property
    def budgets(self) -> tuple[int, ...]:
        """Budgets in bytes, rising."""
        return tuple(row.budget_bytes for row in self.rows)

    def row(self, budget_bytes: int) -> SparseRow:
        """The row of a budget.

        Raises
        ------
        KeyError
            It was not measured.
        """
        for row in self.rows:
            if row.budget_bytes == budget_bytes:
                return row
        raise KeyError(f"a budget of {budget_bytes} bytes was not measured")


def restored_sweep(stored: Mapping) -> SparseSweep:
    """Rebuild a sweep from what `dataclasses.asdict` made of it, also after JSON."""
    found = stored["contributions"]
    options = tuple(Option(**option) for option in found["options"])
    return SparseSweep(
        units=tuple(Unit(**unit) for unit in stored["units"]),
        contributions=Contributions(tuple(found["bias_loss"]), options),
        rows=tuple(_row(row) for row in stored["rows"]),
        unchanged=tuple(stored["unchanged"]),
        everything=_row(stored["everything"]),
        shots=stored["shots"],
        queries=stored["queries"],
    )


def _row(stored: Mapping) -> SparseRow:
    kernels = tuple((name, share) for name, share in stored["plan"]["kernels"])
    plan = SparsePlan(**{**stored["plan"], "kernels": kernels})
    return SparseRow(**{**stored, "plan": plan, "accuracies": tuple(stored["accuracies"])})
