"""Explorer: are a model's layers held back by the multiplier or by memory?"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import board, default_board, workload
from tinylab.cost.timing.roofline import Roofline, roofline
from tinylab.explore.energy_latency.battery import CLOCK_PERCENT
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount
from tinylab.graph.core.ir import Graph

__all__ = ["UnderTheRoof", "roofline_explorer"]

WIDEST = np.array([0.1, 1000.0])  # MACs per byte, the span of the axis
KINDS = ("conv2d", "depthwise_conv2d", "fully_connected")


@dataclass(frozen=True)
class UnderTheRoof:
    """A board's roof, its name, and the layer that is looked at."""

    roof: Roofline
    name: str
    layer: int


class _View:
    """Rate against intensity, both logarithmic: the roof as a line, layers as markers."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=460)
        figure.add_scatter(mode="lines", name="roof", line={"color": theme.BLACK, "width": 2.5})
        for index, kind in enumerate((*KINDS, "other")):
            figure.add_scatter(mode="markers", name=kind, **theme.series(index))
        figure.add_scatter(**theme.highlight("this layer"))
        log = {"type": "log", "tickformat": ",~g"}
        return figure.update_layout(
            xaxis={
                "title": "multiply-accumulates per byte moved",
                "range": np.log10(WIDEST),
                "dtick": 1,
                **log,
            },
            yaxis={"title": "million multiply-accumulates per second", "dtick": "D2", **log},
        )

    def update(self, figure: go.Figure, result: UnderTheRoof) -> None:
        roof, *groups, here = figure.data
        one = result.roof
        corners = np.array([WIDEST[0], one.ridge_macs_per_byte, WIDEST[1]])
        roof.x = corners
        roof.y = np.minimum(corners * one.bandwidth_bytes_per_s, one.peak_macs_per_s) / 1e6
        for trace, kind in zip(groups, (*KINDS, "other")):
            points = [p for p in one.points if (p.kind if p.kind in KINDS else "other") == kind]
            trace.x = [point.intensity for point in points]
            trace.y = [point.modelled_macs_per_s / 1e6 for point in points]
            trace.text = [f"{point.index} {point.kind}" for point in points]
            trace.showlegend = bool(points)
        layer = one.points[result.layer]
        here.x, here.y = [layer.intensity], [layer.modelled_macs_per_s / 1e6]


def _summary(result: UnderTheRoof) -> str:
    layer = result.roof.points[result.layer]
    share = layer.modelled_macs_per_s / layer.bound_macs_per_s
    return (
        f"Operator {layer.index}, {layer.kind}, does {amount(layer.intensity)} multiply-accumulates"
        f" per byte. On {result.name} at {result.roof.clock_MHz:.0f} MHz it is bound by"
        f" {layer.bound_by} (the ridge is at {amount(result.roof.ridge_macs_per_byte)}), and"
        f" {result.roof.stack} reaches {share:.0%} of its roof,"
        f" {amount(layer.modelled_macs_per_s / 1e6)} million a second."
    )


def roofline_explorer(graph: Graph) -> Explorer:
    """Place a model's layers under the roof of a board."""
    names = _documented(graph, usable_boards(workload(graph)))
    layers = len(roofline(graph, next(iter(names))).points)

    def compute(board_id: str, clock_percent: int, layer: int) -> UnderTheRoof:
        clock_MHz = board(board_id).clock_max.value * clock_percent / 100
        return UnderTheRoof(roofline(graph, board_id, clock_MHz=clock_MHz), names[board_id], layer)

    last = int(CLOCK_PERCENT[-1])
    controls = [
        board_control(names, name="board_id", start=default_board()),
        Slider("clock_percent", "Clock", int(CLOCK_PERCENT[0]), last, 1, last, "% of the highest"),
        Slider("layer", "Layer", 0, layers - 1, 1, 0),
    ]
    return Explorer(
        "Under the roof",
        controls,
        compute,
        _View(),
        _summary,
        source="datasheet: peak rate and bandwidth of the core; modelled: the rate of each layer",
    )


def _documented(graph: Graph, names: dict[str, str]) -> dict[str, str]:
    found = {}
    for key, name in names.items():
        try:
            roofline(graph, key)
        except ValueError:
            continue  # the core's peak rate is not documented
        found[key] = name
    return found
