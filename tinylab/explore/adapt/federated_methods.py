"""Explorer: rounds of keyword users, method by method, from vocabularies alike to unlike."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.federated.keywords.runs import Run, Runs
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.verdicts import Verdict, compare

__all__ = ["Methods", "federated_methods_explorer"]

FIGURES = {
    "all_words": "all words",
    "own_words": "the user's own words",
    "own_worst_tenth": "own words, user at the lowest tenth",
}
ENDS = ("alone", "together")


@dataclass(frozen=True)
class Methods:
    """Curves of a method and of FedAvg, and every method's figure after a round.

    Attributes
    ----------
    curves : dict of str to float array (seeds, rounds)
        Of FedAvg, of the chosen method, and of learning alone and together (one column).
    bars : dict of str to float array (seeds,)
    verdict : Verdict or None
        The chosen method against FedAvg, paired by seeds; None for FedAvg itself.
    method, figure : str
    alpha : float
    number : int
    """

    curves: dict[str, np.ndarray]
    bars: dict[str, np.ndarray]
    verdict: Verdict | None
    method: str
    figure: str
    alpha: float
    number: int


class _View:
    """Left the two curves with all seeds' range, right all methods after the round."""

    def figure(self) -> go.Figure:
        figure = theme.figure(legend_rows=2, height_px=460)
        for index, name in enumerate(("FedAvg", "chosen method")):
            style = theme.series(index)
            figure.add_scatter(
                mode="lines",
                name=f"{name}, lowest to highest seed",
                fill="toself",
                line={"width": 0},
                fillcolor=theme.COLOURS[index],
                opacity=0.18,
                showlegend=False,
                hoverinfo="skip",
            )
            style["marker"]["size"] = 5
            figure.add_scatter(mode="lines+markers", name=name, **style)
        for index, name in enumerate(ENDS, start=2):
            figure.add_scatter(mode="lines", name=name, line=theme.series(index)["line"])
        figure.add_scatter(**theme.highlight("chosen round"))
        figure.add_bar(
            orientation="h", xaxis="x2", yaxis="y2", name="mean over seeds", **theme.bar(0)
        )
        return figure.update_layout(
            xaxis={"domain": [0, 0.47], "title": "round"},
            yaxis={"title": "accuracy (%)"},
            xaxis2={"domain": [0.72, 1], "title": "accuracy (%)", "anchor": "y2"},
            yaxis2={"anchor": "x2", "autorange": "reversed", "title": ""},
        )

    def update(self, figure: go.Figure, result: Methods) -> None:
        band, line = figure.data[:4:2], figure.data[1:4:2]
        for area, curve, name in zip(band, line, ("FedAvg", result.method)):
            values = 100 * result.curves[name]
            rounds = np.arange(values.shape[1])
            curve.x, curve.y = rounds, values.mean(axis=0)
            area.x = np.concatenate([rounds, rounds[::-1]])
            area.y = np.concatenate([values.max(axis=0), values.min(axis=0)[::-1]])
        for level, name in zip(figure.data[4:6], ENDS):
            level.x = [0, len(rounds) - 1]
            level.y = [100 * result.curves[name].mean()] * 2
        here, bars = figure.data[6], figure.data[7]
        here.x = [result.number] * 2
        here.y = [curve.y[result.number] for curve in line]
        bars.y = list(result.bars)
        bars.x = [100 * values.mean() for values in result.bars.values()]


def _summary(result: Methods) -> str:
    common = result.curves["FedAvg"][:, result.number].mean()
    alone, together = (result.curves[name].mean() for name in ENDS)
    text = (
        f"Alpha {result.alpha:g}, {FIGURES[result.figure]}, after round {result.number}: FedAvg"
        f" {common:.1%}, alone {alone:.1%}, together {together:.1%}."
    )
    if result.verdict is None:
        return text
    return f"{text} {result.verdict.sentence(result.method, 'FedAvg')}"


def federated_methods_explorer(runs: Runs) -> Explorer:
    """Compare methods at an alpha, round by round.

    Parameters
    ----------
    runs : Runs
        With the group "methods".
    """
    alphas, names = runs.alphas("methods"), runs.names("methods")
    methods = tuple(name for name in names if name not in ENDS)
    rounds = max(runs.pick("methods", "FedAvg", alphas[0])[0].rounds)

    def values(name: str, alpha: float, figure: str) -> np.ndarray:
        picked: tuple[Run, ...] = runs.pick("methods", name, alpha)
        return np.array([getattr(run, figure) for run in picked])

    def compute(alpha: float, method: str, number: int, figure: str) -> Methods:
        curves = {name: values(name, alpha, figure) for name in ("FedAvg", method, *ENDS)}
        bars = {
            name: values(name, alpha, figure)[:, -1 if name in ENDS else number] for name in names
        }
        verdict = None if method == "FedAvg" else compare(bars[method], bars["FedAvg"])
        return Methods(curves, bars, verdict, method, figure, alpha, number)

    controls = [
        Steps("alpha", "Alpha of the vocabularies", alphas, alphas[1]),
        Dropdown("method", "Method", methods, methods[-1]),
        Slider("number", "Round", 0, rounds, 1, rounds),
        Dropdown("figure", "Measured on", tuple(FIGURES), "all_words", tuple(FIGURES.values())),
    ]
    return Explorer(
        "A hundred users, round by round",
        controls,
        compute,
        _View(),
        _summary,
        source=f"measured: features of {runs.model}, voices that nobody learned from, five seeds",
    )
