"""Explorer: compute here, or send it away?"""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.cost import default_board, energy, front_end_cycles, workload
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
    """Energy of a look that is sent away, over each radio, beside one that is answered here.

    Attributes
    ----------
    costs : dict of str to tuple of RadioCost
        By radio, at each of `PAYLOADS_BYTES`.
    chosen : RadioCost
    answer : RadioCost
        Of sending the answer, a byte, over the chosen radio.
    payload_bytes : int
    features_uJ, inference_uJ : float
        On the board.
    features_first : bool
        Whether the features are computed before sending, too.
    board, radio : str
    """

    costs: dict[str, tuple[RadioCost, ...]]
    chosen: RadioCost
    answer: RadioCost
    payload_bytes: int
    features_uJ: float
    inference_uJ: float
    features_first: bool
    board: str
    radio: str

    @property
    def before_uJ(self) -> float:
        """Spent before sending."""
        return self.features_uJ if self.features_first else 0.0

    @property
    def here_uJ(self) -> float:
        """Of a look that is answered here: features, network, and the answer sent."""
        return self.features_uJ + self.inference_uJ + self.answer.energy_uJ

    @property
    def sent_uJ(self) -> float:
        """Of a look that is sent away: the features if they are wanted, and the message."""
        return self.before_uJ + self.chosen.energy_uJ


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
            trace.y = [result.before_uJ + cost.energy_uJ for cost in result.costs[key]]
        level.y = [result.here_uJ] * 2
        here.x, here.y = [result.payload_bytes], [result.sent_uJ]


def _summary(result: Offloading) -> str:
    sent, here = result.sent_uJ, result.here_uJ
    verdict = (
        f"sending takes {amount(sent / here)} times as much: compute here"
        if sent > here
        else f"computing takes {amount(here / sent)} times as much: send it"
    )
    first = f"{amount(result.features_uJ)} uJ for the features and " if result.before_uJ else ""
    return (
        f"Sending {result.payload_bytes:,} bytes over {result.radio} takes {first}"
        f"{amount(result.chosen.energy_uJ)} uJ for {amount(result.chosen.time_ms)} ms of radio, in"
        f" {result.chosen.packets} packets. Answering on {result.board} takes"
        f" {amount(result.features_uJ)} uJ for the features, {amount(result.inference_uJ)} for the"
        f" network and {amount(result.answer.energy_uJ)} to send the answer; {verdict}."
    )


def offloading_explorer(model, *, application: str = "keyword_spotting") -> Explorer:
    """Weigh answering on the board against sending its input over a radio.

    Parameters
    ----------
    model : Graph or Workload
    application : str
        Whose front end computes the features, see `tinylab.cost.front_end_cycles`.
    """
    asked = workload(model)
    boards, links = usable_boards(asked), {key: link.name for key, link in radios().items()}
    taken = {key: energy(asked, key) for key in boards}
    cycles = front_end_cycles(application)
    tables = {start: _table(links, start) for start in (True, False)}

    def compute(
        board: str, radio: str, payload_bytes: int, features_first: bool, start: bool
    ) -> Offloading:
        costs, spent = tables[start], taken[board]
        return Offloading(
            costs=costs,
            chosen=costs[radio][PAYLOADS_BYTES.index(payload_bytes)],
            answer=costs[radio][0],
            payload_bytes=payload_bytes,
            features_uJ=spent.power_mW * cycles / spent.clock_MHz / 1e3,
            inference_uJ=spent.energy_uJ,
            features_first=features_first,
            board=boards[board],
            radio=links[radio],
        )

    controls = [
        board_control(boards, start=default_board()),
        Dropdown("radio", "Radio", tuple(links), next(iter(links)), tuple(links.values())),
        Steps("payload_bytes", "Message", PAYLOADS_BYTES, 490, "bytes"),
        Toggle("features_first", "Features are computed before sending", True),
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
