"""Explorer: which searcher finds more, with so many evaluations and with luck in view."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import paired_interval
from tinylab.scoring.verdicts import signed
from tinylab.search.results import RaceResults

__all__ = ["RaceMoment", "search_race_explorer"]


@dataclass(frozen=True, eq=False)
class RaceMoment:
    """Two searchers after so many evaluations.

    Parameters
    ----------
    name, other : str
    evaluations : int
    share, other_share : float
        Mean over seeds, 0 to 1.
    low, high : float
        95 % interval of the difference, seed by seed.
    column : int
        Of `evaluations` among the marks.
    """

    name: str
    other: str
    evaluations: int
    share: float
    other_share: float
    low: float
    high: float
    column: int


class _View:
    """A mean and a band over seeds for each searcher, and the moment that was chosen."""

    def __init__(self, results: RaceResults):
        self._results = results

    def figure(self) -> go.Figure:
        results = self._results
        figure = theme.figure(
            x="evaluations",
            y="share of the whole front (%; bars: one standard deviation)",
            height_px=440,
        )
        for index, name in enumerate(results.searchers):
            shares = 100 * results.of(name)
            mean = shares.mean(axis=0)
            spread = shares.std(axis=0, ddof=1)
            figure.add_scatter(
                name=name,
                x=results.marks,
                y=mean,
                error_y={"type": "data", "array": spread, "thickness": 1},
                mode="lines+markers",
                **theme.series(index),
            )
        figure.add_scatter(**theme.highlight("compared"))
        return figure.update_layout(xaxis=theme.LOG_AXIS)

    def update(self, figure: go.Figure, result: RaceMoment) -> None:
        *_, point = figure.data
        point.x = [result.evaluations] * 2
        point.y = [100 * result.share, 100 * result.other_share]


def _summary(result: RaceMoment) -> str:
    if result.name == result.other:
        return f"{result.name} is compared with itself: choose another one."
    verdict = "the seeds differ by more than that: nobody has won"
    if result.low > 0 or result.high < 0:
        verdict = f"{result.name if result.low > 0 else result.other} has found more"
    return (
        f"After {result.evaluations} evaluations {result.name} has {result.share:.1%} of the whole"
        f" front and {result.other} {result.other_share:.1%}. The difference lies between"
        f" {signed(100 * result.low)} and {signed(100 * result.high)} points (95 %): {verdict}."
    )


def search_race_explorer(results: RaceResults) -> Explorer:
    """Compare two searchers after so many evaluations.

    Parameters
    ----------
    results : RaceResults
    """

    def compute(name: str, other: str, evaluations: int) -> RaceMoment:
        column = results.marks.index(evaluations)
        mine, theirs = (results.of(one)[:, column] for one in (name, other))
        difference = paired_interval(mine.tolist(), theirs.tolist())
        means = float(mine.mean()), float(theirs.mean())
        return RaceMoment(name, other, evaluations, *means, difference.low, difference.high, column)

    names = results.searchers
    controls = [
        Dropdown("name", "Searcher", names, names[-1]),
        Dropdown("other", "Against", names, names[0]),
        Steps("evaluations", "Evaluations", results.marks, results.marks[-1]),
    ]
    return Explorer(
        "A race of searchers",
        controls,
        compute,
        _View(results),
        _summary,
        source=f"measured: hypervolume of error and latency, {results.seeds} seeds each, in a space"
        f" of {results.networks:,} networks",
    )
