"""Explorer: shots and method against accuracy on cameras that training never saw."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.few_shot.results import FewShotResults, FewShotRow
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import Interval
from tinylab.scoring.verdicts import signed

__all__ = ["FewShot", "few_shot_explorer"]

EVERY = "all cameras"


@dataclass(frozen=True)
class FewShot:
    """Two methods at one number of shots.

    `points` are the differences of accuracy in points, one for each task.
    """

    row: FewShotRow
    other: FewShotRow
    difference: Interval
    points: tuple[float, ...]


class _View:
    """Left accuracy against shots, a line for each method; right the difference, task by task."""

    def __init__(self, table: FewShotResults):
        self._table = table
        self._families = [name.replace("_", " ") for name in table.families]

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=470, legend_rows=3)
        count = len(self._table.methods)
        for index, method in enumerate(self._table.methods):
            self._add_method(figure, index, method, (index - (count - 1) / 2) * 0.035)
        figure.add_scatter(**theme.highlight())
        figure.add_scatter(
            y=self._families,
            xaxis="x2",
            yaxis="y2",
            mode="markers",
            name="one task",
            marker={
                "color": theme.SKY,
                "symbol": "circle",
                "size": 9,
                "line": {"color": theme.INK, "width": 1},
            },
        )
        figure.add_scatter(
            y=[EVERY],
            xaxis="x2",
            yaxis="y2",
            mode="markers",
            name="mean, 95% interval",
            marker={"color": theme.BLACK, "symbol": "diamond", "size": 11},
            error_x={"type": "data", "thickness": 2, "width": 6},
        )
        figure.add_shape(
            type="line",
            xref="x2",
            yref="paper",
            x0=0,
            x1=0,
            y0=0,
            y1=1,
            line={"color": theme.QUIET, "dash": "dot", "width": 2},
        )
        order = [EVERY, *reversed(dict.fromkeys(self._families))]
        ticks = {
            "tickvals": list(range(len(self._table.shots))),
            "ticktext": [str(n) for n in self._table.shots],
        }
        return figure.update_layout(
            xaxis={"domain": [0, 0.5], "title": "pictures of each class", **ticks},
            yaxis={"title": "accuracy on new cameras (%)"},
            xaxis2={"domain": [0.66, 1], "anchor": "y2", "title": "difference (points)"},
            yaxis2={
                "anchor": "x2",
                "type": "category",
                "categoryorder": "array",
                "categoryarray": order,
            },
        )

    def _add_method(self, figure: go.Figure, index: int, method: str, aside: float) -> None:
        """A line with error bars, moved aside a little so that bars do not cover each other."""
        intervals = [self._table.row(method, shots).interval for shots in self._table.shots]
        reach = [100 * (interval.high - interval.mean) for interval in intervals]
        look = theme.series(index)
        figure.add_scatter(
            x=[position + aside for position in range(len(intervals))],
            y=[100 * interval.mean for interval in intervals],
            mode="lines+markers",
            name=method,
            error_y={"type": "data", "array": reach, "width": 4},
            **look,
        )

    def update(self, figure: go.Figure, result: FewShot) -> None:
        here, tasks, mean = figure.data[-3:]
        index = self._table.shots.index(result.row.shots)
        line = figure.data[self._table.methods.index(result.row.method)]
        here.x, here.y = [line.x[index]], [line.y[index]]
        tasks.x = list(result.points)
        mean.x = [100 * result.difference.mean]
        mean.error_x.array = [100 * (result.difference.high - result.difference.mean)]


def few_shot_explorer(table: FewShotResults) -> Explorer:
    """Compare few-shot methods that were measured on the same tasks.

    Parameters
    ----------
    table : FewShotResults
        From `tinylab.adapt.few_shot.study.compare`.
    """

    def compute(shots: int, method: str, other: str) -> FewShot:
        row, reference = table.row(method, shots), table.row(other, shots)
        points = 100 * (np.array(row.accuracies) - np.array(reference.accuracies))
        return FewShot(row, reference, table.difference(method, other, shots), tuple(points))

    def summary(result: FewShot) -> str:
        row, gap = result.row, result.difference
        tuned = f"{row.steps} steps of {row.learning_rate:g}" if row.steps else "no training"
        opening = f"{row.method} with {row.shots} of each class ({tuned}): {row.interval}."
        if row.method == result.other.method:
            return f"{opening} Choose another method to compare it with."
        clear = gap.low > 0 or gap.high < 0
        overlap = "overlap" if row.interval.overlaps(result.other.interval) else "do not overlap"
        return (
            f"{opening} Task by task that is {signed(100 * gap.mean)} points against"
            f" {result.other.method} (95% interval {signed(100 * gap.low)} to"
            f" {signed(100 * gap.high)}): {'a' if clear else 'no'} clear difference."
            f" The two intervals {overlap}."
        )

    methods, shots = table.methods, table.shots
    start = 5 if 5 in shots else shots[-1]
    controls = [
        Steps("shots", "Pictures of each class", shots, start),
        Dropdown("method", "Method", methods, methods[-1]),
        Dropdown("other", "Compare with", methods, methods[0]),
    ]
    return Explorer(
        "Learning a new camera from a few pictures",
        controls,
        compute,
        _View(table),
        summary,
        source=(
            f"measured: {len(table.cameras)} test cameras, {table.queries} pictures each,"
            f" {table.draws} draw{'s' * (table.draws > 1)} of the pictures to learn from"
        ),
    )
