"""Explorer: a network on two chips in a row, more answers a second against a later answer."""

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from tinylab.cost import default_board, workload
from tinylab.cost.partition.two_chips import Pipeline, links, pipeline
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount
from tinylab.graph.core.ir import Graph

__all__ = ["TwoChips", "pipeline_explorer"]

STAGES = ("first chip", "link", "second chip")


@dataclass(frozen=True)
class TwoChips:
    """Every cut between two chips, and the one that is chosen."""

    costs: Pipeline
    cut: int
    place: str
    first: str
    second: str
    link: str

    @property
    def stages_ms(self) -> tuple[float, float, float]:
        """Time in each stage at the chosen cut."""
        one, at = self.costs, self.cut
        return float(one.first_ms[at]), float(one.link_ms[at]), float(one.second_ms[at])


class _View:
    """Left latency and period for every cut; right the three stages of the chosen one."""

    def __init__(self, operators: int):
        self._cuts = list(range(operators + 1))

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=460, legend_rows=2)
        for index, name in enumerate(("from picture to answer", "from answer to answer")):
            style = theme.series(index)
            style["marker"]["size"] = 6
            figure.add_scatter(x=self._cuts, name=name, mode="lines+markers", **style)
        figure.add_scatter(name="does not fit into the chips", mode="markers", **theme.series(5))
        figure.add_scatter(**theme.highlight())
        figure.add_bar(
            x=STAGES,
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
            texttemplate="%{y:.3g}",
            textposition="outside",
            cliponaxis=False,
            **theme.bar(0),
        )
        return figure.update_layout(
            xaxis={"domain": [0, 0.58], "title": "operators on the first chip"},
            yaxis={"title": "time (ms)", "rangemode": "tozero"},
            xaxis2={"domain": [0.7, 1], "anchor": "y2", "type": "category"},
            yaxis2={"anchor": "x2", "title": "time in the stage (ms)", "rangemode": "tozero"},
        )

    def update(self, figure: go.Figure, result: TwoChips) -> None:
        latency, period, misfits, here, bars = figure.data
        costs, at = result.costs, result.cut
        latency.y, period.y = costs.latency_ms, costs.period_ms
        outside = [cut for cut in self._cuts if not costs.fits[cut]]
        misfits.x, misfits.y = outside, costs.period_ms[outside]
        here.x, here.y = [at, at], [costs.latency_ms[at], costs.period_ms[at]]
        bars.y = list(result.stages_ms)


def _summary(result: TwoChips) -> str:
    costs, at = result.costs, result.cut
    alone = costs.latency_ms[-1]
    slowest = STAGES[max(range(3), key=lambda stage: result.stages_ms[stage])]
    fit = "" if costs.fits[at] else " It does not fit into the chips."
    return (
        f"Cut {at}, {result.place}: {amount(costs.rate_per_s[at])} pictures a second, each answered"
        f" after {amount(costs.latency_ms[at])} ms; {result.first} alone makes"
        f" {amount(1e3 / alone)} a second, after {amount(alone)} ms. The {slowest} takes longest."
        f" {costs.payload_bytes[at]:,} bytes cross over {result.link}; flash"
        f" {costs.first_flash_bytes[at] / 1e3:,.0f} + {costs.second_flash_bytes[at] / 1e3:,.0f} kB,"
        f" SRAM {costs.first_sram_bytes[at] / 1e3:,.0f} + {costs.second_sram_bytes[at] / 1e3:,.0f}"
        f" kB, {amount(costs.energy_uJ[at])} uJ a picture.{fit}"
    )


def pipeline_explorer(graph: Graph) -> Explorer:
    """Cut a model between two chips joined by a wire.

    Parameters
    ----------
    graph : Graph
    """
    names = usable_boards(workload(graph))
    wires = {key: one.name for key, one in links().items()}
    kinds = [op.kind for op in graph.ops]

    @lru_cache(maxsize=256)
    def priced(first: str, second: str, link: str, overlap: bool) -> Pipeline:
        return pipeline(graph, first, second, link, overlap=overlap)

    def compute(cut: int, first: str, second: str, link: str, overlap: bool) -> TwoChips:
        place = f"before {kinds[cut]}" if cut < len(kinds) else "nothing left for the second chip"
        costs = priced(first, second, link, overlap)
        return TwoChips(costs, cut, place, names[first], names[second], wires[link])

    controls = [
        Slider("cut", "Operators on the first chip", 0, len(kinds), 1, len(kinds)),
        board_control(names, name="first", label="First chip", start=default_board()),
        board_control(names, name="second", label="Second chip", start=default_board()),
        Dropdown("link", "Link", tuple(wires), "spi", tuple(wires.values())),
        Toggle("overlap", "Send while computing (DMA)", True),
    ]
    return Explorer(
        "Two chips in a row",
        controls,
        compute,
        _View(len(kinds)),
        _summary,
        source="modelled by tinylab.cost: your model's operators from published latency and power,"
        " links from data sheets",
    )
