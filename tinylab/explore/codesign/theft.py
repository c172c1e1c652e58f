"""Explorer: what a thief's copy is worth, by the number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import Interval
from tinylab.scoring.verdicts import Verdict, compare
from tinylab.security.results import SecurityResults, intervals_by, over_seeds

__all__ = ["Theft", "theft_explorer"]

WORTH = {
    "agreement": "answers as the victim does",
    "accuracy": "answers correctly",
    "transferred": "fools the victim with its attacks",
}
ANSWERS = ("scores", "labels")


@dataclass(frozen=True)
class Theft:
    """One way to value a copy, over all numbers of queries.

    Attributes
    ----------
    worth : str
    queries : int
        The chosen number.
    counts : tuple of int
    scores, labels : tuple of Interval
        One for each number of queries, over seeds.
    verdict : Verdict
        Scores against labels at the chosen number, seed by seed.
    noise : Interval
        What noise as large as the copy's attacks turns of the victim's answers.
    """

    worth: str
    queries: int
    counts: tuple[int, ...]
    scores: tuple[Interval, ...]
    labels: tuple[Interval, ...]
    verdict: Verdict
    noise: Interval


class _View:
    """A curve for copies that saw scores, and for copies that saw labels."""

    def __init__(self, counts: Sequence[int]):
        self._counts = list(counts)

    def figure(self) -> go.Figure:
        figure = theme.figure(x="queries", y="share of clips (%)")
        for index, name in enumerate(ANSWERS):
            error = {"type": "data", "symmetric": False, "thickness": 1.5}
            label = f"the victim gives {name}"
            figure.add_scatter(
                mode="lines+markers", name=label, error_y=error, **theme.series(index)
            )
        figure.add_scatter(**theme.highlight())
        return figure.update_layout(
            xaxis={"type": "log", "tickformat": ",~g", "tickvals": self._counts},
            yaxis={"range": [0, 104]},
        )

    def update(self, figure: go.Figure, result: Theft) -> None:
        for trace, intervals in zip(figure.data, (result.scores, result.labels)):
            means = np.array([interval.mean for interval in intervals])
            trace.x, trace.y = result.counts, 100 * means
            trace.error_y.array = [
                100 * (min(1, interval.high) - interval.mean) for interval in intervals
            ]
            trace.error_y.arrayminus = [
                100 * (interval.mean - max(0, interval.low)) for interval in intervals
            ]
        at = result.counts.index(result.queries)
        figure.data[2].x, figure.data[2].y = [result.queries], [100 * result.scores[at].mean]


def _summary(result: Theft) -> str:
    at = result.counts.index(result.queries)
    means = [intervals[at].mean for intervals in (result.scores, result.labels)]
    beside = ""
    if result.worth == "transferred":
        beside = f" Noise of the same size turns {result.noise.mean:.0%}."
    return (
        f"After {result.queries:,} queries the copy {WORTH[result.worth]} on {means[0]:.0%} of the"
        f" clips if it was given scores, {means[1]:.0%} if labels.{beside}"
        f" {result.verdict.sentence('A copy from scores', 'one from labels')}"
    )


def theft_explorer(results: SecurityResults) -> Explorer:
    """Look up what copies of the keyword model reached.

    Parameters
    ----------
    results : SecurityResults
    """
    counts = tuple(sorted({row.queries for row in results.thefts}))

    fields = ("answers", "queries")
    intervals = {worth: intervals_by(results.thefts, fields, worth) for worth in WORTH}

    noise = over_seeds(results.thefts, "by_noise")

    def compute(worth: str, queries: int) -> Theft:
        curves = [
            tuple(intervals[worth][answers, number] for number in counts) for answers in ANSWERS
        ]
        pairs = [
            [getattr(row, worth) for row in results.theft(answers=answers, queries=queries)]
            for answers in ANSWERS
        ]
        return Theft(worth, queries, counts, *curves, compare(*pairs), noise)

    return Explorer(
        "What is a stolen copy worth?",
        [
            Dropdown("worth", "The copy", tuple(WORTH), "agreement", tuple(WORTH.values())),
            Steps("queries", "Queries", counts, counts[-1]),
        ],
        compute,
        _View(counts),
        _summary,
        source=f"measured: copies of the bundled int8 keyword model, {results.clips} test clips",
    )
