"""Explorer: hurry and rest, or take your time? Clock against average power."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import (
    AlwaysOn,
    active_power_mW,
    always_on,
    benchmarks,
    board,
    default_board,
    latency,
    power_curve,
    rest_power_mW,
    workload,
)
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

CLOCK_PERCENT = np.arange(5, 101)
RESTS = {"sleep": "deep sleep", "idle": "clocks running (microphone on)"}
OWN_PART = "own"
STATIC = (OWN_PART, "0", "10", "20", "30", "40", "50", "60")
STATIC_NAMES = ("this board's own", *(f"{share} %" for share in STATIC[1:]))

__all__ = ["Pace", "race_to_idle_explorer"]

PERIODS_MS = (20, 30, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, eq=False)
class Pace:
    """One board at every clock, resting in two ways.

    Attributes
    ----------
    clock_MHz, every_latency_ms : ndarray of float64, shape (clocks,)
    power_by_rest : dict of str to ndarray, shape (clocks,)
        Average power in mW by kind of rest; nan where it is not known or there is no time.
    static_share : float
        Share of the power at the highest clock that no slower clock saves.
    clock : int
        Index of the chosen clock.
    name : str
        Of the board.
    period_ms : float
    published : tuple of AlwaysOn
        Published averages of this board with this model, if any.
    """

    clock_MHz: np.ndarray
    every_latency_ms: np.ndarray
    power_by_rest: dict[str, np.ndarray]
    static_share: float
    clock: int
    name: str
    period_ms: float
    published: tuple[AlwaysOn, ...]

    @property
    def latency_ms(self) -> float:
        """Latency at the chosen clock."""
        return float(self.every_latency_ms[self.clock])

    def power_mW(self, rest: str) -> np.ndarray:
        """Average power at each clock; nan where it is not known or there is no time."""
        return self.power_by_rest[rest]


def _pace(cycles: float, key: str, period_ms: float, share: float | None):
    """Clocks, latencies and average powers by rest of one board."""
    place = board(key)
    clocks = np.maximum(CLOCK_PERCENT / 100 * place.clock_max.value, place.clock_min.value)
    latency_ms = cycles / (1e3 * clocks)
    duty = np.where(latency_ms <= period_ms, latency_ms / period_ms, np.nan)
    active = active_power_mW(place, clocks, static_share=share)
    powers = {}
    for rest in RESTS:
        try:
            resting = rest_power_mW(place, rest, clocks, static_share=share)
        except ValueError:
            resting = np.nan  # not published: the summary says so
        powers[rest] = duty * active + (1 - duty) * resting
    return clocks, latency_ms, powers


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
        verdict = "hurry" if best == len(power) - 1 else "slow down"
        parts.append(
            f"Resting in {words}: {amount(power[result.clock])} mW; the least is"
            f" {amount(power[best])} mW at {result.clock_MHz[best]:.0f} MHz: {verdict}."
        )
    parts.append(f"{result.static_share:.0%} of its top power stays at any clock.")
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
    periods = sorted({*PERIODS_MS, *_published_period_ms(listed)})
    cycles = {key: latency(asked, key).cycles for key in names}

    def compute(board: str, clock_percent: int, period_ms: float, static: str) -> Pace:
        share = None if static == OWN_PART else int(static) / 100
        found = _pace(cycles[board], board, period_ms, share)
        kept = power_curve(board).static_share if share is None else share
        shown = tuple(one for one in listed if one.board == board)
        chosen = clock_percent - int(CLOCK_PERCENT[0])
        return Pace(*found, kept, chosen, names[board], period_ms, shown)

    first, last = int(CLOCK_PERCENT[0]), int(CLOCK_PERCENT[-1])
    start = (_published_period_ms(listed) or [PERIODS_MS[-4]])[0]
    controls = [
        board_control(names, start=default_board()),
        Slider("clock_percent", "Clock", first, last, 1, last, "% of the highest"),
        Steps("period_ms", "One inference every", periods, start, "ms"),
        Dropdown("static", "Power that no clock saves", STATIC, OWN_PART, STATIC_NAMES),
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


def _published_period_ms(listed: tuple[AlwaysOn, ...]) -> list[int]:
    """The period of the published results."""
    if not listed:
        return []
    return [round(float(np.median([one.period_ms for one in listed])))]
