"""Explorer: a whole device, what its battery pays for, and how long it lasts."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import (
    Device,
    DeviceBudget,
    batteries,
    board,
    default_board,
    front_end_cycles,
    latency,
    radios,
    workload,
)
from tinylab.cost.device.budget import budget_of
from tinylab.cost.device.settings import PARTS
from tinylab.cost.power.battery import DAYS_PER_YEAR
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.parts import add_part_bars, leave_out_control, without
from tinylab.explore.widget.wording import amount

__all__ = ["Life", "battery_explorer"]

PERIODS_S = (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600)
CLOCK_PERCENT = np.arange(10, 101, 5)
RESTS = {"sleep": "deep sleep", "idle": "clocks running"}
COLLECTING = {"idle": "awake, clocks running", "sleep": "asleep, sound goes to memory by itself"}
NO_RADIO = "none"


@dataclass(frozen=True, eq=False)
class Life:
    """The budget of the chosen board at every clock, and how long each board would last.

    Attributes
    ----------
    budgets : tuple of DeviceBudget or None
        At `CLOCK_PERCENT`; None where it cannot keep up, or a power is not known.
    days_by_board : ndarray of float64, shape (boards,)
        At the chosen share of the clock; nan where it is not known or not possible.
    clock : int
        Index of the choice.
    name, battery : str
    period_s : float
    reason : str
        Why there is no budget for the choice, or empty.
    """

    budgets: tuple[DeviceBudget | None, ...]
    days_by_board: np.ndarray
    clock: int
    name: str
    battery: str
    period_s: float
    reason: str

    @property
    def chosen(self) -> DeviceBudget | None:
        """The budget of the choice."""
        return self.budgets[self.clock]

    @property
    def days(self) -> np.ndarray:
        """Battery life of the chosen board at every clock; nan where there is none."""
        return np.array([_days(one) for one in self.budgets])


def _days(budget: DeviceBudget | None) -> float:
    return budget.life.days if budget is not None and budget.life is not None else np.nan


class _View:
    """Left every board, right the chosen board: days at every clock, and what it pays for."""

    def __init__(self, names: list[str]):
        self._names = names

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=430, legend_rows=4)
        figure.add_scatter(y=self._names, mode="markers", name="a board", **theme.series(0))
        curve = {"mode": "lines", "line": theme.series(1)["line"]}
        figure.add_scatter(xaxis="x2", yaxis="y2", name="the chosen board", **curve)
        figure.add_scatter(**theme.highlight())
        figure.add_scatter(xaxis="x2", yaxis="y2", **{**theme.highlight(), "showlegend": False})
        add_part_bars(figure, y=[""], xaxis="x3", yaxis="y3")
        rows = {"categoryorder": "array", "categoryarray": self._names[::-1]}
        log = {"type": "log", "dtick": 1, "tickformat": ",~g"}
        return figure.update_layout(
            barmode="stack",
            margin_l=190,
            xaxis={"domain": [0, 0.42], "title": "battery life (days)", **log},
            yaxis={**rows, "range": [-0.6, len(self._names) - 0.4]},
            xaxis2={"domain": [0.58, 1], "title": "clock (MHz)", "anchor": "y2"},
            yaxis2={"domain": [0.46, 1], "anchor": "x2", "title": "days", "rangemode": "tozero"},
            xaxis3={"domain": [0.58, 1], "title": "average power (mW)", "anchor": "y3"},
            yaxis3={"domain": [0, 0.16], "anchor": "x3", "showticklabels": False, "ticks": ""},
        )

    def update(self, figure: go.Figure, result: Life) -> None:
        everywhere, curve, here, here_clock, *bars = figure.data
        days, at = result.days, result.clock
        clocks = [np.nan if one is None else one.clock_MHz for one in result.budgets]
        everywhere.x = result.days_by_board
        curve.x, curve.y = clocks, days
        here.x, here.y = [days[at]], [result.name]
        here_clock.x, here_clock.y = [clocks[at]], [days[at]]
        parts = result.chosen.parts if result.chosen else ()
        powers = [one.power_mW if one.counted else 0.0 for one in parts] or [0.0] * len(bars)
        for bar, power in zip(bars, powers, strict=True):
            bar.x = [power]


def _summary(result: Life) -> str:
    budget = result.chosen
    if budget is None:
        return f"{result.name}: {result.reason}."
    counted = [one for one in budget.parts if one.counted]
    largest = max(counted, key=lambda one: one.energy_uJ)
    share = largest.energy_uJ / budget.energy_uJ
    text = (
        f"{result.name} at {budget.clock_MHz:.0f} MHz: {amount(budget.average_power_mW)} mW on"
        f" average, {share:.0%} of it for {PARTS[largest.name]}."
    )
    if budget.life is None:
        return f"{text} That is more than a {result.battery} can give, without any pause."
    days = budget.life.days
    text += (
        f" The {result.battery} lasts {amount(days)} days ({amount(days / DAYS_PER_YEAR, 2)} years)"
    )
    if budget.pulse.battery_alone:
        return f"{text}."
    return (
        f"{text}, if a capacitor of {amount(budget.pulse.capacitor_uF, 2)} uF helps it: a look"
        f" takes {amount(budget.pulse.peak_mA)} mA, the battery gives {budget.pulse.limit_mA:g}."
    )


def battery_explorer(
    model, *, start: str | None = None, application: str = "keyword_spotting"
) -> Explorer:
    """Build a device around a model, and see what its battery pays for and how long it lasts.

    Parameters
    ----------
    model : Graph or Workload
    start : str, optional
        Board that is chosen at first.
    application : str
        Whose front end computes the features, see `tinylab.cost.front_end_cycles`.
    """
    asked, cells = workload(model), batteries()
    names = usable_boards(asked, rest="idle")
    cycles = {key: latency(asked, key).cycles for key in names}
    features = front_end_cycles(application)
    links = {NO_RADIO: "nothing", **{key: one.name for key, one in radios().items()}}

    def budget(key: str, percent: float, device: Device, battery: str):
        chosen = board(key)
        clock = max(percent / 100 * chosen.clock_max.value, chosen.clock_min.value)
        try:
            return budget_of(chosen, cycles[key], device, battery, clock), ""
        except ValueError as error:  # it cannot keep up, or a power is not published: say which
            return None, str(error)

    def compute(
        board: str,
        clock_percent: int,
        period_s: float,
        sensor: bool,
        collecting: str,
        radio: str,
        rest: str,
        battery: str,
        leave_out: str,
    ) -> Life:
        device = Device(
            period_s=period_s,
            sensor="microphone" if sensor else None,
            collect_s=1.0 if sensor else 0.0,
            collecting=collecting,
            features_cycles=features,
            radio=None if radio == NO_RADIO else radio,
            answer_bytes=0 if radio == NO_RADIO else 1,
            rest=rest,
            without=without(leave_out),
        )
        budgets = [budget(board, percent, device, battery) for percent in CLOCK_PERCENT]
        clock = int(np.argmin(np.abs(CLOCK_PERCENT - clock_percent)))
        others = [_days(budget(key, clock_percent, device, battery)[0]) for key in names]
        return Life(
            budgets=tuple(budget for budget, _ in budgets),
            days_by_board=np.array(others),
            clock=clock,
            name=names[board],
            battery=cells[battery].name,
            period_s=period_s,
            reason=budgets[clock][1],
        )

    first, last = int(CLOCK_PERCENT[0]), int(CLOCK_PERCENT[-1])
    cell_names = [one.name for one in cells.values()]
    controls = [
        board_control(names, start=start or default_board()),
        Slider("clock_percent", "Clock", first, last, 5, last, "% of the highest"),
        Steps("period_s", "One look every", PERIODS_S, 60, "s"),
        Toggle("sensor", "Microphone on for a second of sound", True),
        Dropdown("collecting", "Meanwhile it is", tuple(COLLECTING), "idle", COLLECTING.values()),
        Dropdown("radio", "Send each answer over", tuple(links), NO_RADIO, tuple(links.values())),
        Dropdown("rest", "In between", tuple(RESTS), "sleep", tuple(RESTS.values())),
        Dropdown("battery", "Battery", tuple(cells), next(iter(cells)), cell_names),
        leave_out_control(),
    ]
    return Explorer(
        "How long will it last?",
        controls,
        compute,
        _View(list(names.values())),
        _summary,
        source="modelled by tinylab.cost from published latency and power; boards without a marker"
        " cannot keep up, or their rest is not published",
    )
