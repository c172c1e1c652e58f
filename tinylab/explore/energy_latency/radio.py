"""Explorer: compute here, or send it away?"""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.cost import energy, workload
from tinylab.cost.partition.radio import RadioCost, radios, transmit
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Offloading", "offloading_explorer"]

PAYLOADS_BYTES = (1, 2, 5, 10, 20, 50, 100, 200, 490, 1000, 2000, 5000, 9216, 16000, 32000)


@dataclass(frozen=True)
class Offloading:
    """Energy of sending a message over each radio, beside that of an inference on the board.

    Attributes
    ----------
    costs : dict of str to tuple of RadioCost
        By radio, at each of `PAYLOADS_BYTES`.
    chosen : RadioCost
    payload_bytes : int
    inference_uJ : float
    board, radio : str
    """

    costs: dict[str, tuple[RadioCost, ...]]
    chosen: RadioCost
    payload_bytes: int
    inference_uJ: float
    board: str
    radio: str


class _View:
    """Energy against the size of the message: a line for each radio, a level for the board."""

    def __init__(self, names: dict[str, str]):
        self._names = names

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=580, legend_rows=7)
        for index, name in enumerate(self._names.values()):
            style = theme.series(index)
            style["marker"]["size"] = 6
            figure.add_scatter(x=PAYLOADS_BYTES, name=f"send over {name}", **style)
        ends = [PAYLOADS_BYTES[0], PAYLOADS_BYTES[-1]]
        figure.add_scatter(
            x=ends, mode="lines", name="compute here", line={"color": theme.BLACK, "width": 3}
        )
        figure.add_scatter(**theme.highlight())
        log = {"type": "log", "dtick": 1, "tickformat": ",~g", "exponentformat": "none"}
        return figure.update_layout(
            xaxis={"title": "message (bytes)", **log},
            yaxis={"title": "energy (uJ)", **log, "tickformat": ",.0f"},
        )

    def update(self, figure: go.Figure, result: Offloading) -> None:
        *links, level, here = figure.data
        for trace, key in zip(links, self._names):
            trace.y = [cost.energy_uJ for cost in result.costs[key]]
        level.y = [result.inference_uJ] * 2
        here.x, here.y = [result.payload_bytes], [result.chosen.energy_uJ]


def _summary(result: Offloading) -> str:
    sent, here = result.chosen.energy_uJ, result.inference_uJ
    verdict = (
        f"sending takes {amount(sent / here)} times as much: compute here"
        if sent > here
        else f"computing takes {amount(here / sent)} times as much: send it"
    )
    return (
        f"Sending {result.payload_bytes:,} bytes over {result.radio} takes {amount(sent)} uJ and"
        f" {amount(result.chosen.time_ms)} ms, in {result.chosen.packets} packets. One inference on"
        f" {result.board} takes {amount(here)} uJ; {verdict}."
    )


def offloading_explorer(model) -> Explorer:
    """Weigh an inference on the board against sending its input over a radio.

    Parameters
    ----------
    model : Graph or Workload
    """
    asked = workload(model)
    boards, links = usable_boards(asked), {key: link.name for key, link in radios().items()}
    taken_uJ = {key: energy(asked, key).energy_uJ for key in boards}
    tables = {start: _table(links, start) for start in (True, False)}

    def compute(board: str, radio: str, payload_bytes: int, start: bool) -> Offloading:
        costs = tables[start]
        chosen = costs[radio][PAYLOADS_BYTES.index(payload_bytes)]
        return Offloading(
            costs, chosen, payload_bytes, taken_uJ[board], boards[board], links[radio]
        )

    controls = [
        board_control(boards),
        Dropdown("radio", "Radio", tuple(links), next(iter(links)), tuple(links.values())),
        Steps("payload_bytes", "Message", PAYLOADS_BYTES, 490, "bytes"),
        Toggle("start", "Radio has to start up first", True),
    ]
    return Explorer(
        "Compute or send?",
        controls,
        compute,
        _View(links),
        _summary,
        source="modelled by tinylab.cost: currents and rates from data sheets, inference from"
        " published power",
    )


def _table(links: dict[str, str], start: bool) -> dict[str, tuple[RadioCost, ...]]:
    return {
        key: tuple(transmit(size, key, start=start) for size in PAYLOADS_BYTES) for key in links
    }
