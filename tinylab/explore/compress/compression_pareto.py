"""Explorer: every compressed model that was made, bytes against accuracy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from tinylab.compress.results import TECHNIQUES, CompressionResults, pareto_front
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Slider, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import others_in_it
from tinylab.scoring.intervals import wilson_interval

if TYPE_CHECKING:
    from tinylab.compress.results import StudyPoint

__all__ = ["ParetoChoice", "pareto_explorer"]


@dataclass(frozen=True)
class ParetoChoice:
    """The points that are shown, their front, and the most accurate one within the budget.

    `rivals` are the others within the budget whose accuracy lies in the interval of the best one's.
    """

    points: tuple["StudyPoint", ...]
    front: tuple["StudyPoint", ...]
    budget_kB: float
    best: "StudyPoint | None"
    rivals: int


class _View:
    """Accuracy against bytes, a marker for each technique, a line along the front."""

    def __init__(self, study: CompressionResults):
        self._study = study

    def figure(self) -> go.Figure:
        points = self._study.points
        figure = theme.figure(x="stored size (kB)", y="accuracy (%)", height_px=480, legend_rows=3)
        for index, technique in enumerate(TECHNIQUES):
            figure.add_scatter(
                name=technique,
                mode="markers",
                marker=theme.series(index)["marker"],
                hovertemplate="%{text}: %{x:.1f} kB, %{y:.1f} %<extra></extra>",
            )
        front = {"color": theme.QUIET, "dash": "dot", "width": 2}
        figure.add_scatter(
            name="front", mode="lines", line=front, line_shape="hv", hoverinfo="skip"
        )
        figure.add_scatter(**theme.highlight("best within the budget"))
        budget = {"color": theme.BLACK, "width": 1.5, "dash": "dash"}
        figure.add_scatter(name="budget", mode="lines", line=budget, hoverinfo="skip")
        low = 100 * min(point.accuracy for point in points) - 3
        return figure.update_layout(xaxis=theme.LOG_AXIS, yaxis_range=[low, 101])

    def update(self, figure: go.Figure, result: ParetoChoice) -> None:
        *groups, front, best, budget = figure.data
        for trace in groups:
            mine = [point for point in result.points if point.technique == trace.name]
            trace.x = [point.stored_bytes / 1e3 for point in mine]
            trace.y = [100 * point.accuracy for point in mine]
            trace.text = [point.label for point in mine]
        front.x = [point.stored_bytes / 1e3 for point in result.front]
        front.y = [100 * point.accuracy for point in result.front]
        best.x = [] if result.best is None else [result.best.stored_bytes / 1e3]
        best.y = [] if result.best is None else [100 * result.best.accuracy]
        budget.x, budget.y = [result.budget_kB] * 2, figure.layout.yaxis.range


def pareto_explorer(study: CompressionResults) -> Explorer:
    """Find the best compressed model for a budget of bytes.

    Parameters
    ----------
    study : CompressionResults
    """

    def interval(point: "StudyPoint") -> tuple[float, float]:
        return wilson_interval(round(point.accuracy * study.examples), study.examples)

    def compute(budget_kB: float, in_place: bool) -> ParetoChoice:
        shown = tuple(p for p in study.points if p.runs_as_stored or not in_place)
        within = [point for point in shown if point.stored_bytes <= 1e3 * budget_kB]
        best = max(within, key=lambda p: (p.accuracy, -p.stored_bytes), default=None)
        low = 0.0 if best is None else interval(best)[0]
        rivals = sum(point.accuracy >= low for point in within if point is not best)
        return ParetoChoice(shown, pareto_front(shown), budget_kB, best, rivals)

    def summary(result: ParetoChoice) -> str:
        if result.best is None:
            return f"None of the {len(result.points)} models fits into {result.budget_kB:g} kB."
        best, whole = result.best, study.float_point
        low, high = interval(best)
        way = "runs as it is stored" if best.runs_as_stored else "must be unpacked before it runs"
        return (
            f"Within {result.budget_kB:g} kB the most accurate of {len(result.points)} models is"
            f" {best.technique} ({best.label}): {best.stored_bytes / 1e3:.1f} kB,"
            f" {whole.stored_bytes / best.stored_bytes:.1f} times less than float32, accuracy"
            f" {best.accuracy:.1%} (95% interval {low:.1%} to {high:.1%};"
            f" {others_in_it(result.rivals)}). It {way}."
        )

    largest = max(point.stored_bytes for point in study.points) / 1e3
    top = int(10 * -(-largest // 10)) + 10
    controls = [
        Slider("budget_kB", "Budget", 10, top, 10, min(100, top), "kB"),
        Toggle("in_place", "Only what runs as it is stored"),
    ]
    return Explorer(
        "Bytes against accuracy",
        controls,
        compute,
        _View(study),
        summary,
        source=f"measured: each model read back from its file, {study.examples} test examples",
    )
