"""Explorer: where to cut a network between device and server as the link gets better or worse."""

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import boards as all_boards
from tinylab.cost import default_board, layer_costs, radios, workload
from tinylab.cost.partition.split import WATCHING, Split, split
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.parts import (
    add_part_bars,
    leave_out_control,
    part_bars,
    without,
)
from tinylab.explore.widget.wording import amount
from tinylab.graph.core.ir import Graph

__all__ = ["Cutting", "split_explorer"]

SERVERS = ("raspberry_pi_4b", "asus_tinker_v")
HIGHEST = 1.6  # of the axes, in costs of computing all on the device
TIMES = ("device computes", "radio sends", "server computes")
PERIODS_S = (1, 2, 5, 10, 30, 60, 300, 600, 3600)


@dataclass(frozen=True)
class Cutting:
    """All cuts, and the best one."""

    split: Split
    best: int
    by: str
    left_out: frozenset[str]
    before: str
    board: str
    server: str
    radio: str

    @property
    def last(self) -> int:
        """The cut at which nothing is sent."""
        return len(self.split.payload_bytes) - 1

    @property
    def here_uJ(self) -> float:
        """Of a device that computes all."""
        return float(self.split.energy_uJ[-1])


class _View:
    """Stacked bars for every cut: above the milliseconds, below what the device pays for."""

    def __init__(self, kinds: list[str]):
        self._cuts = [
            *(f"before {number}, {kind}" for number, kind in enumerate(kinds)),
            "nothing sent",
        ]

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=600, legend_rows=4)
        cuts = list(range(len(self._cuts)))
        for index, name in enumerate(TIMES):
            style = theme.bar(index + 1)
            figure.add_bar(x=cuts, name=f"time: {name}", hovertext=self._cuts, **style)
        below = {"xaxis": "x2", "yaxis": "y2"}
        add_part_bars(figure, horizontal=False, x=cuts, hovertext=self._cuts, **below)
        star = {"mode": "markers", "marker": {"symbol": "star", "size": 15, "color": theme.BLACK}}
        figure.add_scatter(name="the best cut", **star)
        figure.add_scatter(showlegend=False, name="the best cut", **star, **below)
        ticks = {"dtick": 2, "range": [-0.6, len(cuts) - 0.4]}
        return figure.update_layout(
            barmode="stack",
            bargap=0.25,
            xaxis={**ticks, "showticklabels": False, "anchor": "y"},
            yaxis={"domain": [0.54, 1], "title": "time (ms)"},
            xaxis2={
                **ticks,
                "anchor": "y2",
                "title": "operators on the device, last bar: all (bars may be cut off at the top)",
            },
            yaxis2={"domain": [0, 0.46], "title": "device, a look (uJ)", "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Cutting) -> None:
        cuts = result.split
        times = (cuts.device_ms, cuts.radio_ms, cuts.server_ms)
        shown = part_bars(cuts.parts_uJ, result.left_out)
        energies = [np.where(cuts.possible, uJ, 0.0) for uJ in shown]
        for trace, height in zip(figure.data, (*times, *energies)):
            trace.y = height
        tops = HIGHEST * cuts.latency_ms[-1], HIGHEST * result.here_uJ
        figure.layout.yaxis.range, figure.layout.yaxis2.range = [0, tops[0]], [0, tops[1]]
        for star, top in zip(figure.data[-2:], tops):
            star.x, star.y = [result.best], [0.95 * top]


def _summary(result: Cutting) -> str:
    cuts, best, last = result.split, result.best, result.last
    where = {
        0: f"Send the picture, {cuts.payload_bytes[0]:,} bytes, compute all on {result.server}",
        last: f"Compute all on {result.board} and send nothing",
    }.get(
        best,
        f"Cut before operator {result.before}: send {cuts.payload_bytes[best]:,} bytes over"
        f" {result.radio}",
    )
    text = (
        f"{where}. That is best by {result.by}: {_costs(cuts, best)} of the whole device; all on"
        f" the device takes {_costs(cuts, last)}, all on the server {_costs(cuts, 0)}."
    )
    late = int((~cuts.possible).sum())
    if late:
        text += f" {late} of {last + 1} cuts do not fit into the period, or the law on air time."
    return text


def _costs(cuts: Split, cut: int) -> str:
    spent = cuts.energy_uJ[cut]
    energy = f"{amount(spent)} uJ" if np.isfinite(spent) else "more time than there is"
    return f"{amount(cuts.latency_ms[cut])} ms and {energy}"


def split_explorer(graph: Graph) -> Explorer:
    """Cut a model between a board and a server behind a radio.

    Parameters
    ----------
    graph : Graph
    """
    names = usable_boards(workload(graph), rest="idle")
    links = {key: one.name for key, one in radios().items()}
    servers = {key: all_boards()[key].name for key in SERVERS}
    costs = {key: layer_costs(graph, key) for key in (*names, *servers)}
    kinds = [op.kind for op in graph.ops]

    def compute(
        board: str,
        server: str,
        radio: str,
        period_s: float,
        delivery_percent: int,
        by: str,
        kept: bool,
        leave_out: str,
    ) -> Cutting:
        left_out = without(leave_out)
        device = replace(
            WATCHING,
            period_s=period_s,
            radio=radio,
            connection="kept" if kept or not radios()[radio].joins else "made",
            delivery=delivery_percent / 100,
            rest="sleep" if all_boards()[board].sleep else "idle",
            without=left_out,
        )
        cuts = split(graph, costs[board], costs[server], radio, device=device)
        best = cuts.best(by)
        before = f"{best}, {kinds[best]}" if best < len(kinds) else "none"
        return Cutting(
            cuts, best, by, left_out, before, names[board], servers[server], links[radio]
        )

    controls = [
        board_control(names, label="Device", start=default_board()),
        board_control(servers, name="server", label="Server"),
        Dropdown("radio", "Radio", tuple(links), next(iter(links)), tuple(links.values())),
        Steps("period_s", "One picture every", PERIODS_S, 10, "s"),
        Slider("delivery_percent", "Packets that arrive", 1, 100, 1, 100, "%"),
        Dropdown("by", "Best by", ("latency", "energy"), "energy"),
        Toggle("kept", "A connection is kept up between pictures", True),
        leave_out_control(),
    ]
    return Explorer(
        "Where to cut",
        controls,
        compute,
        _View(kinds),
        _summary,
        source="modelled by tinylab.cost: your model's operators from published latency and power,"
        " camera and radios from data sheets",
    )
