"""Explorer: hurry and rest, or take your time? Clock against average power."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Workload, always_on, benchmarks, latency, workload
from tinylab.cost.boards_study import Sweep, sweep
from tinylab.cost.power.inference import AlwaysOn
from tinylab.explore.energy_latency.battery import CLOCK_PERCENT, RESTS
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Pace", "race_to_idle_explorer"]

PERIODS_MS = (20, 30, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True)
class Pace:
    """One board at every clock, resting in two ways.

    Attributes
    ----------
    sweeps : dict of str to Sweep
        By kind of rest; one model on one board at `CLOCK_PERCENT`.
    clock : int
        Index of the chosen clock.
    name : str
        Of the board.
    period_ms : float
    published : tuple of AlwaysOn
        Published averages of this board with this model, if any.
    """

    sweeps: dict[str, Sweep]
    clock: int
    name: str
    period_ms: float
    published: tuple[AlwaysOn, ...]

    @property
    def clock_MHz(self) -> np.ndarray:
        """Clocks, shape (clocks,)."""
        return self.sweeps["idle"].clock_MHz[0]

    @property
    def latency_ms(self) -> float:
        """Latency at the chosen clock."""
        return float(self.sweeps["idle"].latency_ms[0, 0, self.clock])

    def power_mW(self, rest: str) -> np.ndarray:
        """Average power at each clock; nan where it is not known or there is no time."""
        return self.sweeps[rest].average_power_mW[0, 0]


class _View:
    """Average power against the clock, a line for each kind of rest."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="clock (MHz)", y="average power (mW)", legend_rows=2)
        for index, words in enumerate(RESTS.values()):
            figure.add_scatter(
                mode="lines", name=f"rest: {words}", line=theme.series(index)["line"]
            )
        for index in range(len(RESTS)):
            figure.add_scatter(**theme.highlight(), showlegend=index == 0)
        figure.add_scatter(
            mode="markers",
            name="published, streaming wake word",
            marker={"symbol": "star", "size": 13, "color": theme.VERMILION},
        )
        return figure.update_layout(xaxis_rangemode="tozero", yaxis_rangemode="tozero")

    def update(self, figure: go.Figure, result: Pace) -> None:
        published = figure.data[-1]
        for index, rest in enumerate(RESTS):
            power = result.power_mW(rest)
            line, here = figure.data[index], figure.data[len(RESTS) + index]
            line.x, line.y = result.clock_MHz, power
            here.x, here.y = [result.clock_MHz[result.clock]], [power[result.clock]]
        published.x = [one.clock_MHz for one in result.published]
        published.y = [one.average_power_mW for one in result.published]
        published.showlegend = bool(result.published)


def _summary(result: Pace) -> str:
    clock = result.clock_MHz[result.clock]
    ran = f"{result.name} at {clock:.0f} MHz: {amount(result.latency_ms)} ms of work"
    if result.latency_ms > result.period_ms:
        return f"{ran} do not fit into {result.period_ms:g} ms: it cannot keep up."
    parts = [
        f"{ran} in every {result.period_ms:g} ms ({result.latency_ms / result.period_ms:.0%})."
    ]
    for rest, words in RESTS.items():
        power = result.power_mW(rest)
        if np.isnan(power).all():
            parts.append(f"Its power in {words} is not published.")
            continue
        best = int(np.nanargmin(power))
        parts.append(
            f"Resting in {words}: {amount(power[result.clock])} mW; the least is"
            f" {amount(power[best])} mW at {result.clock_MHz[best]:.0f} MHz."
        )
    return " ".join(parts)


def race_to_idle_explorer(model=None) -> Explorer:
    """Change a board's clock and see what the rest between inferences decides.

    Parameters
    ----------
    model : Graph or Workload, optional
        By default MLPerf Tiny's streaming wake word, for which averages are published.
    """
    asked = benchmarks()["sww"] if model is None else workload(model)
    listed = always_on() if model is None else ()
    names = usable_boards(asked, rest="idle")
    periods = sorted({*PERIODS_MS, *_published_period_ms(asked, listed)})

    def compute(board: str, clock_percent: int, period_ms: float) -> Pace:
        sweeps = {
            rest: sweep([asked], [board], CLOCK_PERCENT / 100, period_ms=period_ms, rest=rest)
            for rest in RESTS
        }
        shown = tuple(one for one in listed if one.board == board)
        return Pace(sweeps, clock_percent - int(CLOCK_PERCENT[0]), names[board], period_ms, shown)

    first, last = int(CLOCK_PERCENT[0]), int(CLOCK_PERCENT[-1])
    start = (_published_period_ms(asked, listed) or [PERIODS_MS[-4]])[0]
    controls = [
        board_control(names),
        Slider("clock_percent", "Clock", first, last, 1, last, "% of the highest"),
        Steps("period_ms", "One inference every", periods, start, "ms"),
    ]
    return Explorer(
        "Race to idle, or slow down?",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled by tinylab.cost from published latency and power"
        + ("; stars are published, MLPerf Tiny streaming wake word" if listed else ""),
    )


def _published_period_ms(model: Workload, listed: tuple[AlwaysOn, ...]) -> list[int]:
    """The period at which the published duty cycles and the modelled latencies agree best."""
    if not listed:
        return []
    periods = [
        latency(model, one.board, clock_MHz=one.clock_MHz).latency_ms / one.duty for one in listed
    ]
    return [round(float(np.median(periods)))]
