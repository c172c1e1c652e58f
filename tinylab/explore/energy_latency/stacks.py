"""Explorer: the same network on the same chip, from plain kernels to tuned ones."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import (
    LatencyEstimate,
    board,
    boards,
    default_board,
    latency,
    power_curve,
    stacks,
    workload,
)
from tinylab.cost.timing.stack_ratios import PublishedLatency, published_latencies
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Tuning", "stacks_explorer"]

SPEED_UPS = (1, 2, 3, 5, 7, 10, 14, 17, 20, 24, 30, 40)


@dataclass(frozen=True, eq=False)
class Tuning:
    """A model on one board with every stack that is known for it.

    Attributes
    ----------
    estimates : dict of str to LatencyEstimate
        By stack, slowest first.
    speed_up : float
        Over the slowest stack.
    energy_uJ : float or None
        Of an inference at that speed; None where the board's power is not published.
    published : tuple of PublishedLatency
        The chosen table, from elsewhere.
    name : str
    """

    estimates: dict[str, LatencyEstimate]
    speed_up: float
    energy_uJ: float | None
    published: tuple[PublishedLatency, ...]
    name: str

    @property
    def slowest(self) -> str:
        """The stack that speed-ups are counted from."""
        return next(iter(self.estimates))

    @property
    def latency_ms(self) -> float:
        """At the chosen speed-up."""
        return self.estimates[self.slowest].latency_ms / self.speed_up

    @property
    def nearest(self) -> str:
        """The stack whose latency is nearest to that, as a ratio."""
        distances = {
            name: abs(np.log(one.latency_ms / self.latency_ms))
            for name, one in self.estimates.items()
        }
        return min(distances, key=lambda name: distances[name])


class _View:
    """Above every stack on the chosen board, below a table that others published."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=820, legend_rows=2)
        interval = {"type": "data", "symmetric": False, "color": theme.BLUE, "thickness": 1.5}
        figure.add_scatter(
            mode="markers", name="a stack, with its interval", error_x=interval, **theme.series(0)
        )
        tuned = {"color": theme.BLACK, "width": 2, "dash": "dash"}
        figure.add_scatter(mode="lines", name="your tuning", line=tuned)
        below = {"xaxis": "x2", "yaxis": "y2"}
        figure.add_scatter(mode="markers", name="published elsewhere", **theme.series(1), **below)
        log = {"type": "log", "tickformat": ",~g", "dtick": 1}
        rows = {"autorange": "reversed", "type": "category", "dtick": 1, "tickfont_size": 12}
        return figure.update_layout(
            margin_l=230,
            xaxis={"title": "your model (ms)", "anchor": "y", **log},
            yaxis={**rows, "domain": [0.54, 1]},
            xaxis2={"title": "published (ms)", "anchor": "y2", **log},
            yaxis2={**rows, "domain": [0, 0.41], "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Tuning) -> None:
        known, tuned, elsewhere = figure.data
        names, each = list(result.estimates), list(result.estimates.values())
        known.x, known.y = [one.latency_ms for one in each], names
        known.error_x.array = [one.high_ms - one.latency_ms for one in each]
        known.error_x.arrayminus = [one.latency_ms - one.low_ms for one in each]
        tuned.x, tuned.y = [result.latency_ms] * 2, [names[0], names[-1]]
        elsewhere.x = [one.latency_ms for one in result.published]
        elsewhere.y = [f"{one.network}, {one.stack}" for one in result.published]


def _summary(result: Tuning) -> str:
    slowest, nearest = result.estimates[result.slowest], result.estimates[result.nearest]
    fastest = min(result.estimates.values(), key=lambda one: one.latency_ms)
    energy = "" if result.energy_uJ is None else f" and {amount(result.energy_uJ)} uJ"
    costs = f"{amount(result.latency_ms)} ms{energy}"
    tuned = (
        f"with {nearest.stack} an inference takes {costs}"
        if result.speed_up == 1
        else f"{result.speed_up:g} times as fast as {result.slowest} is {costs} an inference;"
        f" nearest is {nearest.stack}"
    )
    return (
        f"{result.name}: {tuned} ({nearest.basis}). From {slowest.stack} to {fastest.stack} it is"
        f" a factor of {amount(slowest.latency_ms / fastest.latency_ms)};"
        f" {_elsewhere(result.published)}."
    )


def _elsewhere(rows: tuple[PublishedLatency, ...]) -> str:
    times = [one.latency_ms for one in rows if one.network == rows[0].network]
    if len(times) == 1:
        return f"elsewhere, {rows[0].network} took {amount(times[0])} ms on {rows[0].chip}"
    return (
        f"elsewhere, {rows[0].network} took {amount(min(times))} to {amount(max(times))} ms on"
        f" {rows[0].chip}, a factor of {amount(max(times) / min(times))}"
    )


def stacks_explorer(model, *, start: str | None = None) -> Explorer:
    """Tune the kernels, from reference ones on, and see which stack that is.

    Parameters
    ----------
    model : Graph or Workload
    start : str, optional
        Board that is chosen at first; by default that of every explorer.
    """
    asked = workload(model)
    names = _tunable(asked)
    tables: dict[str, tuple[PublishedLatency, ...]] = {}
    for one in published_latencies():
        key = f"{one.chip} at {one.clock_MHz:g} MHz"
        tables[key] = (*tables.get(key, ()), one)
    estimates = {key: _estimates(asked, key) for key in names}

    def compute(board_id: str, speed_up: float, table: str) -> Tuning:
        by_stack = estimates[board_id]
        slowest, chosen = next(iter(by_stack.values())), board(board_id)
        power = None
        if chosen.operating_points:
            power = float(power_curve(chosen).power_mW(slowest.clock_MHz))
        return Tuning(
            estimates=by_stack,
            speed_up=speed_up,
            energy_uJ=None if power is None else power * slowest.latency_ms / speed_up,
            published=tables[table],
            name=names[board_id],
        )

    controls = [
        board_control(names, name="board_id", start=start or default_board()),
        Steps("speed_up", "Kernels tuned", SPEED_UPS, 1, "times as fast"),
        Dropdown("table", "Published elsewhere", tuple(tables), next(iter(tables))),
    ]
    return Explorer(
        "Same network, same chip",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled by tinylab.cost from MLPerf Tiny and published ratios; published:"
        " TinyEngine,"
        " Samsung/ONE issue 7598, gnotu/pico2-benchmark",
    )


def _estimates(asked, key: str) -> dict[str, LatencyEstimate]:
    each = {name: latency(asked, key, stack=name) for name in stacks(key)}
    slow_first = sorted(each, key=lambda name: -each[name].latency_ms)
    return {name: each[name] for name in slow_first}


def _tunable(asked) -> dict[str, str]:
    """Boards for which more than one stack is known, by id."""
    tunable = {}
    for key, one in boards().items():
        try:
            if len(stacks(key, asked.precision)) > 1:
                latency(asked, key)
                tunable[key] = one.name
        except ValueError:
            continue  # nothing is published for this core
    return tunable
