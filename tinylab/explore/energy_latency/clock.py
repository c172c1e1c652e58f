"""Explorer: hurry and rest, or take your time? Clock against average power of a whole device."""

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import (
    AlwaysOn,
    Device,
    always_on,
    benchmarks,
    board,
    default_board,
    front_end_cycles,
    latency,
    power_curve,
    workload,
)
from tinylab.cost.device.energies import counted_uJ, part_energies, powers_of, work_of
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.parts import (
    add_part_bars,
    leave_out_control,
    part_bars,
    without,
)
from tinylab.explore.widget.wording import amount

__all__ = ["Pace", "race_to_idle_explorer"]

CLOCK_PERCENT = np.arange(5, 101)
HARDLY = 0.03  # results of one board, published at two clocks, agree no better
RESTS = {"sleep": "asleep, sound goes to memory by itself", "idle": "awake, clocks running"}
OWN_PART = "own"
STATIC = (OWN_PART, "0", "10", "20", "30", "40", "50", "60")
STATIC_NAMES = ("this board's own", *(f"{share} %" for share in STATIC[1:]))
PERIODS_MS = (20, 30, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
FRAME_MS, SECOND_FRAMES = 20, 49
PUBLISHED_STACK = "X-CUBE-AI"
"""With which the published averages were measured: a prediction beside them takes the same."""


@dataclass(frozen=True, eq=False)
class Pace:
    """One device that listens without pause, at every clock, resting in two ways.

    Attributes
    ----------
    clock_MHz, every_latency_ms : ndarray of float64, shape (clocks,)
        The second of a whole look: features and network.
    parts_by_rest : dict of str to dict of str to ndarray, shape (clocks,)
        Average power in mW of each part of the budget, by kind of rest; nan where there is no time.
        A rest whose power is not published is missing.
    power_by_rest : dict of str to ndarray, shape (clocks,)
        The sum of the counted parts.
    static_share : float
        Share of the power at the highest clock that no slower clock saves.
    clock : int
        Index of the chosen clock.
    name : str
        Of the board.
    period_ms : float
    left_out : frozenset of str
    published : tuple of AlwaysOn
        Published averages of this board with this model, if any.
    """

    clock_MHz: np.ndarray
    every_latency_ms: np.ndarray
    parts_by_rest: dict[str, dict[str, np.ndarray]]
    power_by_rest: dict[str, np.ndarray]
    static_share: float
    clock: int
    name: str
    period_ms: float
    left_out: frozenset[str]
    published: tuple[AlwaysOn, ...]

    @property
    def latency_ms(self) -> float:
        """Of a look at the chosen clock."""
        return float(self.every_latency_ms[self.clock])

    def power_mW(self, rest: str) -> np.ndarray:
        """Average power at each clock; nan where it is not known or there is no time."""
        return self.power_by_rest.get(rest, np.full(len(self.clock_MHz), np.nan))


def listening_device(period_ms: float, frames_cycles: float, left_out: frozenset[str]) -> Device:
    """A device that hears everything: its microphone is always on, and old features are kept."""
    return Device(
        period_s=period_ms / 1e3,
        collect_s=period_ms / 1e3,
        features_cycles=frames_cycles,
        without=left_out,
    )


def new_frames(period_ms: float) -> int:
    """How many frames of the spectrogram are new after a period."""
    return min(max(round(period_ms / FRAME_MS), 1), SECOND_FRAMES)


def _powers(cycles: float, key: str, device: Device, share: float | None):
    """Clocks, latencies, and average powers by rest and part of one board."""
    chosen, period_ms = board(key), 1e3 * device.period_s
    clocks = np.maximum(CLOCK_PERCENT / 100 * chosen.clock_max.value, chosen.clock_min.value)
    parts, sums = {}, {}
    work = work_of(chosen, device, cycles, clocks)
    for rest in RESTS:
        resting = replace(device, rest=rest, collecting=rest)
        try:
            powers = powers_of(chosen, resting, clocks, share)
        except ValueError:
            continue  # not published: the summary says so
        energies = part_energies(powers, resting, work_of(chosen, resting, cycles, clocks))
        parts[rest] = {name: uJ / period_ms for name, uJ in energies.items()}
        sums[rest] = counted_uJ(parts[rest], resting)
    return clocks, work.features_ms + work.network_ms, parts, sums


class _View:
    """Above average power against the clock by rest, below what each part takes at one clock."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=520, legend_rows=6)
        for index, words in enumerate(RESTS.values()):
            figure.add_scatter(mode="lines", name=words, line=theme.series(index)["line"])
        for index in range(len(RESTS)):
            figure.add_scatter(**theme.highlight(), showlegend=index == 0)
        figure.add_scatter(
            mode="markers",
            name="published, streaming wake word",
            marker={"symbol": "star", "size": 13, "color": theme.VERMILION},
        )
        add_part_bars(figure, xaxis="x2", yaxis="y2")
        return figure.update_layout(
            barmode="stack",
            xaxis={"title": "clock (MHz)", "rangemode": "tozero", "anchor": "y"},
            yaxis={
                "title": "average power (mW)",
                "rangemode": "tozero",
                "domain": [0.46, 1],
            },
            xaxis2={"title": "average power at your clock (mW)", "anchor": "y2"},
            yaxis2={"domain": [0, 0.2], "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Pace) -> None:
        published, bars = figure.data[4], figure.data[5:]
        for index, rest in enumerate(RESTS):
            power = result.power_mW(rest)
            line, here = figure.data[index], figure.data[len(RESTS) + index]
            line.x, line.y = result.clock_MHz, power
            here.x, here.y = [result.clock_MHz[result.clock]], [power[result.clock]]
        published.x = [one.clock_MHz for one in result.published]
        published.y = [one.average_power_mW for one in result.published]
        published.showlegend = bool(result.published)
        rows = [
            part_bars(_at(result.parts_by_rest[rest], result.clock), result.left_out)
            for rest in result.parts_by_rest
        ]
        for bar, powers in zip(bars, zip(*rows, strict=True), strict=True):
            bar.y, bar.x = [rest_name(rest) for rest in result.parts_by_rest], powers


def rest_name(rest: str) -> str:
    """The first word of a rest: what the bar's row is called."""
    return RESTS[rest].split(",")[0]


def _at(parts: dict[str, np.ndarray], clock: int) -> dict[str, float]:
    return {
        name: float(np.broadcast_to(mW, len(CLOCK_PERCENT))[clock]) for name, mW in parts.items()
    }


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
            parts.append(f"Its power {words} is not published.")
            continue
        best = int(np.nanargmin(power))
        verdict = "hurry" if best == len(power) - 1 else "slow down"
        slowest, fastest = power[np.isfinite(power)][[0, -1]]
        if max(slowest, fastest) < (1 + HARDLY) * power[best]:
            verdict = f"slow or fast differs by less than {HARDLY:.0%}, so it hardly matters"
        parts.append(
            f"When it is {words}: {amount(power[result.clock])} mW; the least is"
            f" {amount(power[best])} mW at {result.clock_MHz[best]:.0f} MHz: {verdict}."
        )
    parts.append(f"{result.static_share:.0%} of its top power stays at any clock.")
    return " ".join(parts)


def race_to_idle_explorer(model=None) -> Explorer:
    """Change a device's clock and see what the rest between looks decides.

    Parameters
    ----------
    model : Graph or Workload, optional
        By default MLPerf Tiny's streaming wake word, for which averages are published.
    """
    asked = benchmarks()["sww"] if model is None else workload(model)
    listed = always_on() if model is None else ()
    names = usable_boards(asked, rest="idle")
    periods = sorted({*PERIODS_MS, *_published_period_ms(listed)})
    measured = {one.board for one in listed}
    stacks = {key: PUBLISHED_STACK if key in measured else None for key in names}
    cycles = {key: latency(asked, key, stack=stacks[key]).cycles for key in names}

    def compute(
        board: str, clock_percent: int, period_ms: float, static: str, leave_out: str
    ) -> Pace:
        share, left_out = None if static == OWN_PART else int(static) / 100, without(leave_out)
        frames = front_end_cycles("keyword_spotting", new_frames(period_ms))
        device = listening_device(period_ms, frames, left_out)
        kept = power_curve(board).static_share if share is None else share
        return Pace(
            *_powers(cycles[board], board, device, share),
            static_share=kept,
            clock=clock_percent - int(CLOCK_PERCENT[0]),
            name=names[board],
            period_ms=period_ms,
            left_out=left_out,
            published=tuple(one for one in listed if one.board == board),
        )

    first, last = int(CLOCK_PERCENT[0]), int(CLOCK_PERCENT[-1])
    start = (_published_period_ms(listed) or [PERIODS_MS[-4]])[0]
    controls = [
        board_control(names, start=default_board()),
        Slider("clock_percent", "Clock", first, last, 1, last, "% of the highest"),
        Steps("period_ms", "One look every", periods, start, "ms"),
        Dropdown("static", "Power that no clock saves", STATIC, OWN_PART, STATIC_NAMES),
        leave_out_control(),
    ]
    return Explorer(
        "Race to idle, or slow down?",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled by tinylab.cost from published latency and power; the microphone is always"
        " on, features of new frames as counted in the emulator"
        + ("; stars are published, MLPerf Tiny streaming wake word" if listed else ""),
    )


def _published_period_ms(listed: tuple[AlwaysOn, ...]) -> list[int]:
    """The period of the published results."""
    if not listed:
        return []
    return [round(float(np.median([one.period_ms for one in listed])))]
