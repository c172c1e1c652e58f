"""Explorer: one job, a deadline, and the voltages and clocks to do it at."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import boards, latency, power_curve, workload
from tinylab.cost.power.dvfs import Mix, Spending, best_mix, dvfs_boards, dvfs_points, spending
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount, count

__all__ = ["ClockChoice", "dvfs_explorer"]

REGULATORS = {"linear": "linear (power goes with V)", "switching": "switching (power goes with V²)"}
RESTS = {"idle": "clocks running", "sleep": "deep sleep"}


@dataclass(frozen=True)
class ClockChoice:
    """One job under one deadline.

    Attributes
    ----------
    board, rest : str
    spendings : tuple of Spending
        At every point.
    mix : Mix or None
        The cheapest way; None if the job cannot be done in time.
    deadline_ms : float
    """

    board: str
    rest: str
    spendings: tuple[Spending, ...]
    mix: Mix | None
    deadline_ms: float

    @property
    def best(self) -> Spending | None:
        """The cheapest single point that is in time."""
        in_time = [one for one in self.spendings if one.in_time]
        return min(in_time, key=lambda one: one.total_uJ) if in_time else None


class _View:
    """A bar of work and rest for every point, and the cheapest mix as a line."""

    def figure(self) -> go.Figure:
        figure = theme.figure(
            x="voltage and clock", y="energy until the deadline (mJ)", legend_rows=2
        )
        for index, name in enumerate(("work", "rest")):
            figure.add_bar(name=name, **theme.bar(index))
        figure.add_scatter(mode="markers", name="too late", **theme.series(5))
        figure.add_scatter(
            mode="lines", name="cheapest mix of points", line=theme.series(2)["line"]
        )
        return figure.update_layout(barmode="stack", yaxis_rangemode="tozero")

    def update(self, figure: go.Figure, result: ClockChoice) -> None:
        work, rest, late, mix = figure.data
        names = [_name(one) for one in result.spendings]
        work.x = rest.x = mix.x = names
        work.y = [one.work_uJ / 1e3 if one.in_time else np.nan for one in result.spendings]
        rest.y = [one.rest_uJ / 1e3 for one in result.spendings]
        late.x, late.y = names, [np.nan if one.in_time else 0.0 for one in result.spendings]
        least = np.nan if result.mix is None else result.mix.total_uJ / 1e3
        mix.y = [least] * len(names)


def _name(one: Spending) -> str:
    return f"{one.point.voltage_V:g} V, {one.point.clock_MHz:g} MHz"


def _summary(result: ClockChoice) -> str:
    best = result.best
    if best is None:
        fastest = min(result.spendings, key=lambda one: one.busy_ms)
        return (
            f"{result.board}: even at {_name(fastest)} the job takes {amount(fastest.busy_ms)} ms,"
            f" longer than the {amount(result.deadline_ms)} ms it may take."
        )
    late = sum(not one.in_time for one in result.spendings)
    text = (
        f"{result.board}, resting with {RESTS[result.rest]}: the cheapest point is {_name(best)},"
        f" {amount(best.total_uJ / 1e3)} mJ by the deadline of {amount(result.deadline_ms)} ms"
    )
    text += f"; too late: {late} of {count(len(result.spendings), 'point')}." if late else "."
    saved = 1 - result.mix.total_uJ / best.total_uJ
    if saved > 0.005:
        used = [
            f"{amount(busy)} ms at {point.clock_MHz:g} MHz"
            for busy, point in zip(result.mix.busy_ms, result.mix.points)
            if busy > 1e-3 * result.deadline_ms
        ]
        text += f" A mix, {' and '.join(used)}, saves another {saved:.0%}."
    return text


def dvfs_explorer(model, *, windows: int = 60, start: str | None = None) -> Explorer:
    """Change the deadline of a job and see which voltage and clock, or which mix, costs least.

    Parameters
    ----------
    model : Graph or Workload
    windows : int
        How often the model runs in one job.
    start : str, optional
        Board that is chosen at first.
    """
    asked, names = workload(model), {key: boards()[key].name for key in dvfs_boards()}
    cycles = {key: windows * latency(asked, key).cycles for key in names}
    shortest = min(cycles[key] / dvfs_points(key)[-1].clock_MHz / 1e3 for key in names)
    first = start if start in names else next(iter(names))
    own_percent = round(100 * power_curve(first).static_share)

    def compute(
        board: str, regulator: str, rest: str, slack: float, static_percent: int, scaling: bool
    ) -> ClockChoice:
        points = dvfs_points(
            board, regulator=regulator, static_share=static_percent / 100, scaling=scaling
        )
        deadline_ms = slack * shortest
        spendings = tuple(spending(point, cycles[board], deadline_ms, rest) for point in points)
        possible = any(one.in_time for one in spendings)
        mix = best_mix(points, cycles[board], deadline_ms, rest) if possible else None
        return ClockChoice(names[board], rest, spendings, mix, deadline_ms)

    regulators, rests = tuple(REGULATORS.values()), tuple(RESTS.values())
    controls = [
        Dropdown("board", "Board", tuple(names), first, list(names.values())),
        Slider("slack", "Deadline", 1.0, 20.0, 0.25, 4.0, "times the fastest board's time"),
        Dropdown("rest", "Until the deadline", tuple(RESTS), "idle", rests),
        Dropdown("regulator", "Regulator", tuple(REGULATORS), "switching", regulators),
        Slider("static_percent", "Power that no clock saves", 0, 60, 1, own_percent, "%"),
        Toggle("scaling", "Lower the voltage with the clock", True),
    ]
    return Explorer(
        "Voltage, clock and deadline",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled by tinylab.cost.power.dvfs from published power and the datasheets'"
        " voltage ranges",
    )
