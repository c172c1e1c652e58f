"""Explorer: how many examples does it take to say that a target is met?"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.benchmark.quality import CANNOT_SAY, Quality, judge
from tinylab.benchmark.rules import TASKS
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import wilson_interval

__all__ = ["TargetBand", "target_explorer"]

COUNTS = (100, 200, 400, 1000, 2000, 5000, 10000, 20000)
WITH_ACCURACY = tuple(task for task in TASKS.values() if task.metric == "accuracy")


@dataclass(frozen=True)
class TargetBand:
    """A share of right answers, its interval at every number of examples, and a target.

    Attributes
    ----------
    quality : Quality
        At the chosen number of examples.
    low, high : float64 array (counts,)
        Ends of the interval, 0 to 1, for each of `COUNTS`.
    benchmark : str
    """

    quality: Quality
    low: np.ndarray
    high: np.ndarray
    benchmark: str


class _View:
    """The interval narrows with the examples; the target is a line across."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="examples", y="accuracy (%)")
        band = {"mode": "lines", "line": {"width": 0}, "x": COUNTS}
        figure.add_scatter(**band, showlegend=False, hoverinfo="skip")
        figure.add_scatter(**band, fill="tonexty", fillcolor=theme.FADED, name="95 % interval")
        figure.add_scatter(x=COUNTS, mode="lines", name="measured share", **theme.series(0))
        figure.add_scatter(x=COUNTS, mode="lines", name="target", **theme.series(1))
        figure.add_scatter(**theme.highlight())
        ticks = {"tickvals": COUNTS, "ticktext": [f"{number:,}" for number in COUNTS]}
        return figure.update_layout(xaxis={"type": "log", **ticks}, yaxis={"range": [60, 101]})

    def update(self, figure: go.Figure, result: TargetBand) -> None:
        low, high, share, target, here = figure.data
        quality = result.quality
        low.y, high.y = 100 * result.low, 100 * result.high
        share.y = np.full(len(COUNTS), 100 * quality.value)
        target.y = np.full(len(COUNTS), 100 * quality.target)
        here.x, here.y = [quality.examples], [100 * quality.value]


def _summary(result: TargetBand) -> str:
    quality = result.quality
    ends = f"{100 * quality.low:.1f} to {100 * quality.high:.1f} %"
    text = (
        f"{100 * quality.value:g} % of {quality.examples:,} examples: the true share lies within"
        f" {ends} (95 %). The target of {result.benchmark} is {quality.target:.0%}:"
    )
    if quality.verdict != CANNOT_SAY:
        return f"{text} the model {quality.verdict} it."
    if quality.needed is None:
        return f"{text} no number of examples says, for the share lies on it."
    return f"{text} so few examples cannot say; {quality.needed:,} would."


def target_explorer() -> Explorer:
    """Move a measured accuracy and the number of examples behind it, beside MLPerf Tiny's targets.

    Nothing is measured here: the interval is Wilson's, whatever was counted.
    """

    def compute(accuracy_pct: float, examples: int, benchmark: str) -> TargetBand:
        share, target = accuracy_pct / 100, TASKS[benchmark].target
        ends = [wilson_interval(round(share * number), number) for number in COUNTS]
        low, high = np.array(ends).T
        quality = judge("accuracy", share, ends[COUNTS.index(examples)], examples, target)
        return TargetBand(quality, low, high, TASKS[benchmark].title)

    controls = [
        Slider("accuracy_pct", "Share of right answers", 70.0, 99.0, 0.5, 89.5, "%"),
        Steps("examples", "Examples", COUNTS, 400),
        Dropdown(
            "benchmark",
            "Benchmark",
            [task.id for task in WITH_ACCURACY],
            "kws",
            [f"{task.title}, {task.target:.0%}" for task in WITH_ACCURACY],
        ),
    ]
    return Explorer(
        "Is the target met?",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled: Wilson's interval of a share; targets published in MLPerf Tiny's rules",
    )
