"""Explorer: four ways to double the work of a network, against what they cost and each other."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer
from tinylab.models.networks.doubling_results import BASE, DoublingResults
from tinylab.scoring.verdicts import Verdict, compare

__all__ = ["Doubled", "doubling_explorer"]

COSTS = {
    "macs": "multiply-accumulates",
    "parameters": "weights",
    "largest_activation_bytes": "largest activations",
}


@dataclass(frozen=True)
class Doubled:
    """Two ways beside each other.

    Attributes
    ----------
    way, other : str
    cost : str
        The kind of cost on the axis, a key of `COSTS`.
    verdict : Verdict or None
        On the area under the curve, seed by seed; None where a way is compared with itself.
    """

    way: str
    other: str
    cost: str
    verdict: Verdict | None


class _View:
    """Area under the curve of every training against a cost, a colour for each way."""

    def __init__(self, results: DoublingResults):
        self._results = results

    def figure(self) -> go.Figure:
        figure = theme.figure(y="area under the ROC curve on the test scenes", height_px=420)
        for index, way in enumerate(self._results.ways):
            values = self._results.values(way)
            figure.add_scatter(y=values, name=way, mode="markers", **theme.series(index))
        figure.add_scatter(**theme.highlight())
        return figure

    def update(self, figure: go.Figure, result: Doubled) -> None:
        results = self._results
        *clouds, here = figure.data
        for cloud, way in zip(clouds, results.ways, strict=True):
            cloud.x = [results.times(way, result.cost)] * results.seeds
        two = [result.other, result.way]
        here.x = [results.times(way, result.cost) for way in two]
        here.y = [float(np.mean(results.values(way))) for way in two]
        figure.layout.xaxis.title.text = f"{COSTS[result.cost]}, times the base"


def doubling_explorer(results: DoublingResults) -> Explorer:
    """Compare ways to double the work of a network, each trained with several seeds.

    Parameters
    ----------
    results : DoublingResults
        From `tinylab.models.networks.doubling_results.bundled_doubling`, or measured by
        `tinylab.recipes.visual_wake_words_doubling.measure_doubling`.
    """

    def compute(way: str, other: str, cost: str) -> Doubled:
        pair = results.values(way), results.values(other)
        return Doubled(way, other, cost, None if way == other else compare(*pair))

    def summary(result: Doubled) -> str:
        row = results.chosen(result.way)[0]
        costs = ", ".join(f"{results.times(result.way, key):.2f} x {COSTS[key]}" for key in COSTS)
        mean = float(np.mean(results.values(result.way)))
        text = (
            f"{result.way}: depth {row.depth:.2f}, width {row.width:.3f}, {row.resolution} pixels;"
            f" {costs}; area under the curve {mean:.3f} on average."
        )
        if result.verdict is None:
            return f"{text} Choose another network to compare it with."
        return f"{text} {result.verdict.sentence(result.way, result.other)}"

    ways, labels = results.ways, tuple(COSTS.values())
    first = next(way for way in ways if way != BASE)
    controls = [
        Dropdown("way", "Network", ways, first),
        Dropdown("other", "Compared with", ways, BASE),
        Dropdown("cost", "Cost on the axis", tuple(COSTS), "macs", labels),
    ]
    return Explorer(
        "Deeper, wider, or sharper?",
        controls,
        compute,
        _View(results),
        summary,
        source=(
            f"measured: {len(ways)} networks, each at its best learning rate, with"
            f" {results.seeds} seeds, {results.epochs} epochs on"
            f" {results.training_pictures:,} pictures, on {results.examples:,} test pictures"
        ),
    )
