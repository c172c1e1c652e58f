"""Explorer: how sure must an early exit be? Accuracy against what an inference costs on average."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Workload, default_board, energy
from tinylab.early_exit.threshold import ExitPoint, ExitRecord, at_threshold
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Leaving", "early_exit_explorer"]

STEPS = 100


@dataclass(frozen=True)
class Leaving:
    """One threshold, what it does, and all others for comparison.

    Attributes
    ----------
    point : ExitPoint
    curve : tuple of ExitPoint
        Of rising thresholds.
    whole : ExitPoint
        Nobody leaves early.
    latency_ms, energy_uJ : float
        On average, on the board.
    whole_ms, whole_uJ : float
        The network without exits, as it was.
    board : str
    """

    point: ExitPoint
    curve: tuple[ExitPoint, ...]
    whole: ExitPoint
    latency_ms: float
    energy_uJ: float
    whole_ms: float
    whole_uJ: float
    whole_macs: int
    board: str

    @property
    def saved(self) -> float:
        """Share of the network's multiply-accumulates that the average inference does without."""
        return 1 - self.point.mean_macs / self.whole_macs


class _View:
    """Left accuracy against mean MACs, a curve over all thresholds; right who leaves where."""

    def __init__(self, exits: tuple[str, ...]):
        self._exits = exits

    def figure(self) -> go.Figure:
        figure = theme.figure(legend_rows=2, height_px=440)
        style = theme.series(0)
        style["marker"]["size"] = 4
        figure.add_scatter(name="every threshold", mode="lines+markers", **style)
        level = {"mode": "lines", "line": {"color": theme.QUIET, "dash": "dot", "width": 2}}
        figure.add_scatter(name="the network without exits", **level)
        figure.add_scatter(**theme.highlight())
        figure.add_bar(
            x=self._exits,
            xaxis="x2",
            yaxis="y2",
            name="leave here",
            textposition="outside",
            cliponaxis=False,
            **theme.bar(0),
        )
        return figure.update_layout(
            xaxis={
                "domain": [0, 0.56],
                "title": "mean multiply-accumulates (million)",
                "rangemode": "tozero",
            },
            yaxis={"title": "accuracy (%)"},
            xaxis2={"domain": [0.68, 1], "anchor": "y2", "type": "category"},
            yaxis2={"anchor": "x2", "title": "of the pictures (%)", "range": [0, 112]},
        )

    def update(self, figure: go.Figure, result: Leaving) -> None:
        curve, level, here, bars = figure.data
        curve.x = [one.mean_macs / 1e6 for one in result.curve]
        curve.y = [100 * one.accuracy for one in result.curve]
        level.x = [0, result.whole_macs / 1e6]
        level.y = [100 * result.whole.accuracy] * 2
        here.x, here.y = [result.point.mean_macs / 1e6], [100 * result.point.accuracy]
        bars.y = 100 * result.point.exit_rates
        bars.text = [
            f"{right:.0%} right" if rate > 0 else "nobody"
            for rate, right in zip(result.point.exit_rates, result.point.exit_accuracy)
        ]


def _summary(result: Leaving) -> str:
    point, lost = result.point, 100 * (result.whole.accuracy - result.point.accuracy)
    macs = f"{abs(result.saved):.0%} {'fewer' if result.saved >= 0 else 'more'}"
    return (
        f"Below {point.threshold_bits:.2f} bits of entropy an exit may answer:"
        f" {1 - point.exit_rates[-1]:.0%} of the pictures leave early. Accuracy"
        f" {point.accuracy:.1%}, {abs(lost):.1f} points {'below' if lost >= 0 else 'above'} the"
        f" network's own; {amount(point.mean_macs / 1e6)} million multiply-accumulates on average,"
        f" {macs} than without exits. On {result.board} an average of {amount(result.latency_ms)}"
        f" ms and {amount(result.energy_uJ)} uJ instead of {amount(result.whole_ms)} ms and"
        f" {amount(result.whole_uJ)} uJ."
    )


def early_exit_explorer(
    raw: ExitRecord,
    calibrated: ExitRecord,
    workloads: tuple[Workload, ...],
    network: Workload,
    *,
    start: float = 0.3,
) -> Explorer:
    """Move the threshold over exits that were measured on test pictures.

    Parameters
    ----------
    raw, calibrated : ExitRecord
        The same exits as they are and with their temperatures.
    workloads : tuple of Workload
        Until each exit, as `tinylab.early_exit.network.EarlyExits.workloads` gives them.
    network : Workload
        Of the network without exits.
    start : float
        The threshold to begin with, in bits, 0..1.
    """
    boards = usable_boards(network)
    exits = (*(f"exit {number}" for number in range(1, raw.exits)), "end")
    thresholds = np.arange(STEPS + 2) / STEPS  # the last lets everybody go at the first exit
    curves = {
        name: tuple(at_threshold(record, one) for one in thresholds)
        for name, record in (("calibrated", calibrated), ("raw", raw))
    }
    spent = {key: [energy(one, key) for one in (*workloads, network)] for key in boards}

    def compute(threshold: float, confidence: str, board: str) -> Leaving:
        curve, costs = curves[confidence], spent[board]
        point = curve[round(threshold * STEPS)]
        return Leaving(
            point=point,
            curve=curve,
            whole=curve[0],
            latency_ms=point.mean_of([one.latency_ms for one in costs[:-1]]),
            energy_uJ=point.mean_of([one.energy_uJ for one in costs[:-1]]),
            whole_ms=costs[-1].latency_ms,
            whole_uJ=costs[-1].energy_uJ,
            whole_macs=network.macs,
            board=boards[board],
        )

    words = ("with temperatures (calibrated)", "as trained")
    controls = [
        Slider("threshold", "Leave below", 0.0, 1.0, 0.01, start, "bits of entropy"),
        Dropdown("confidence", "Confidence", ("calibrated", "raw"), "calibrated", words),
        board_control(boards, start=default_board()),
    ]
    return Explorer(
        "How sure is sure enough?",
        controls,
        compute,
        _View(exits),
        _summary,
        source=f"measured: your model's exits on {raw.examples} test pictures; ms and uJ modelled"
        f" by tinylab.cost",
    )
