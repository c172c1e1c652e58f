"""Explorer: replay a governor's day, slot by slot."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost.governor.harvest import LOADS, SLOTS_PER_DAY, Trace
from tinylab.cost.governor.station import Run, Station
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Day", "governor_explorer"]


@dataclass(frozen=True)
class Day:
    """One day under one policy, with the bound of the same day beside it.

    Attributes
    ----------
    policy : str
    day : int
    load : ndarray of int8, (slots,)
    solar_mW, vibration_mW : ndarray, (slots,)
    level_J, bound_level_J : ndarray, (slots,)
        Energy stored at the start of each slot.
    looks : ndarray of int, (slots,)
    value, bound_value : ndarray, (slots,)
        Damage avoided in each slot.
    """

    policy: str
    day: int
    load: np.ndarray
    solar_mW: np.ndarray
    vibration_mW: np.ndarray
    level_J: np.ndarray
    bound_level_J: np.ndarray
    looks: np.ndarray
    value: np.ndarray
    bound_value: np.ndarray


HOURS = np.arange(SLOTS_PER_DAY) * 24 / SLOTS_PER_DAY


class _View:
    """Three rows over the hours: what comes in, what is stored, how often the device listens."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=620, legend_rows=2)
        sun, machine = theme.series(4)["line"], theme.series(1)["line"]
        store, bound = theme.series(0)["line"], theme.series(6)["line"]
        step = {"mode": "lines", "x": HOURS}
        figure.add_scatter(name="sun", line=sun, **step)
        figure.add_scatter(name="vibration", line=machine, **step)
        figure.add_scatter(name="stored", line=store, yaxis="y2", **step)
        figure.add_scatter(name="stored, knowing the future", line=bound, yaxis="y2", **step)
        figure.add_bar(name="looks", x=HOURS, yaxis="y3", **theme.bar(2))
        figure.add_scatter(
            name="load",
            x=HOURS,
            mode="lines",
            yaxis="y4",
            line={**theme.series(3)["line"], "shape": "hv"},
        )
        return figure.update_layout(
            xaxis={"title": "hour of the day", "range": [0, 24], "dtick": 3, "anchor": "y4"},
            yaxis={"title": "harvest (mW)", "domain": [0.78, 1], "rangemode": "tozero"},
            yaxis2={"title": "stored (J)", "domain": [0.52, 0.73], "rangemode": "tozero"},
            yaxis3={"title": "looks", "domain": [0.26, 0.47], "rangemode": "tozero"},
            yaxis4={
                "title": "load",
                "domain": [0, 0.21],
                "range": [-0.2, 3.2],
                "tickvals": list(range(len(LOADS))),
                "ticktext": list(LOADS),
            },
        )

    def update(self, figure: go.Figure, result: Day) -> None:
        rows = (
            result.solar_mW,
            result.vibration_mW,
            result.level_J,
            result.bound_level_J,
            result.looks,
            result.load,
        )
        for trace, values in zip(figure.data, rows):
            trace.y = values


def _summary(result: Day) -> str:
    value, bound = result.value.sum(), result.bound_value.sum()
    missed = int(((result.load > 0) & (result.value == 0)).sum())
    running = int((result.load > 0).sum())
    return (
        f"Day {result.day + 1}, {result.policy}: damage avoided {amount(value)}, against"
        f" {amount(bound)} of the plan that knows the future. Harvested"
        f" {amount((result.solar_mW + result.vibration_mW).mean())} mW on average; {missed} of"
        f" {running} half-hours with the machine running went by without an answer in time."
    )


def governor_explorer(
    station: Station, days: Trace, runs: Mapping[str, Run], bound: Run, *, start: str | None = None
) -> Explorer:
    """Choose a policy and a day.

    Parameters
    ----------
    station : Station
    days : Trace
        The days that were run.
    runs : mapping of str to Run
        Of every policy on these days, by name.
    bound : Run
        The offline optimum on the same days.
    start : str, optional
        Policy that is shown first.
    """
    looks = np.array([action.looks for action in station.actions])
    to_J = station.quantum_mJ / 1e3

    def compute(policy: str, day: int) -> Day:
        run, index = runs[policy], day - 1
        return Day(
            policy,
            index,
            days.load[index],
            days.solar_mW[index],
            days.vibration_mW[index],
            run.levels[index] * to_J,
            bound.levels[index] * to_J,
            looks[run.actions[index]],
            run.values[index],
            bound.values[index],
        )

    names = tuple(runs)
    controls = [
        Dropdown("policy", "Governor", names, start or names[0]),
        Slider("day", "Day", 1, days.days, 1, 1),
    ]
    return Explorer(
        "A day in the life",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled: harvest and work by tinylab.cost.governor.harvest, costs by tinylab.cost;"
        " detection rates measured on your models",
    )
