"""Explorer: the best networks for a board within limits of time and memory."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab import cost
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count, others_in_it
from tinylab.scoring.intervals import wilson_interval
from tinylab.search.pareto import non_dominated
from tinylab.search.results import SearchResults
from tinylab.search.space import Architecture, as_rows, costs_of

__all__ = ["BoardFront", "search_front_explorer"]

ARENAS_kB = (2.5, 4, 6, 8, 12, 16)


@dataclass(frozen=True, eq=False)
class BoardFront:
    """The front of one board, and the best network within the limits.

    Parameters
    ----------
    energy_uJ, accuracy : ndarray of float64
        Of the networks on the front, by rising energy.
    allowed : ndarray of bool
        Which of all networks keep the limits.
    best : Architecture or None
    best_at : int
    limit_uJ, arena_kB : float
    board : str
    """

    energy_uJ: np.ndarray
    accuracy: np.ndarray
    allowed: np.ndarray
    best: Architecture | None
    best_at: int
    limit_uJ: float
    arena_kB: float
    board: str


class _View:
    """Accuracy against energy: the front, the limit, and the best within it."""

    def __init__(self, accuracy: np.ndarray, energies: dict[str, np.ndarray], names: dict):
        self._accuracy, self._energies = accuracy, energies
        self._by_name = {name: key for key, name in names.items()}

    def figure(self) -> go.Figure:
        figure = theme.figure(x="energy of an inference (uJ)", y="accuracy (%)", height_px=440)
        line = {**theme.series(0)["line"], "shape": "hv"}
        figure.add_scatter(name="front of this board", mode="lines+markers", line=line)
        cloud = {"color": theme.FADED, "size": 5}
        figure.add_scatter(name="within the limits", mode="markers", marker=cloud)
        limit = {"color": theme.BLACK, "width": 1.5, "dash": "dash"}
        figure.add_scatter(name="limit of energy", mode="lines", line=limit, hoverinfo="skip")
        figure.add_scatter(**theme.highlight("best within the limits"))
        return figure.update_layout(xaxis=theme.LOG_AXIS, yaxis_range=[50, 100])

    def update(self, figure: go.Figure, result: BoardFront) -> None:
        front, cloud, limit, best = figure.data
        uJ = self._energies[self._by_name[result.board]]
        front.x, front.y = result.energy_uJ, 100 * result.accuracy
        cloud.x, cloud.y = uJ[result.allowed], 100 * self._accuracy[result.allowed]
        limit.x, limit.y = [result.limit_uJ] * 2, [50, 100]
        there = result.best is not None
        best.x = [uJ[result.best_at]] if there else []
        best.y = [100 * self._accuracy[result.best_at]] if there else []


def search_front_explorer(results: SearchResults) -> Explorer:
    """Choose a board and limits, and see which network is best there.

    Parameters
    ----------
    results : SearchResults
    """
    networks, accuracy = results.space.architectures, np.array(results.accuracy)
    costs = costs_of(as_rows(networks))
    largest = cost.Workload("largest", "int8", int(costs.macs[-1]), *[costs.amounts[-1]] * 2)
    names = usable_boards(largest)
    swept = cost.sweep(costs.amounts, list(names)).energy_uJ
    energies = {key: swept[:, at, 0] for at, key in enumerate(names)}

    def compute(place: str, share: float, arena_kB: float) -> BoardFront:
        uJ = energies[place]
        limit = float(share / 100 * uJ.max())
        allowed = (uJ <= limit) & (costs.arena_bytes <= 1000 * arena_kB)
        at = int(np.where(allowed, accuracy, -1).argmax())
        kept = np.flatnonzero(non_dominated(np.stack([uJ, -accuracy], axis=1)))
        kept = kept[np.argsort(uJ[kept])]
        best = networks[at] if allowed.any() else None
        return BoardFront(
            uJ[kept], accuracy[kept], allowed, best, at, limit, arena_kB, names[place]
        )

    def summary(result: BoardFront) -> str:
        limits = f"{result.limit_uJ:,.0f} uJ and {result.arena_kB:g} kB of arena on {result.board}"
        if result.best is None:
            return f"No network keeps within {limits}."
        share = accuracy[result.best_at]
        low, high = wilson_interval(round(share * results.examples), results.examples)
        rivals = int(np.sum(accuracy[result.allowed] >= low)) - 1
        return (
            f"Of {count(int(result.allowed.sum()), 'network')} within {limits} the most accurate is"
            f" {result.best}: {share:.1%} (95% interval {low:.1%} to {high:.1%};"
            f" {others_in_it(rivals)}). The front has"
            f" {count(len(result.accuracy), 'network')}, from {result.accuracy[0]:.1%} to"
            f" {result.accuracy[-1]:.1%}."
        )

    controls = [
        board_control(names, name="place", start=cost.default_board()),
        Slider("share", "Energy, at most", 4, 100, 2, 30, "% of the largest network's"),
        Steps("arena_kB", "Arena, at most", ARENAS_kB, ARENAS_kB[-1], "kB"),
    ]
    return Explorer(
        "The best network for a board",
        controls,
        compute,
        _View(accuracy, energies, names),
        summary,
        source=f"measured: slices of the bundled super-network, {results.examples} validation"
        " clips; modelled: energy",
    )
