"""Explorer: which layer tolerates how much pruning."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer

if TYPE_CHECKING:
    from tinylab.compress.pruning.results import LayerSensitivity, SensitivityResults

__all__ = ["Pruned", "sensitivity_explorer"]


@dataclass(frozen=True)
class Pruned:
    """One layer at one sparsity, beside all others at the same."""

    layer: "LayerSensitivity"
    sparsity: float
    accuracy: float
    together: float
    of_each: tuple[float, ...]


class _View:
    """Above the chosen layer at every sparsity, below every layer at the chosen sparsity."""

    def __init__(self, sensitivity: "SensitivityResults"):
        self._found = sensitivity
        self._names = [_words(row.layer) for row in sensitivity.layers]

    def figure(self) -> go.Figure:
        results, percent = self._found, [100 * share for share in self._found.sparsities]
        figure = theme.figure(height_px=620, legend_rows=2)
        figure.add_scatter(
            x=percent, name="this layer alone", mode="lines+markers", **theme.series(0)
        )
        together = [100 * share for share in results.together]
        figure.add_scatter(
            x=percent, y=together, name="all layers", mode="lines+markers", **theme.series(1)
        )
        level = {"color": theme.QUIET, "dash": "dot", "width": 2}
        figure.add_scatter(
            x=[0, 100],
            y=[100 * results.dense_accuracy] * 2,
            name="nothing pruned",
            mode="lines",
            line=level,
        )
        figure.add_scatter(**theme.highlight())
        figure.add_bar(
            x=self._names,
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
            hovertemplate="%{x}: %{y:.1f} %<extra></extra>",
        )
        low = max(0, 100 * min(min(row.accuracy) for row in results.layers) - 5)
        scale = {"title": "accuracy (%)", "range": [min(low, 100 * min(results.together) - 5), 101]}
        return figure.update_layout(
            margin_b=150,
            xaxis={"title": "weights removed (%)", "range": [0, 100]},
            yaxis={"domain": [0.58, 1], **scale},
            xaxis2={"anchor": "y2", "tickangle": -60, "tickfont": {"size": 11}},
            yaxis2={
                "domain": [0, 0.38],
                "anchor": "x2",
                "title": "accuracy (%)",
                "range": [low, 101],
            },
        )

    def update(self, figure: go.Figure, result: Pruned) -> None:
        alone, _, _, here, bars = figure.data
        alone.y = [100 * value for value in result.layer.accuracy]
        here.x, here.y = [100 * result.sparsity], [100 * result.accuracy]
        bars.y = [100 * value for value in result.of_each]
        chosen = [row is result.layer for row in self._found.layers]
        bars.marker.color = [theme.BLUE if value else theme.FADED for value in chosen]


def sensitivity_explorer(sensitivity: "SensitivityResults") -> Explorer:
    """Look up what pruning each layer alone costs.

    Parameters
    ----------
    sensitivity : SensitivityResults
        From `tinylab.compress.pruning.study.measure_sensitivity`.
    """
    rows = {row.layer: row for row in sensitivity.layers}

    def compute(layer: str, percent: float) -> Pruned:
        index = _place(sensitivity.sparsities, percent)
        return Pruned(
            rows[layer],
            sensitivity.sparsities[index],
            rows[layer].accuracy[index],
            sensitivity.together[index],
            tuple(row.accuracy[index] for row in sensitivity.layers),
        )

    def summary(result: Pruned) -> str:
        lost = 100 * (sensitivity.dense_accuracy - result.accuracy)
        worst = min(
            sensitivity.layers, key=lambda row: result.of_each[sensitivity.layers.index(row)]
        )
        return (
            f"Layer “{_words(result.layer.layer)}” without {result.sparsity:.0%} of its"
            f" {result.layer.weights:,} weights: accuracy {result.accuracy:.1%}, {abs(lost):.1f}"
            f" points {'below' if lost >= 0 else 'above'} the model with all weights. All layers"
            f" without that share: {result.together:.1%}. The most sensitive layer is"
            f" “{_words(worst.layer)}”: {min(result.of_each):.1%}."
        )

    percents = [round(100 * share) for share in sensitivity.sparsities]
    names = tuple(rows)
    controls = [
        Dropdown("layer", "Layer", names, names[0], [_words(name) for name in names]),
        Steps("percent", "Weights removed", percents, percents[len(percents) // 2], "%"),
    ]
    return Explorer(
        "Which layer can do without?",
        controls,
        compute,
        _View(sensitivity),
        summary,
        source=f"measured: one layer pruned at a time, no training, {sensitivity.examples} test"
        f" examples",
    )


def _place(sparsities: tuple[float, ...], percent: float) -> int:
    return [round(100 * share) for share in sparsities].index(round(percent))


def _words(layer: str) -> str:
    return layer.replace("_", " ")
