"""Explorer: a budget of RAM against the weights that are worth training in it."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.adapt.sparse_update.choice import SparsePlan
from tinylab.adapt.sparse_update.memory import Unit
from tinylab.adapt.sparse_update.results import SparseRow, SparseUpdateResults
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import paired_interval, t_interval
from tinylab.scoring.verdicts import signed

__all__ = ["Chosen", "sparse_update_explorer"]

VIEWS = {"bytes": "RAM of each layer", "gain": "loss that each layer saves"}


@dataclass(frozen=True)
class Chosen:
    """The plan of a budget, and for each layer what is drawn of it.

    Attributes
    ----------
    row : SparseRow
    biases, kernels : tuple of float
        For each layer kB of RAM (`view` "bytes"), or nats by which training it was measured to
        lower the loss ("gain"); 0 for what is not trained.
    view : str
    """

    row: SparseRow
    biases: tuple[float, ...]
    kernels: tuple[float, ...]
    view: str


class _View:
    """Left the layers and what is trained of them; right accuracy against RAM."""

    def __init__(self, results: SparseUpdateResults):
        self._results = results
        self._names = [_words(unit) for unit in results.units]

    def figure(self) -> go.Figure:
        results = self._results
        figure = theme.figure(height_px=640, legend_rows=3)
        for index, name in enumerate(("biases, classifier", "kernels")):
            figure.add_bar(y=self._names, orientation="h", name=name, **theme.bar(index))
        intervals = [row.interval for row in results.rows]
        figure.add_scatter(
            x=[row.plan.bytes / 1000 for row in results.rows],
            y=[100 * interval.mean for interval in intervals],
            error_y={
                "type": "data",
                "array": [100 * (interval.high - interval.mean) for interval in intervals],
                "width": 4,
            },
            xaxis="x2",
            yaxis="y2",
            mode="lines+markers",
            name="measured, 95% interval",
            **theme.series(2),
        )
        ends = [
            min(row.plan.bytes for row in results.rows) / 1000,
            max(row.plan.bytes for row in results.rows) / 1000,
        ]
        everything = results.everything
        levels = {
            "without training": t_interval(results.unchanged).mean,
            f"everything, {everything.plan.bytes / 1e6:.1f} MB": everything.interval.mean,
        }
        for index, (name, level) in enumerate(levels.items()):
            line = {"color": theme.COLOURS[index + 3], "dash": theme.DASHES[index + 1], "width": 2}
            figure.add_scatter(
                x=ends,
                y=[100 * level] * 2,
                xaxis="x2",
                yaxis="y2",
                mode="lines",
                name=name,
                line=line,
            )
        figure.add_scatter(xaxis="x2", yaxis="y2", **theme.highlight())
        return figure.update_layout(
            barmode="stack",
            xaxis={"domain": [0, 0.42], "title": VIEWS["bytes"]},
            yaxis={"autorange": "reversed", "tickfont": {"size": 11}, "dtick": 1},
            xaxis2={"domain": [0.56, 1], "anchor": "y2", "title": "RAM of a training step (kB)"},
            yaxis2={"anchor": "x2", "title": "accuracy on new cameras (%)"},
        )

    def update(self, figure: go.Figure, result: Chosen) -> None:
        biases, kernels, here = figure.data[0], figure.data[1], figure.data[-1]
        biases.x, kernels.x = list(result.biases), list(result.kernels)
        unit = "kB" if result.view == "bytes" else "millinats"
        figure.layout.xaxis.title.text = f"{VIEWS[result.view]} ({unit})"
        here.x, here.y = [result.row.plan.bytes / 1000], [100 * result.row.interval.mean]


def _words(unit: Unit) -> str:
    return unit.name.replace("_", " ")


def sparse_update_explorer(results: SparseUpdateResults) -> Explorer:
    """Look up the best plan of each budget.

    Parameters
    ----------
    results : SparseUpdateResults
        Measured by `tinylab.recipes.visual_wake_words_few_shot`.
    """
    budgets_kB = [budget // 1024 for budget in results.budgets]

    def compute(budget_kB: int, view: str) -> Chosen:
        row = results.row(1024 * budget_kB)
        bars = _bytes(results, row) if view == "bytes" else _gains(results, row)
        return Chosen(row, *bars, view)

    controls = [
        Steps(
            "budget_kB",
            "RAM for training",
            budgets_kB,
            256 if 256 in budgets_kB else budgets_kB[0],
            "KiB",
        ),
        Dropdown("view", "Show", tuple(VIEWS), "bytes", tuple(VIEWS.values())),
    ]
    return Explorer(
        "What to train in little memory",
        controls,
        compute,
        _View(results),
        lambda result: _summary(results, result),
        source=(
            f"measured: {len(results.unchanged)} test cameras, {results.shots} pictures of each"
            " class; modelled: bytes, counted by the rules in the text"
        ),
    )


def _bytes(
    results: SparseUpdateResults, row: SparseRow
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """kB of weights, gradients and kept activations: biases and classifier, kernels."""
    shares, last = dict(row.plan.kernels), len(results.units) - 1
    biases = [
        8 * unit.biases / 1000 if index >= row.plan.first_bias else 0.0
        for index, unit in enumerate(results.units)
    ]
    biases[last] += (
        8 * results.units[last].kernel_weights + results.units[last].input_values
    ) / 1000
    kernels = [
        unit.kernel_bytes(shares[unit.name]) / 1000 if unit.name in shares else 0.0
        for unit in results.units
    ]
    return tuple(biases), tuple(kernels)


def _gains(
    results: SparseUpdateResults, row: SparseRow
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Millinats that each layer's bias saves on top of those above it, and each chosen kernel."""
    losses, shares = results.contributions.bias_loss, dict(row.plan.kernels)
    saved = [1000 * (above - own) for own, above in zip(losses, (*losses[1:], losses[-1]))]
    biases = [gain if index >= row.plan.first_bias else 0.0 for index, gain in enumerate(saved)]
    kernels = [
        1000 * results.contributions.gains(index)[shares[unit.name]] if unit.name in shares else 0.0
        for index, unit in enumerate(results.units)
    ]
    return tuple(biases), tuple(kernels)


def _summary(results: SparseUpdateResults, result: Chosen) -> str:
    row, plan = result.row, result.row.plan
    layers = len(results.units) - plan.first_bias
    gap = paired_interval(row.accuracies, results.unchanged)
    return (
        f"Within {row.budget_bytes // 1024} KiB: train the biases of the last {layers} layers, the"
        f" classifier and {_kernels_in_words(plan)}. A step needs {plan.bytes / 1000:.0f} kB."
        f" Accuracy {row.interval}, {signed(100 * gap.mean)} points against no training"
        f" ({signed(100 * gap.low)} to {signed(100 * gap.high)})."
    )


def _kernels_in_words(plan: SparsePlan) -> str:
    parts = []
    for share in sorted({share for _, share in plan.kernels}, reverse=True):
        names = ", ".join(name.replace("_", " ") for name, own in plan.kernels if own == share)
        parts.append(f"{'all' if share == 1 else f'{share:.0%}'} of {names}")
    return "; ".join(parts) or "no kernel"
