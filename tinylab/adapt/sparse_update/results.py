"""What sparse updates reached within each budget, as plain numbers: for the explorer, and for JSON.

Nothing here imports Keras.
"""

from dataclasses import dataclass

from tinylab.adapt.sparse_update.choice import Contributions, SparsePlan
from tinylab.adapt.sparse_update.memory import Unit
from tinylab.scoring.intervals import Interval, t_interval

__all__ = ["SparseRow", "SparseUpdateResults"]


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
class SparseUpdateResults:
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
