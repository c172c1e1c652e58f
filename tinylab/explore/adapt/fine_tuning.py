"""Explorer: how many layers to fine-tune, against accuracy and the memory that training needs."""

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.adapt.fine_tuning.memory import OPTIMIZER_SLOTS, MemoryCost
from tinylab.adapt.fine_tuning.results import FineTuningResults, ScopeRow
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count

__all__ = ["Depth", "finetune_explorer"]

BATCH_SIZES = (1, 2, 5, 10, 20, 32)
PARTS: dict[str, Callable[[MemoryCost], int]] = {
    "weights": lambda cost: cost.weight_bytes,
    "gradients": lambda cost: cost.gradient_bytes,
    "optimizer": lambda cost: cost.optimizer_state_bytes,
    "saved activations": lambda cost: cost.saved_activation_bytes,
}


@dataclass(frozen=True)
class Depth:
    """One scope as chosen, with every scope's row and cost under the same settings."""

    chosen: int
    rows: tuple[ScopeRow, ...]
    costs: tuple[MemoryCost, ...]

    @property
    def row(self) -> ScopeRow:
        """What was measured for the chosen scope."""
        return self.rows[self.chosen]

    @property
    def cost(self) -> MemoryCost:
        """What the chosen scope needs."""
        return self.costs[self.chosen]


class _View:
    """Left the accuracies of every scope, right its memory, the chosen scope in a frame."""

    def __init__(self, scopes: tuple[str, ...]):
        self._names = [_words(scope) for scope in scopes]

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=170 + 42 * len(self._names), legend_rows=3)
        for index, name in enumerate(("new examples, after", "old words, after")):
            figure.add_scatter(y=self._names, name=name, mode="markers", **theme.series(index))
        for index, name in enumerate(("new, before", "old, at the factory")):
            line = {**theme.series(index)["line"], "dash": "dot", "width": 1.5}
            figure.add_scatter(mode="lines", name=name, line=line)
        for index, part in enumerate(PARTS):
            figure.add_bar(
                y=self._names,
                name=part,
                orientation="h",
                xaxis="x2",
                yaxis="y2",
                **theme.bar(index + 2),
            )
        figure.add_shape(
            type="rect",
            xref="paper",
            x0=0,
            x1=1,
            line={"color": theme.BLACK, "width": 2},
            layer="above",
        )
        return figure.update_layout(
            barmode="stack",
            margin_l=110,
            xaxis={"domain": [0, 0.47], "title": "accuracy (%)", "range": [0, 101]},
            xaxis2={"domain": [0.53, 1], "title": "memory to train (kB)", "anchor": "y2"},
            yaxis2={"anchor": "x2", "showticklabels": False, "matches": "y"},
        )

    def update(self, figure: go.Figure, result: Depth) -> None:
        new, old, new_before, old_before, *parts = figure.data
        new.x = [100 * row.accuracy_new for row in result.rows]
        old.x = [100 * row.accuracy_old for row in result.rows]
        ends = [self._names[0], self._names[-1]]
        new_before.x, new_before.y = [100 * result.row.accuracy_new_before] * 2, ends
        old_before.x, old_before.y = [100 * result.row.accuracy_old_before] * 2, ends
        for trace, size in zip(parts, PARTS.values()):
            trace.x = [size(cost) / 1e3 for cost in result.costs]
        figure.layout.shapes[0].y0 = result.chosen - 0.45
        figure.layout.shapes[0].y1 = result.chosen + 0.45


def _words(scope: str) -> str:
    return scope.replace("_", " ")


def _summary(result: Depth) -> str:
    row, cost = result.row, result.cost
    return (
        f"Training {_words(row.scope)} with {count(row.examples, 'example')} takes accuracy on"
        f" the new ones from {row.accuracy_new_before:.0%} to {row.accuracy_new:.0%}, on the old"
        f" words from {row.accuracy_old_before:.0%} to {row.accuracy_old:.0%}. A step with"
        f" {count(cost.batch_size, 'example')} and {cost.optimizer} needs"
        f" {cost.total_bytes / 1e3:,.0f} kB,"
        f" {cost.saved_activation_bytes / 1e3:,.0f} kB of it for saved activations."
    )


def finetune_explorer(results: FineTuningResults) -> Explorer:
    """Compare the scopes that were measured; batch size and optimizer change only the memory.

    Parameters
    ----------
    results : FineTuningResults
        From `tinylab.adapt.fine_tuning.study.measure_scopes`.
    """
    counts, scopes = sorted(results.examples), results.scopes
    start = results.rows[0].memory

    def compute(scope: str, batch_size: int, optimizer: str, examples: int = counts[-1]) -> Depth:
        rows = tuple(results.row(name, examples) for name in scopes)
        costs = tuple(
            row.memory.with_settings(batch_size=batch_size, optimizer=optimizer) for row in rows
        )
        return Depth(scopes.index(scope), rows, costs)

    controls = [
        Dropdown("scope", "Train", scopes, scopes[0], [_words(scope) for scope in scopes]),
        Steps(
            "batch_size",
            "Examples in a step",
            sorted({*BATCH_SIZES, start.batch_size}),
            start.batch_size,
        ),
        Dropdown("optimizer", "Optimizer", tuple(OPTIMIZER_SLOTS), start.optimizer),
    ]
    if len(counts) > 1:
        controls.insert(1, Steps("examples", "Examples to learn from", counts, counts[-1]))
    return Explorer(
        "How deep to fine-tune",
        controls,
        compute,
        _View(scopes),
        _summary,
        source="measured: accuracy of your model; memory counted layer by layer, float32",
    )
