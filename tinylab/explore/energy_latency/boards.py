"""Explorer: which board? Latency against energy of one inference."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Choice, board, choose_between, default_board, workload
from tinylab.cost.boards_study import Sweep, sweep
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["BoardCosts", "board_explorer"]

RIVAL = "nucleo_u575zi_q"


@dataclass(frozen=True)
class BoardCosts:
    """One inference on every board at one share of its clock, and the board that is chosen.

    Attributes
    ----------
    sweep : Sweep
        One model, all boards, one clock.
    chosen : int
    rival : int
        The board it is compared with.
    name, core, rival_name : str
        Of the chosen board, and of the other.
    """

    sweep: Sweep
    chosen: int
    rival: int
    name: str
    core: str
    rival_name: str

    @property
    def latency_ms(self) -> np.ndarray:
        """Shape (boards,)."""
        return self.sweep.latency_ms[0, :, 0]

    @property
    def choice(self) -> Choice:
        """How sure it is that the chosen board is the faster of the two."""
        ends = [self.sweep.high_ms[0, at, 0] for at in (self.chosen, self.rival)]
        return choose_between(
            self.latency_ms[self.chosen], ends[0], self.latency_ms[self.rival], ends[1]
        )

    @property
    def energy_uJ(self) -> np.ndarray:
        """Shape (boards,)."""
        return self.sweep.energy_uJ[0, :, 0]


class _View:
    """A row for each board: left its latency with the interval, right its energy."""

    def __init__(self, names: list[str]):
        self._names = names

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=140 + 30 * len(self._names))
        interval = {"type": "data", "symmetric": False, "color": theme.BLUE, "thickness": 1.5}
        figure.add_scatter(
            y=self._names,
            mode="markers",
            name="latency with its interval",
            error_x=interval,
            **theme.series(0),
        )
        figure.add_scatter(
            y=self._names, mode="markers", name="energy", xaxis="x2", yaxis="y2", **theme.series(1)
        )
        figure.add_scatter(**theme.highlight())
        figure.add_scatter(xaxis="x2", yaxis="y2", **{**theme.highlight(), "showlegend": False})
        log = {"type": "log", "dtick": 1, "tickformat": ",~g"}
        rows = {
            "categoryorder": "array",
            "categoryarray": self._names[::-1],
            "range": [-0.6, len(self._names) - 0.4],
        }
        return figure.update_layout(
            margin_l=190,
            xaxis={"domain": [0, 0.48], "title": "latency (ms)", **log},
            yaxis=rows,
            xaxis2={"domain": [0.54, 1], "title": "energy (uJ)", "anchor": "y2", **log},
            yaxis2={**rows, "anchor": "x2", "matches": "y", "showticklabels": False},
        )

    def update(self, figure: go.Figure, result: BoardCosts) -> None:
        latency, energy, here, here_energy = figure.data
        low, high = result.sweep.low_ms[0, :, 0], result.sweep.high_ms[0, :, 0]
        latency.x, energy.x = result.latency_ms, result.energy_uJ
        latency.error_x.array = high - result.latency_ms
        latency.error_x.arrayminus = result.latency_ms - low
        here.y = here_energy.y = [result.name]
        here.x = [result.latency_ms[result.chosen]]
        here_energy.x = [result.energy_uJ[result.chosen]]


def _summary(result: BoardCosts) -> str:
    at, costs = result.chosen, result.sweep
    better = (result.latency_ms < result.latency_ms[at]) & (result.energy_uJ < result.energy_uJ[at])
    verdict = (
        f"{better.sum()} of the {better.size} boards are both faster and thriftier"
        if better.any()
        else "no board is both faster and thriftier"
    )
    return (
        f"{result.name} ({result.core}) at {costs.clock_MHz[at, 0]:.0f} MHz with"
        f" {costs.stacks[at]}: {amount(result.latency_ms[at])} ms ({amount(costs.low_ms[0, at, 0])}"
        f" to {amount(costs.high_ms[0, at, 0])}) and {amount(result.energy_uJ[at])} uJ an"
        f" inference; {verdict}.{_comparison(result)}"
    )


def _comparison(result: BoardCosts) -> str:
    if result.chosen == result.rival:
        return " Choose another board to compare it with."
    choice, times = result.choice, result.latency_ms
    wins = f" It is faster than {result.rival_name} with a probability of {choice.probability:.0%}."
    better, other = result.name, result.rival_name
    worth = (choice.worth_first, choice.worth_second)
    if times[result.rival] < times[result.chosen]:
        better = result.rival_name
    measured = (result.name, other)[int(np.argmax(worth))]
    saved = 100 * max(worth)
    said = "less than 0.1" if saved < 0.1 else amount(saved, 2)
    return (
        f"{wins} If speed is all you want, take {better}; measuring {measured} first would save"
        f" {said}% of the latency on average."
    )


def board_explorer(model) -> Explorer:
    """Compare the boards whose power is published on one model.

    Parameters
    ----------
    model : Graph or Workload
    """
    asked = workload(model)
    names = usable_boards(asked)
    keys = list(names)

    def compute(board_id: str, clock_percent: int, rival: str) -> BoardCosts:
        return BoardCosts(
            sweep=sweep([asked], keys, [clock_percent / 100]),
            chosen=keys.index(board_id),
            rival=keys.index(rival),
            name=names[board_id],
            core=board(board_id).core,
            rival_name=names[rival],
        )

    controls = [
        board_control(names, name="board_id", start=default_board()),
        Slider("clock_percent", "Clock of every board", 10, 100, 1, 100, "% of the highest"),
        board_control(names, name="rival", label="Compare it with", start=RIVAL),
    ]
    return Explorer(
        "Which board?",
        controls,
        compute,
        _View(list(names.values())),
        _summary,
        source="modelled by tinylab.cost from published latency and power (MLPerf Tiny)",
    )
