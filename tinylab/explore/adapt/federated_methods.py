"""Explorer: two ways to federate side by side, from vocabularies alike to unlike.

Optimizers against FedAvg; slow users' partial work against dropping them; users of unlike sizes
counted alike against by examples.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.federated.keywords.runs import Runs
from tinylab.adapt.federated.keywords.vocabularies import ALIKE
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.verdicts import Verdict, compare

__all__ = ["Comparison", "Pair", "federated_methods_explorer", "pairs_of"]

FIGURES = {
    "all_words": "all words",
    "own_words": "the user's own words",
    "own_worst_tenth": "own words, user at the lowest tenth",
}
ENDS = ("alone", "together")


@dataclass(frozen=True)
class Pair:
    """Two experiments that differ in one thing."""

    group: str
    chosen: str
    base: str
    label: str


@dataclass(frozen=True)
class Comparison:
    """Two ways through their rounds, and all ways of their group after a round.

    Attributes
    ----------
    pair : Pair
    base, chosen : float arrays (seeds, rounds)
    ends : dict of str to float
        Learning alone and together; empty where the users have said other clips.
    bars, alike : dict of str to float
        Mean over seeds after the round: at this alpha, and where vocabularies are alike.
    lost : dict of str to float
        Of the base, and of learning together: what this alpha takes from them, as shares.
    verdict : Verdict
        The chosen one against the base, paired by seeds.
    figure : str
    alpha : float
    number : int
    """

    pair: Pair
    base: np.ndarray
    chosen: np.ndarray
    ends: dict[str, float]
    bars: dict[str, float]
    alike: dict[str, float]
    lost: dict[str, float]
    verdict: Verdict
    figure: str
    alpha: float
    number: int


class _View:
    """Left the two curves with all seeds' range, right all ways after the round."""

    def figure(self) -> go.Figure:
        figure = theme.figure(legend_rows=3, height_px=480)
        for index, name in enumerate(("baseline", "chosen")):
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
        right = {"xaxis": "x2", "yaxis": "y2"}
        figure.add_bar(orientation="h", name="at this alpha", **right, **theme.bar(0))
        marker = {"symbol": "line-ns", "size": 14, "line": {"width": 3, "color": theme.BLACK}}
        figure.add_scatter(mode="markers", name="vocabularies alike", marker=marker, **right)
        return figure.update_layout(
            xaxis={"domain": [0, 0.47], "title": "round"},
            yaxis={"title": "accuracy (%)"},
            xaxis2={"domain": [0.72, 1], "title": "accuracy (%)", "anchor": "y2"},
            yaxis2={"anchor": "x2", "autorange": "reversed", "title": ""},
        )

    def update(self, figure: go.Figure, result: Comparison) -> None:
        band, line = figure.data[:4:2], figure.data[1:4:2]
        rounds = np.arange(result.base.shape[1])
        for area, curve, values in zip(band, line, (100 * result.base, 100 * result.chosen)):
            curve.x, curve.y = rounds, values.mean(axis=0)
            area.x = np.concatenate([rounds, rounds[::-1]])
            area.y = np.concatenate([values.max(axis=0), values.min(axis=0)[::-1]])
        for level, name in zip(figure.data[4:6], ENDS):
            known = [100 * result.ends[name]] * 2 if name in result.ends else []
            level.x, level.y = ([0, len(rounds) - 1] if known else []), known
        here, bars, alike = figure.data[6:]
        here.x = [result.number] * 2
        here.y = [curve.y[result.number] for curve in line]
        for trace, values in ((bars, result.bars), (alike, result.alike)):
            trace.y, trace.x = list(values), [100 * value for value in values.values()]


def _summary(result: Comparison) -> str:
    pair, number = result.pair, result.number
    ends = "".join(f", {name} {value:.1%}" for name, value in result.ends.items())
    text = (
        f"Alpha {result.alpha:g}, {FIGURES[result.figure]}, after round {number}:"
        f" {pair.base} {result.base[:, number].mean():.1%}, {pair.chosen}"
        f" {result.chosen[:, number].mean():.1%}{ends}."
        f" {result.verdict.sentence(_start(pair.chosen), pair.base)}"
    )
    if result.alpha == ALIKE:
        return f"{text} Vocabularies are alike here."
    points = " and ".join(f"{name} {100 * value:.1f}" for name, value in result.lost.items())
    return f"{text} Points lost since vocabularies were alike: {points}."


def _start(name: str) -> str:
    """A name at the start of a sentence."""
    return name[0].upper() + name[1:]


def pairs_of(runs: Runs) -> dict[str, Pair]:
    """What can be compared, by the name of the chosen one."""
    methods = [name for name in runs.names("methods") if name not in (*ENDS, "FedAvg")]
    pairs = [Pair("methods", name, "FedAvg", f"{name} against FedAvg") for name in methods]
    for name in runs.names("stragglers"):
        if name.endswith("partial work"):
            share = name.split(",")[0]
            label = f"{share} of the users: partial work against dropping them"
            pairs.append(Pair("stragglers", name, f"{share}, dropped", label))
    label = "8 to 240 clips a user: all users alike against by examples"
    pairs.append(Pair("sizes", "all alike", "by examples", label))
    return {pair.chosen: pair for pair in pairs}


def federated_methods_explorer(runs: Runs) -> Explorer:
    """Compare two ways at an alpha, round by round.

    Parameters
    ----------
    runs : Runs
        With the groups "methods", "stragglers" and "sizes", at the same alphas.
    """
    alphas, pairs = runs.alphas("methods"), pairs_of(runs)
    rounds = max(runs.pick("methods", "FedAvg", alphas[0])[0].rounds)

    def values(group: str, name: str, alpha: float, figure: str) -> np.ndarray:
        return np.array([getattr(run, figure) for run in runs.pick(group, name, alpha)])

    def after(group: str, alpha: float, figure: str, number: int) -> dict[str, float]:
        return {
            name: float(
                values(group, name, alpha, figure)[:, -1 if name in ENDS else number].mean()
            )
            for name in runs.names(group)
        }

    def compute(alpha: float, chosen: str, number: int, figure: str) -> Comparison:
        pair = pairs[chosen]
        ours, base = (values(pair.group, n, alpha, figure) for n in (pair.chosen, pair.base))
        bars = after(pair.group, alpha, figure, number)
        alike = after(pair.group, ALIKE, figure, number)
        lost, ends = {pair.base: alike[pair.base] - bars[pair.base]}, {}
        if pair.group != "sizes":
            ends = {n: float(values("methods", n, alpha, figure).mean()) for n in ENDS}
            before = float(values("methods", "together", ALIKE, figure).mean())
            lost["together"] = before - ends["together"]
        verdict = compare(ours[:, number], base[:, number])
        return Comparison(pair, base, ours, ends, bars, alike, lost, verdict, figure, alpha, number)

    labels = tuple(pair.label for pair in pairs.values())
    controls = [
        Steps("alpha", "Alpha of the vocabularies", alphas, alphas[1]),
        Dropdown("chosen", "Compared", tuple(pairs), "FedAvgM", labels),
        Slider("number", "Round", 0, rounds, 1, rounds),
        Dropdown("figure", "Measured on", tuple(FIGURES), "all_words", tuple(FIGURES.values())),
    ]
    return Explorer(
        "A hundred users, round by round",
        controls,
        compute,
        _View(),
        _summary,
        source=(
            f"measured: features of {runs.model}, each way tuned on other users and voices; voices"
            " that nobody learned from, five seeds"
        ),
    )
