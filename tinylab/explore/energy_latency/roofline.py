"""Explorer: which roof holds a layer down: multiplier, instructions, flash or data port?"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import board, boards, default_board
from tinylab.cost.timing.roofline import KERNELS, Roofline, RooflinePoint, roofline
from tinylab.explore.energy_latency.battery import CLOCK_PERCENT
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount
from tinylab.graph.core.ir import Graph

__all__ = ["UnderTheRoof", "roofline_explorer"]

WIDEST = np.array([0.1, 1000.0])  # MACs per byte, the span of the axis
KINDS = ("conv2d", "depthwise_conv2d", "fully_connected")


@dataclass(frozen=True)
class UnderTheRoof:
    """A board's roofs, its name, and the layer that is looked at, an operator of the graph."""

    roof: Roofline
    name: str
    layer: int

    @property
    def at(self) -> RooflinePoint:
        """The layer."""
        return next(point for point in self.roof.points if point.index == self.layer)

    @property
    def memory_bytes_per_s(self) -> float:
        """Of the flash; of the data port where the flash is not documented."""
        return self.roof.flash_bytes_per_s or self.roof.port_bytes_per_s

    def intensity(self, point: RooflinePoint) -> float:
        """MACs for each byte that comes from that memory."""
        known = self.roof.flash_bytes_per_s is not None
        return point.flash_intensity if known else point.port_intensity


class _View:
    """Rate against intensity, both logarithmic: roofs as lines, layers as markers."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=500, legend_rows=3)
        black = {"color": theme.BLACK, "width": 2.5}
        figure.add_scatter(mode="lines", name="multiplier, and memory of the weights", line=black)
        slots = {"color": theme.QUIET, "width": 2, "dash": "dash"}
        figure.add_scatter(mode="lines", name="issue slots for this layer", line=slots)
        for index, kind in enumerate((*KINDS, "other")):
            figure.add_scatter(mode="markers", name=kind, **theme.series(index))
        figure.add_scatter(**theme.highlight("this layer"))
        log = {"type": "log", "tickformat": ",~g"}
        return figure.update_layout(
            xaxis={
                "title": "multiply-accumulates per byte of weights",
                "range": np.log10(WIDEST),
                "dtick": 1,
                **log,
            },
            yaxis={"title": "million multiply-accumulates per second", "dtick": "D2", **log},
        )

    def update(self, figure: go.Figure, result: UnderTheRoof) -> None:
        roof, slots, *groups, here = figure.data
        one, rate = result.roof, result.memory_bytes_per_s
        corners = np.array([WIDEST[0], one.peak_macs_per_s / rate, WIDEST[1]])
        roof.x, roof.y = corners, np.minimum(corners * rate, one.peak_macs_per_s) / 1e6
        issue = result.at.roofs_macs_per_s.get("issue slots", np.nan)
        slots.x, slots.y = WIDEST, [issue / 1e6] * 2
        for trace, kind in zip(groups, (*KINDS, "other")):
            points = [p for p in one.points if (p.kind if p.kind in KINDS else "other") == kind]
            trace.x = [result.intensity(point) for point in points]
            trace.y = [point.modelled_macs_per_s / 1e6 for point in points]
            trace.text = [f"{p.index} {p.kind}, held down by {p.bound_by}" for p in points]
            trace.showlegend = bool(points)
        here.x, here.y = [result.intensity(result.at)], [result.at.modelled_macs_per_s / 1e6]


def _summary(result: UnderTheRoof) -> str:
    layer, roof = result.at, result.roof
    lowest = f"{layer.bound_by}, {amount(layer.bound_macs_per_s / 1e6)} million MAC a second"
    share = layer.modelled_macs_per_s / layer.bound_macs_per_s
    by_memory = sum(point.memory_bound for point in roof.points)
    flash = (
        "how its flash waits is not documented here"
        if roof.wait_states is None
        else f"its flash waits {roof.wait_states} cycles"
    )
    return (
        f"On {result.name} at {roof.clock_MHz:.0f} MHz {flash}; with {KERNELS[roof.kernel]}, memory"
        f" holds down {by_memory} of {len(roof.points)} layers. Operator {layer.index},"
        f" {layer.kind}: the lowest roof is {lowest}; {roof.stack} reaches {share:.0%} of that."
    )


def roofline_explorer(graph: Graph) -> Explorer:
    """Place a model's layers under the roofs of a board."""
    names = _documented(graph)
    layers = tuple(point.index for point in roofline(graph, next(iter(names))).points)

    def compute(board_id: str, clock_percent: int, kernel: str, layer: int) -> UnderTheRoof:
        clock_MHz = board(board_id).clock_max.value * clock_percent / 100
        roof = roofline(graph, board_id, kernel=kernel, clock_MHz=clock_MHz)
        return UnderTheRoof(roof, names[board_id], layer)

    last = int(CLOCK_PERCENT[-1])
    controls = [
        board_control(names, name="board_id", start=default_board()),
        Slider("clock_percent", "Clock", int(CLOCK_PERCENT[0]), last, 1, last, "% of the highest"),
        Dropdown("kernel", "Run with", tuple(KERNELS), "dsp", tuple(KERNELS.values())),
        Steps("layer", "Operator", layers, layers[-1]),
    ]
    return Explorer(
        "Under the roofs",
        controls,
        compute,
        _View(),
        _summary,
        source="datasheet: rates of the core, wait states of the flash; measured: instructions in"
        " the emulator; modelled: the rate of each layer",
    )


def _documented(graph: Graph) -> dict[str, str]:
    documented = {}
    for key, one in boards().items():
        try:
            roofline(graph, key)
        except ValueError:
            continue  # the core's peak rate is not documented, or no latency is published
        documented[key] = one.name
    return documented
