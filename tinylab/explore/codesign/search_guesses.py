"""Explorer: guesses of accuracy without training, over a whole space and at equal latency."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go

from tinylab import cost
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider
from tinylab.explore.widget.explorer import Explorer
from tinylab.search.ranks import RankAgreement, rank_agreement
from tinylab.search.results import SearchResults
from tinylab.search.space import as_rows, costs_of

__all__ = ["Guess", "search_guesses_explorer"]

ALONE = {
    "shared": "slice of the super-network",
    "gradient_norm": "gradient norm",
    "synflow": "synflow",
    "naswot": "NASWOT",
}
COUNTED = {"weights": "weights, counted", "macs": "multiply-accumulates, counted"}
WINDOW = 1.3  # longest over shortest latency that is called equal


@dataclass(frozen=True, eq=False)
class Guess:
    """A guess beside what was measured.

    Parameters
    ----------
    guessed, measured : ndarray of float64, shape (n,)
    whole : RankAgreement
        Over networks of all sizes: slices for guesses that are known of all, else those that were
        trained alone.
    equal : RankAgreement or None
        Over slices of nearly the same latency, for guesses that are known of all.
    low_ms, high_ms : float
    name : str
    """

    guessed: np.ndarray
    measured: np.ndarray
    whole: RankAgreement
    equal: RankAgreement | None
    low_ms: float
    high_ms: float
    name: str


class _View:
    """A point for each network: guess across, accuracy up."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="guess", y="measured accuracy (%)")
        marker = {**theme.series(0)["marker"], "size": 8}
        figure.add_scatter(name="networks", mode="markers", marker=marker)
        return figure.update_layout(showlegend=True)

    def update(self, figure: go.Figure, result: Guess) -> None:
        (points,) = figure.data
        points.x, points.y = result.guessed, 100 * result.measured
        figure.layout.xaxis.title.text = result.name


def _worded(agreement: RankAgreement) -> str:
    interval = f"{agreement.low:.2f} to {agreement.high:.2f}"
    return f"{agreement.tau:.2f} ({interval}, {agreement.items:,} networks)"


def _summary(result: Guess) -> str:
    text = (
        f"Kendall's tau of “{result.name}” with the accuracy: {_worded(result.whole)}, all sizes."
    )
    if result.equal is None:
        return (
            f"{text} These networks were trained alone; too few of them are equally fast to say"
            " how it ranks within one latency."
        )
    return (
        f"{text} Among networks that take {result.low_ms:g} to {result.high_ms:g} ms:"
        f" {_worded(result.equal)}."
    )


def search_guesses_explorer(results: SearchResults) -> Explorer:
    """See how well a guess ranks networks, and how well where it matters.

    Parameters
    ----------
    results : SearchResults
    """
    costs = costs_of(as_rows(results.space.architectures))
    ms = cost.sweep(costs.amounts, [cost.default_board()]).latency_ms[:, 0, 0]
    slices = np.array(results.accuracy)
    counted = {"weights": costs.weight_bytes.astype(float), "macs": costs.macs.astype(float)}
    alone = np.array([row.alone for row in results.alone])

    @cache
    def whole(name: str) -> RankAgreement:
        if name in COUNTED:
            return rank_agreement(counted[name], slices)
        return rank_agreement([getattr(row, name) for row in results.alone], alone)

    @cache
    def equal(name: str, low_ms: float) -> RankAgreement | None:
        chosen = (ms >= low_ms) & (ms <= WINDOW * low_ms)
        if name not in COUNTED or chosen.sum() < 3:
            return None
        return rank_agreement(counted[name][chosen], slices[chosen])

    for name in COUNTED:
        whole(name)  # a thousand networks take longer than a slider may

    def compute(name: str, low_ms: float) -> Guess:
        chosen = (ms >= low_ms) & (ms <= WINDOW * low_ms)
        if name in COUNTED:
            shown = counted[name][chosen], slices[chosen]
        else:
            shown = np.array([getattr(row, name) for row in results.alone]), alone
        text = {**ALONE, **COUNTED}[name]
        return Guess(*shown, whole(name), equal(name, low_ms), low_ms, WINDOW * low_ms, text)

    guesses = {**COUNTED, **ALONE}
    controls = [
        Dropdown("name", "Guess by", tuple(guesses), "weights", tuple(guesses.values())),
        Slider("low_ms", "Networks from", 5, 40, 1, 20, "ms"),
    ]
    return Explorer(
        "A guess instead of a training",
        controls,
        compute,
        _View(),
        _summary,
        source=f"measured: {len(alone)} networks trained alone, and slices of the super-network at"
        " equal latency; intervals by bootstrap",
    )
