"""What fine-tuning measured, as plain numbers: for the explorers, and kept in the work folder.

Nothing here imports Keras.
"""

from dataclasses import dataclass

from tinylab.adapt.fine_tuning.memory import MemoryCost

__all__ = ["EpochPoint", "FineTuningResults", "ScopeRow"]


@dataclass(frozen=True)
class EpochPoint:
    """Where the model stands after `epoch` passes over the new examples (0: before the first).

    Accuracies are shares of the evaluation clips, losses their mean cross entropy in nats.
    """

    epoch: int
    accuracy_new: float
    accuracy_old: float
    loss_new: float
    loss_old: float


@dataclass(frozen=True)
class ScopeRow:
    """One scope trained on some examples.

    Attributes
    ----------
    scope : str
    examples : int
        New examples that were trained on.
    curve : tuple of EpochPoint
        It starts before the first step.
    memory : MemoryCost
    accuracy_old_before : float
        Share of the old evaluation clips that the model answered rightly when it left the factory,
        before anything was added to it or trained.
    """

    scope: str
    examples: int
    curve: tuple[EpochPoint, ...]
    memory: MemoryCost
    accuracy_old_before: float

    @property
    def accuracy_new_before(self) -> float:
        """Share of the new evaluation clips answered correctly before adapting."""
        return self.curve[0].accuracy_new

    @property
    def accuracy_new(self) -> float:
        """The same after adapting."""
        return self.curve[-1].accuracy_new

    @property
    def accuracy_old(self) -> float:
        """Share of the old evaluation clips answered rightly after adapting."""
        return self.curve[-1].accuracy_old

    @property
    def forgetting(self) -> float:
        """Accuracy lost on the old clips since the factory (negative when they gained)."""
        return self.accuracy_old_before - self.accuracy_old


@dataclass(frozen=True)
class FineTuningResults:
    """Rows of a study, scope by scope from the fewest blocks to all."""

    rows: tuple[ScopeRow, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """Scopes that were measured."""
        return tuple(dict.fromkeys(row.scope for row in self.rows))

    @property
    def examples(self) -> tuple[int, ...]:
        """Numbers of examples that were measured."""
        return tuple(dict.fromkeys(row.examples for row in self.rows))

    def row(self, scope: str, examples: int | None = None) -> ScopeRow:
        """Look one row up; without `examples`, the one with the most.

        Raises
        ------
        KeyError
            It was not measured.
        """
        count = max(self.examples) if examples is None else examples
        for row in self.rows:
            if (row.scope, row.examples) == (scope, count):
                return row
        raise KeyError(f"{scope!r} with {count} examples was not measured")
