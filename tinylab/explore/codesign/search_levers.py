"""Explorer: each lever alone, all but one, and all together, in days of a battery."""

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
from tinylab.search.joint.costs import joint_costs
from tinylab.search.joint.levers import LEVERS, Lever, Limits, choose_levers, cycles_on
from tinylab.search.joint.results import JointResults

__all__ = ["PulledLevers", "search_levers_explorer"]

NAMES = {
    "network": "another network",
    "bits": "4-bit weights",
    "pruning": "pruned weights",
    "exit": "an early exit",
    "clock": "another clock",
    "rest": "sleep between looks",
}
PERIODS_s = (1, 2, 5, 10, 30, 60)
FLASH_KB = (5, 6, 8, 10, 12, 16, 20, 30)


@dataclass(frozen=True)
class PulledLevers:
    """What levers reach on a board; None where nothing keeps accuracy, flash and period.

    Parameters
    ----------
    none, every : Lever or None
        Without any lever, and with all.
    alone, without : dict of str to Lever or None
        By the lever that alone may be pulled, or alone may not.
    floor : float
        In percent.
    flash_kB, period_s : float
    board : str
    """

    none: Lever | None
    every: Lever | None
    alone: dict[str, Lever | None]
    without: dict[str, Lever | None]
    floor: float
    flash_kB: float
    period_s: float
    board: str


class _View:
    """Two bars for each lever; one for none and for all."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="battery life (days)")
        names = ["no lever: largest, fastest, idle", *NAMES.values()]
        figure.add_bar(name="this lever alone", orientation="h", y=names, **theme.bar(0))
        names = [*NAMES.values(), "all six together"]
        figure.add_bar(name="all but this lever", orientation="h", y=names, **theme.bar(1))
        figure.update_layout(yaxis={"autorange": "reversed"}, xaxis_rangemode="tozero")
        return figure.update_layout(showlegend=True, barmode="group")

    def update(self, figure: go.Figure, result: PulledLevers) -> None:
        alone, without = result.alone.values(), result.without.values()
        figure.data[0].x = [_days(one) for one in (result.none, *alone)]
        figure.data[1].x = [_days(one) for one in (*without, result.every)]


def _days(lever: Lever | None) -> float:
    return np.nan if lever is None else lever.days


def _summary(result: PulledLevers) -> str:
    asked = (
        f"A look every {result.period_s:g} s on {result.board}, never below {result.floor:.0f} %"
        f" accuracy, weights in {result.flash_kB:g} kB:"
    )
    every = result.every
    if every is None:
        return f"{asked} nothing fits, whatever is chosen."
    fitting = {name: one for name, one in result.alone.items() if one is not None}
    alone = "no single lever is enough"
    if fitting:
        best = max(fitting, key=lambda name: fitting[name].days)
        alone = f"{amount(fitting[best].days)} with the best single lever ({NAMES[best]})"
    start = (
        "it does not fit as it is"
        if result.none is None
        else f"{amount(result.none.days)} days as it is"
    )
    exit_ = "no exit"
    if every.exit_after:
        exit_ = (
            f"an exit after block {every.exit_after} for answers that are {every.threshold:.0%}"
            f" sure ({every.early:.0%} leave there)"
        )
    return (
        f"{asked} {start}, {alone}, and {amount(every.days)} days with all: {every.architecture},"
        f" {every.compression}, {exit_}, {every.clock_MHz:.0f} MHz, resting in {every.rest};"
        f" accuracy {every.accuracy:.1%}, {every.flash_bytes:,} bytes of flash and"
        f" {every.ram_bytes:,} of RAM."
    )


def search_levers_explorer(results: JointResults) -> Explorer:
    """Pull one lever, all but one or all, for a board, a battery, an accuracy and a flash.

    Parameters
    ----------
    results : JointResults
    """
    costs = joint_costs(results)
    largest = cost.Workload("largest", "int8", 1, *[costs.most[0, -1]] * 2)
    names = usable_boards(largest, rest="sleep")
    features = cost.front_end_cycles("keyword_spotting")
    cycles = cache(lambda place: cycles_on(results, costs, place))

    def compute(place: str, floor: float, flash_kB: float, period_s: float) -> PulledLevers:
        device = cost.Device(period_s=period_s, features_cycles=features)
        limits = Limits(floor / 100, int(1000 * flash_kB))
        chosen = choose_levers(results, costs, cycles(place), device, limits)
        all_levers = frozenset(LEVERS)
        return PulledLevers(
            chosen[frozenset()],
            chosen[all_levers],
            {name: chosen[frozenset({name})] for name in LEVERS},
            {name: chosen[all_levers - {name}] for name in LEVERS},
            floor,
            flash_kB,
            period_s,
            names[place],
        )

    highest = int(100 * results.accuracy[0].max())
    controls = [
        board_control(names, name="place", start=cost.default_board()),
        Slider("floor", "Accuracy, at least", highest - 20, highest, 1, highest - 5, "%"),
        Steps("flash_kB", "Flash for weights", FLASH_KB, FLASH_KB[-1], "kB"),
        Steps("period_s", "One look every", PERIODS_s, 10, "s"),
    ]
    return Explorer(
        "One lever, or all",
        controls,
        compute,
        _View(),
        _summary,
        source=f"measured: answers of slices, {results.subject.examples} clips; modelled: a coin"
        " cell (CR2032) that feeds microphone, features, network and rest, and weights unpacked"
        " before use",
    )
