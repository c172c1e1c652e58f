"""Explorer: where to cut a network between device and server as the link gets better or worse."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.cost import boards as all_boards
from tinylab.cost import default_board, layer_costs, radios, workload
from tinylab.cost.partition.split import Split, split
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount
from tinylab.graph.core.ir import Graph

__all__ = ["Cutting", "split_explorer"]

SERVERS = ("raspberry_pi_4b", "asus_tinker_v")
HIGHEST = 1.6  # of the axes, in costs of computing all on the device


@dataclass(frozen=True)
class Cutting:
    """All cuts, and the best one."""

    split: Split
    best: int
    by: str
    place: str
    board: str
    server: str
    radio: str

    @property
    def last(self) -> int:
        """The cut at which nothing is sent."""
        return len(self.split.payload_bytes) - 1


class _View:
    """Stacked bars for every cut: above the milliseconds, below the device's microjoules."""

    def __init__(self, kinds: list[str]):
        self._places = [
            *(f"before {place}, {kind}" for place, kind in enumerate(kinds)),
            "nothing sent",
        ]

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=560)
        cuts = list(range(len(self._places)))
        parts = ("device computes", "radio sends", "server computes", "device waits")
        for index, (part, row) in enumerate(
            [
                (parts[0], 1),
                (parts[1], 1),
                (parts[2], 1),
                (parts[0], 2),
                (parts[1], 2),
                (parts[3], 2),
            ]
        ):
            axes = {} if row == 1 else {"xaxis": "x2", "yaxis": "y2"}
            shown = row == 1 or part == parts[3]
            figure.add_bar(
                x=cuts,
                name=part,
                showlegend=shown,
                hovertext=self._places,
                **axes,
                **theme.bar(parts.index(part)),
            )
        star = {"mode": "markers", "marker": {"symbol": "star", "size": 15, "color": theme.BLACK}}
        figure.add_scatter(name="the best cut", **star)
        figure.add_scatter(showlegend=False, name="the best cut", xaxis="x2", yaxis="y2", **star)
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
            yaxis2={"domain": [0, 0.46], "title": "device (uJ)", "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Cutting) -> None:
        found = result.split
        heights = (
            found.device_ms,
            found.radio_ms,
            found.server_ms,
            found.compute_uJ,
            found.radio_uJ,
            found.wait_uJ,
        )
        for trace, height in zip(figure.data[:6], heights):
            trace.y = height
        tops = HIGHEST * found.latency_ms[-1], HIGHEST * found.energy_uJ[-1]
        figure.layout.yaxis.range, figure.layout.yaxis2.range = [0, tops[0]], [0, tops[1]]
        for star, top in zip(figure.data[6:], tops):
            star.x, star.y = [result.best], [0.95 * top]


def _summary(result: Cutting) -> str:
    found, best, last = result.split, result.best, result.last
    where = {
        0: f"Send the picture, {found.payload_bytes[0]:,} bytes, compute all on {result.server}",
        last: f"Compute all on {result.board} and send nothing",
    }.get(
        best,
        f"Cut before operator {result.place}: send {found.payload_bytes[best]:,} bytes over"
        f" {result.radio}",
    )
    here = (
        f"{amount(found.latency_ms[best])} ms and {amount(found.energy_uJ[best])} uJ of the device"
    )
    return (
        f"{where}. That is best by {result.by}: {here}; all on the device takes"
        f" {amount(found.latency_ms[last])} ms and {amount(found.energy_uJ[last])} uJ, all on the"
        f" server {amount(found.latency_ms[0])} ms and {amount(found.energy_uJ[0])} uJ."
    )


def split_explorer(graph: Graph) -> Explorer:
    """Cut a model between a board and a server behind a radio.

    Parameters
    ----------
    graph : Graph
    """
    names = usable_boards(workload(graph), rest="sleep")
    links = {key: one.name for key, one in radios().items()}
    servers = {key: all_boards()[key].name for key in SERVERS}
    costs = {key: layer_costs(graph, key) for key in (*names, *servers)}
    kinds = [op.kind for op in graph.ops]

    def compute(
        board: str, server: str, radio: str, delivery_percent: int, by: str, start: bool
    ) -> Cutting:
        found = split(
            graph, costs[board], costs[server], radio, delivery=delivery_percent / 100, start=start
        )
        best = found.best(by)
        place = f"{best}, {kinds[best]}" if best < len(kinds) else "none"
        return Cutting(found, best, by, place, names[board], servers[server], links[radio])

    controls = [
        board_control(names, label="Device", start=default_board()),
        board_control(servers, name="server", label="Server"),
        Dropdown("radio", "Radio", tuple(links), next(iter(links)), tuple(links.values())),
        Slider("delivery_percent", "Packets that arrive", 1, 100, 1, 100, "%"),
        Dropdown("by", "Best by", ("latency", "energy"), "energy"),
        Toggle("start", "Radio has to start up first", False),
    ]
    return Explorer(
        "Where to cut",
        controls,
        compute,
        _View(kinds),
        _summary,
        source="modelled by tinylab.cost: your model's operators from published latency and power,"
        " radios from data sheets",
    )
