"""Explorer: network, clock and rest, each alone and all together, in days of a battery."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go

from tinylab import cost
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount
from tinylab.search.joint import LEVERS, Lever, choose_levers, days_of_all
from tinylab.search.results import SearchResults
from tinylab.search.space import as_rows, costs_of

__all__ = ["PulledLevers", "search_levers_explorer"]

NAMES = {
    "none": "nothing: largest, fastest, idle",
    "network": "another network",
    "clock": "another clock",
    "rest": "sleep between looks",
    "all": "all three together",
}
PERIODS_s = (1, 2, 5, 10, 30, 60)


@dataclass(frozen=True)
class PulledLevers:
    """What each lever reaches on a board, in the order of `LEVERS`."""

    levers: tuple[Lever, ...]
    floor: float
    period_s: float
    board: str


class _View:
    """A bar for each lever."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="battery life (days)")
        names = [NAMES[name] for name in LEVERS]
        figure.add_bar(name="battery life", orientation="h", y=names, **theme.bar(0))
        figure.update_layout(yaxis={"autorange": "reversed"}, xaxis_rangemode="tozero")
        return figure.update_layout(showlegend=True)

    def update(self, figure: go.Figure, result: PulledLevers) -> None:
        figure.data[0].x = [one.days for one in result.levers]


def _summary(result: PulledLevers) -> str:
    none, *single, every = result.levers
    asked = (
        f"A look every {result.period_s:g} s on {result.board}, never below {result.floor:.0f} %"
    )
    if np.isnan(every.days):
        return f"{asked} accuracy: nothing fits, whatever is chosen."
    fitting = [one for one in single if not np.isnan(one.days)]
    best = max(fitting, key=lambda one: one.days, default=None)
    alone = "no single lever is enough"
    if best is not None:
        alone = f"{amount(best.days)} with the best single lever ({NAMES[best.name]})"
    start = (
        "it does not fit as it is" if np.isnan(none.days) else f"{amount(none.days)} days as it is"
    )
    return (
        f"{asked} accuracy: {start}, {alone}, and {amount(every.days)} days with all:"
        f" {every.architecture} at {every.clock_MHz:.0f} MHz, resting in {every.rest}, accuracy"
        f" {every.accuracy:.1%}."
    )


def search_levers_explorer(results: SearchResults) -> Explorer:
    """Pull one lever or all of them, for a board, a battery and a floor of accuracy.

    Parameters
    ----------
    results : SearchResults
    """
    costs = costs_of(as_rows(results.space.architectures))
    largest = cost.Workload("largest", "int8", int(costs.macs[-1]), *[costs.amounts[-1]] * 2)
    names = usable_boards(largest, rest="sleep")
    features = cost.front_end_cycles("keyword_spotting")

    @cache
    def days(place: str, period_s: float):
        device = cost.Device(period_s=period_s, features_cycles=features)
        return days_of_all(results, place, device)

    def compute(place: str, floor: float, period_s: float) -> PulledLevers:
        levers = choose_levers(results, *days(place, period_s), floor / 100)
        return PulledLevers(levers, floor, period_s, names[place])

    highest = int(100 * max(results.accuracy))
    controls = [
        board_control(names, name="place", start=cost.default_board()),
        Slider("floor", "Accuracy, at least", highest - 20, highest, 1, highest - 5, "%"),
        Steps("period_s", "One look every", PERIODS_s, 10, "s"),
    ]
    return Explorer(
        "One lever, or all",
        controls,
        compute,
        _View(),
        _summary,
        source=f"measured: accuracy of slices, {results.examples} clips; modelled: a coin cell"
        " (CR2032) that feeds microphone, features, network and rest",
    )
