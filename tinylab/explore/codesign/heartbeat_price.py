"""Explorer: what size of heart monitor wins, at what price of energy and on which board."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost import Workload, board, default_board, energy
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.heartbeat_results import HeartbeatRow, HeartbeatWidths
from tinylab.scoring.verdicts import rank

__all__ = ["MonitorChoice", "heartbeat_price_explorer"]

FREE_ENERGY = 10.0  # in microjoules: costs no points, as in the challenge


@dataclass(frozen=True)
class MonitorChoice:
    """Every measured monitor at one price on one board.

    Parameters
    ----------
    energy_uJ : ndarray of float64, shape (widths,)
    score, spread : ndarray of float64, shape (widths,)
        100 macro F1 minus the price of energy: mean over seeds, and half the range.
    best : int
        Position of the highest mean.
    ties : tuple of int
        Positions of the others that are no clear step behind it, over the seeds.
    price : float
        Points that doubling the energy costs.
    board : str
    """

    energy_uJ: np.ndarray
    score: np.ndarray
    spread: np.ndarray
    best: int
    ties: tuple[int, ...]
    price: float
    board: str


class _View:
    """Score against energy, an error bar over seeds."""

    def __init__(self, rows: tuple[HeartbeatRow, ...]):
        self._widths = [f"width {row.width}" for row in rows]

    def figure(self) -> go.Figure:
        figure = theme.figure(x="energy of a beat (uJ)", y="score (points)")
        figure.add_scatter(
            name="monitors (bars: range over seeds)",
            mode="lines+markers+text",
            text=self._widths,
            textposition=["top right"] * (len(self._widths) - 1) + ["bottom left"],
            error_y={"type": "data", "array": [0] * len(self._widths)},
            **theme.series(0),
        )
        figure.add_scatter(**theme.highlight("highest mean"))
        return figure.update_layout(xaxis=theme.LOG_AXIS)

    def update(self, figure: go.Figure, result: MonitorChoice) -> None:
        line, best = figure.data
        line.x, line.y, line.error_y.array = result.energy_uJ, result.score, result.spread
        best.x, best.y = [result.energy_uJ[result.best]], [result.score[result.best]]


def heartbeat_price_explorer(results: HeartbeatWidths) -> Explorer:
    """Set what energy is worth, and see which size of monitor scores highest.

    Parameters
    ----------
    results : HeartbeatWidths
    """
    rows = results.rows
    loads = [
        Workload(f"width {row.width}", "int8", row.macs, *[np.array(row.workload)] * 2)
        for row in rows
    ]
    names = usable_boards(loads[0])
    energies = {key: np.array([energy(load, key).energy_uJ for load in loads]) for key in names}
    f1 = 100 * np.array([row.macro_f1 for row in rows])
    spread = (f1.max(axis=1) - f1.min(axis=1)) / 2

    def compute(place: str, price: float) -> MonitorChoice:
        uJ = energies[place]
        cut = price * np.log2(uJ / FREE_ENERGY)
        ranking = rank({str(at): (f1[at] - cut[at]).tolist() for at in range(len(rows))})
        best, *ties = map(int, ranking.best)
        return MonitorChoice(
            uJ, f1.mean(axis=1) - cut, spread, best, tuple(ties), price, board(place).name
        )

    def summary(result: MonitorChoice) -> str:
        widest = f"width {rows[result.best].width}"
        tied = " and ".join(f"width {rows[at].width}" for at in result.ties)
        won = f"has the highest mean, but {tied} may be as good" if tied else "wins"
        return (
            f"On {result.board}, where doubling the energy costs {result.price:g} points, {widest}"
            f" {won}: {result.score[result.best]:.1f} points"
            f" (±{result.spread[result.best]:.1f} over seeds) at"
            f" {result.energy_uJ[result.best]:.1f} uJ a beat."
        )

    controls = [
        board_control(names, name="place", start=default_board()),
        Slider("price", "Doubling the energy costs", 0.0, 10.0, 0.5, 4.0, "points"),
    ]
    return Explorer(
        "What is a microjoule worth?",
        controls,
        compute,
        _View(rows),
        summary,
        source=f"measured: macro F1 of int8 programs on {results.beats:,} beats of"
        f" {results.patients} hidden patients, {len(rows[0].macro_f1)} seeds; modelled: energy",
    )
