"""Explorer: width and resolution of a network against its accuracy and cost."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer
from tinylab.models.networks.scaling_results import ScalingResults, ScalingRow
from tinylab.scoring.intervals import wilson_interval

__all__ = ["Scaled", "scaling_explorer"]

LABELS = ("top left", "top left", "bottom right")  # of the points of a width
COSTS = {
    "macs": ("million MACs", 1e-6),
    "parameters": ("thousand weights", 1e-3),
    "largest_activation_bytes": ("largest activations (kB)", 1e-3),
}


@dataclass(frozen=True)
class Scaled:
    """One of the networks.

    Attributes
    ----------
    row : ScalingRow
    cost : str
        The kind of cost on the axis, a key of `COSTS`.
    better : ScalingRow or None
        A more accurate network that takes no more MACs, if there is one.
    clear : bool
        Whether it is ahead by more than the test can blur.
    """

    row: ScalingRow
    cost: str
    better: ScalingRow | None
    clear: bool


class _View:
    """Accuracy against cost: a line for each width, along which the resolution rises."""

    def __init__(self, results: ScalingResults):
        self._results = results

    def figure(self) -> go.Figure:
        results = self._results
        figure = theme.figure(y="accuracy on the test scenes (%)", height_px=460)
        for index, width in enumerate(results.widths):
            rows = self._rows(width)
            figure.add_scatter(
                y=[100 * row.accuracy for row in rows],
                name=f"width {width:g}",
                mode="lines+markers+text",
                text=[f"{row.resolution} px" for row in rows],
                # Curves that run close would write over each other.
                cliponaxis=False,
                textposition=LABELS[index % len(LABELS)],
                **theme.series(index),
            )
        figure.add_scatter(**theme.highlight())
        return figure.update_layout(xaxis={**theme.LOG_AXIS, "dtick": 1})

    def update(self, figure: go.Figure, result: Scaled) -> None:
        *lines, here = figure.data
        title, factor = COSTS[result.cost]
        for line, width in zip(lines, self._results.widths, strict=True):
            line.x = [getattr(row, result.cost) * factor for row in self._rows(width)]
        here.x, here.y = [getattr(result.row, result.cost) * factor], [100 * result.row.accuracy]
        figure.layout.xaxis.title.text = f"{title}, logarithmic"

    def _rows(self, width: float) -> list[ScalingRow]:
        known = [row for row in self._results.rows if row.width == width]
        return sorted(known, key=lambda row: row.resolution)


def scaling_explorer(results: ScalingResults) -> Explorer:
    """Look up networks that were measured at many widths and resolutions.

    Parameters
    ----------
    results : ScalingResults
        From `tinylab.models.networks.scaling_results.bundled_scaling`, or measured by
        `tinylab.recipes.visual_wake_words_scaling.measure_scaling`.
    """

    ordered = sorted(results.rows, key=lambda row: row.macs)
    networks = {f"{row.width:g} at {row.resolution} px": row for row in ordered}

    def compute(network: str, cost: str) -> Scaled:
        row = networks[network]
        best = results.best_within(row.macs)
        ahead = best[0].accuracy > row.accuracy
        return Scaled(row, cost, best[0] if ahead else None, row not in best)

    def summary(result: Scaled) -> str:
        row = result.row
        low, high = wilson_interval(round(row.accuracy * results.examples), results.examples)
        text = (
            f"Width {row.width:g} at {row.resolution} pixels: {row.macs / 1e6:.2f} million MACs,"
            f" {row.parameters:,} weights, accuracy {row.accuracy:.1%} (95% interval {low:.1%} to"
            f" {high:.1%})."
        )
        if result.better is None:
            return f"{text} No measured network of at most as many MACs is more accurate."
        better = result.better
        return (
            f"{text} Width {better.width:g} at {better.resolution} pixels reaches"
            f" {better.accuracy:.1%} with {better.macs / 1e6:.2f} million:"
            f" {'a clear lead' if result.clear else 'a lead that may be chance'}."
        )

    labels = [title for title, _ in COSTS.values()]
    names = tuple(networks)
    controls = [
        Dropdown("network", "Width and resolution", names, names[-1]),
        Dropdown("cost", "Cost on the axis", tuple(COSTS), "macs", labels),
    ]
    return Explorer(
        "Width and resolution",
        controls,
        compute,
        _View(results),
        summary,
        source=(
            f"measured: {len(results.rows)} networks, each at its best learning rate,"
            f" {results.epochs} epochs on {results.training_pictures:,} pictures,"
            f" on {results.examples:,} test pictures"
        ),
    )
