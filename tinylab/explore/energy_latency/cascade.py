"""Explorer: a wake-up cascade. What does it save, and what does it miss?"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Device, DeviceBudget, batteries, board, default_board, latency, workload
from tinylab.cost.device.cascade import Cascade, cascade_budget
from tinylab.cost.device.settings import PARTS
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.parts import (
    add_part_bars,
    leave_out_control,
    part_bars,
    without,
)
from tinylab.explore.widget.wording import amount
from tinylab.scoring.cascade_study import CascadeResults

__all__ = ["Waking", "cascade_explorer"]

COLLECTING = {"sleep": "asleep, sound goes to memory by itself", "idle": "awake, clocks running"}
ROWS = ("network always on", "your cascade")


@dataclass(frozen=True, eq=False)
class Waking:
    """A device behind a cascade, beside one whose network always runs.

    Attributes
    ----------
    budget, always : DeviceBudget or None
        None where the work does not fit into a hop, or a power is not published.
    days, miss_percent : ndarray of float64, shape (levels,)
        Battery life and missed keywords at every setting of the first gate; nan where not possible.
    level : int
        Index of the chosen setting.
    false_accepts_per_hour, network_share : float
        Share of windows in which the network runs.
    left_out : frozenset of str
    name, battery, reason : str
    """

    budget: DeviceBudget | None
    always: DeviceBudget | None
    days: np.ndarray
    miss_percent: np.ndarray
    level: int
    false_accepts_per_hour: float
    network_share: float
    left_out: frozenset[str]
    name: str
    battery: str
    reason: str


class _View:
    """Above misses against battery life for every level, below what both devices pay for."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=500, legend_rows=4)
        figure.add_scatter(mode="lines+markers", name="every sound level", **theme.series(0))
        figure.add_scatter(**theme.highlight())
        add_part_bars(figure, y=list(ROWS), xaxis="x2", yaxis="y2")
        log = {"type": "log", "tickformat": ",~g"}
        return figure.update_layout(
            barmode="stack",
            xaxis={"title": "battery life (days)", "anchor": "y", "dtick": "D2", **log},
            yaxis={"title": "missed keywords (%)", "range": [-4, 104], "domain": [0.46, 1]},
            xaxis2={"title": "average power (mW)", "anchor": "y2"},
            yaxis2={"domain": [0, 0.2], "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Waking) -> None:
        curve, here, *bars = figure.data
        curve.x, curve.y = result.days, result.miss_percent
        here.x, here.y = [result.days[result.level]], [result.miss_percent[result.level]]
        rows = [_shown(one, result.left_out) for one in (result.always, result.budget)]
        for bar, pair in zip(bars, zip(*rows, strict=True), strict=True):
            bar.x = pair


def _shown(budget: DeviceBudget | None, left_out: frozenset[str]) -> list:
    if budget is None:
        return [0.0] * len(PARTS)
    return part_bars({one.name: one.power_mW for one in budget.parts}, left_out)


def _summary(result: Waking) -> str:
    if result.budget is None:
        return f"{result.name}: {result.reason}."
    power, life = result.budget.average_power_mW, result.budget.life
    lasts = "is too weak for that" if life is None else f"lasts {amount(life.days)} days"
    text = (
        f"{result.name}: the network runs in {result.network_share:.1%} of the windows;"
        f" {amount(power)} mW on average, the {result.battery} {lasts}. It misses"
        f" {result.miss_percent[result.level]:.0f}% of the keywords, with"
        f" {amount(result.false_accepts_per_hour, 2)} false accepts an hour."
    )
    if result.always is None:
        return f"{text} Without a cascade it could not keep up."
    return f"{text} Without a cascade it takes {amount(result.always.average_power_mW)} mW."


def cascade_explorer(model, measured: CascadeResults, *, detector_cycles: float) -> Explorer:
    """Set the two gates of a cascade before a keyword network.

    Parameters
    ----------
    model : Graph or Workload
        The keyword network.
    measured : CascadeResults
    detector_cycles : float
        Of one run of the small detector.
    """
    asked, cells = workload(model), batteries()
    names = usable_boards(asked, rest="idle")
    cycles = {key: latency(asked, key).cycles for key in names}

    def budget(key: str, device: Device, battery: str, row: int, column: int):
        work = Cascade(
            hop_s=measured.hop_s,
            windows=measured.windows,
            frames=int(measured.frames[row, column]),
            detected=int(measured.detected[row, column]),
            recognized=int(measured.recognized[row, column]),
        )
        each = {"detector_cycles": detector_cycles, "network_cycles": cycles[key]}
        try:
            return cascade_budget(key, work, **each, device=device, source=battery), ""
        except ValueError as error:  # it cannot keep up, or a power is not published: say which
            return None, str(error)

    def compute(
        board_id: str,
        level_dB: float,
        detector: float,
        collecting: str,
        battery: str,
        leave_out: str,
    ) -> Waking:
        left_out = without(leave_out)
        device = Device(
            measured.hop_s,
            collect_s=measured.hop_s,
            collecting=collecting,
            rest="sleep" if board(board_id).sleep else "idle",
            without=left_out,
        )
        row = measured.levels_dB.index(level_dB)
        column = measured.detector_thresholds.index(detector)
        each = [
            budget(board_id, device, battery, at, column) for at in range(len(measured.levels_dB))
        ]
        return Waking(
            budget=each[row][0],
            always=budget(board_id, device, battery, 0, 0)[0],
            days=np.array([_days(one) for one, _ in each]),
            miss_percent=100 * measured.misses[:, column] / measured.keywords,
            level=row,
            false_accepts_per_hour=float(measured.false_accepts[row, column] / measured.hours),
            network_share=float(measured.recognized[row, column] / measured.windows),
            left_out=left_out,
            name=names[board_id],
            battery=cells[battery].name,
            reason=each[row][1],
        )

    middle = measured.levels_dB[len(measured.levels_dB) // 2]
    controls = [
        board_control(names, name="board_id", start=default_board()),
        Steps("level_dB", "Wake from a sound level of", measured.levels_dB, middle, "dB"),
        Steps(
            "detector",
            "Run the network from a detector score of",
            measured.detector_thresholds,
            measured.detector_thresholds[0],
        ),
        Dropdown("collecting", "Meanwhile", tuple(COLLECTING), "sleep", COLLECTING.values()),
        Dropdown("battery", "Battery", tuple(cells), "lipo_500", [c.name for c in cells.values()]),
        leave_out_control(),
    ]
    return Explorer(
        "Who wakes whom?",
        controls,
        compute,
        _View(),
        _summary,
        source="measured on the recording: what each stage lets pass, and what is missed; modelled"
        " by tinylab.cost: power",
    )


def _days(budget: DeviceBudget | None) -> float:
    return np.nan if budget is None or budget.life is None else budget.life.days
