"""Explorer: board, clock and how often the model runs, against battery life."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import batteries, workload
from tinylab.cost.boards_study import Sweep, sweep
from tinylab.cost.power.battery import DAYS_PER_YEAR
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Life", "battery_explorer"]

PERIODS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600)
CLOCK_PERCENT = np.arange(5, 101)
RESTS = {"sleep": "deep sleep", "idle": "clocks running (microphone on)"}


@dataclass(frozen=True)
class Life:
    """Every board at every clock under the same settings, and which one is chosen.

    Attributes
    ----------
    sweep : Sweep
        One model on all boards of the explorer at `CLOCK_PERCENT`.
    board, clock : int
        Indices of the choice.
    name, battery, rest : str
    period_s : float
    """

    sweep: Sweep
    board: int
    clock: int
    name: str
    battery: str
    rest: str
    period_s: float

    @property
    def days(self) -> np.ndarray:
        """Battery life, shape (boards, clocks); nan where it is not known or there is no time."""
        return self.sweep.battery_days[0]

    @property
    def latency_ms(self) -> float:
        """Latency of the choice."""
        return float(self.sweep.latency_ms[0, self.board, self.clock])

    @property
    def power_mW(self) -> float:
        """Average power of the choice."""
        return float(self.sweep.average_power_mW[0, self.board, self.clock])

    @property
    def work_mW(self) -> float:
        """What the inferences contribute to the average; the rest goes by waiting."""
        energy_uJ = float(self.sweep.energy_uJ[0, self.board, self.clock])
        return energy_uJ / (1e3 * self.period_s)

    @property
    def clock_MHz(self) -> float:
        """Clock of the choice."""
        return float(self.sweep.clock_MHz[self.board, self.clock])


class _View:
    """Left every board at this share of its clock, right the chosen board at every clock."""

    def __init__(self, names: list[str]):
        self._names = names

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=190 + 30 * len(self._names))
        figure.add_scatter(y=self._names, mode="markers", name="a board", **theme.series(0))
        curve = {"mode": "lines", "line": theme.series(1)["line"]}
        figure.add_scatter(xaxis="x2", yaxis="y2", name="the chosen board", **curve)
        figure.add_scatter(**theme.highlight())
        figure.add_scatter(xaxis="x2", yaxis="y2", **{**theme.highlight(), "showlegend": False})
        for index, name in enumerate(("work", "waiting")):
            figure.add_bar(
                y=[""], orientation="h", name=name, xaxis="x3", yaxis="y3", **theme.bar(index + 2)
            )
        return figure.update_layout(
            barmode="stack",
            margin_l=190,
            xaxis={
                "domain": [0, 0.48],
                "title": "battery life (days)",
                "type": "log",
                "dtick": 1,
                "tickformat": ",~g",
            },
            yaxis={
                "categoryorder": "array",
                "categoryarray": self._names[::-1],
                "range": [-0.6, len(self._names) - 0.4],
            },
            xaxis2={
                "domain": [0.62, 1],
                "title": "clock (MHz)",
                "anchor": "y2",
                "rangemode": "tozero",
            },
            yaxis2={
                "domain": [0.42, 1],
                "anchor": "x2",
                "title": "life (days)",
                "rangemode": "tozero",
            },
            xaxis3={"domain": [0.62, 1], "title": "average power (mW)", "anchor": "y3"},
            yaxis3={"domain": [0, 0.14], "anchor": "x3", "showticklabels": False, "ticks": ""},
        )

    def update(self, figure: go.Figure, result: Life) -> None:
        everywhere, curve, here, here_clock, work, waiting = figure.data
        days = result.days
        everywhere.x = days[:, result.clock]
        curve.x, curve.y = result.sweep.clock_MHz[result.board], days[result.board]
        here.x, here.y = [days[result.board, result.clock]], [result.name]
        here_clock.x, here_clock.y = [result.clock_MHz], [days[result.board, result.clock]]
        work.x, waiting.x = [result.work_mW], [result.power_mW - result.work_mW]
        shown = days[np.isfinite(days)]
        low, high = (shown.min(), shown.max()) if shown.size else (1.0, 10.0)
        figure.layout.xaxis.range = [np.floor(np.log10(low) - 0.1), np.ceil(np.log10(high) + 0.1)]


def _summary(result: Life) -> str:
    duty = result.latency_ms / (1e3 * result.period_s)
    took = f"one inference takes {amount(result.latency_ms)} ms"
    ran = f"{result.name} at {result.clock_MHz:.0f} MHz: {took}"
    if duty > 1:
        return f"{ran}, longer than the {result.period_s:g} s until the next: it cannot keep up."
    days = result.days[result.board, result.clock]
    if np.isnan(days):
        return (
            f"{ran}. Its power with {result.rest} is not published, so neither is its battery life."
        )
    return (
        f"{ran}, {duty:.2%} of the time. The average power is {amount(result.power_mW)} mW,"
        f" {result.work_mW / result.power_mW:.0%} of it for work, and the {result.battery} lasts"
        f" {amount(days)} days ({amount(days / DAYS_PER_YEAR, 2)} years)."
    )


def battery_explorer(model, *, start: str | None = None) -> Explorer:
    """Choose a board, a clock and a period for a model, and see how long a battery lasts.

    Parameters
    ----------
    model : Graph or Workload
    start : str, optional
        Board that is chosen at first.
    """
    asked, cells = workload(model), batteries()
    names = usable_boards(asked)
    keys = list(names)

    def compute(board: str, clock_percent: int, period_s: float, rest: str, battery: str) -> Life:
        found = sweep(
            [asked], keys, CLOCK_PERCENT / 100, period_ms=1e3 * period_s, rest=rest, source=battery
        )
        clock = clock_percent - int(CLOCK_PERCENT[0])
        return Life(
            found,
            keys.index(board),
            clock,
            names[board],
            cells[battery].name,
            RESTS[rest],
            period_s,
        )

    first, last = int(CLOCK_PERCENT[0]), int(CLOCK_PERCENT[-1])
    controls = [
        board_control(names, start=start),
        Slider("clock_percent", "Clock", first, last, 1, last, "% of the highest"),
        Steps("period_s", "One inference every", PERIODS_S, 60, "s"),
        Dropdown("rest", "In between", tuple(RESTS), "sleep", tuple(RESTS.values())),
        Dropdown(
            "battery", "Battery", tuple(cells), next(iter(cells)), [c.name for c in cells.values()]
        ),
    ]
    return Explorer(
        "How long will it last?",
        controls,
        compute,
        _View(list(names.values())),
        _summary,
        source="modelled by tinylab.cost from published latency and power; boards without a marker"
        " have no published power for this kind of rest",
    )
