"""Labels of logarithmic axes: a step of a decade leaves a short axis without any."""

from collections.abc import Iterable

import numpy as np
import plotly.graph_objects as go

__all__ = ["LogTicks"]

LABELS = 2  # at least: with one alone nobody can read a value
DECADES = 4  # labels that are enough, without others between them
# What the steps that views ask for put labels at, within a decade.
WITHIN = {1: (1,), "D2": (1, 2, 5)}


class LogTicks:
    """The steps that a view asked for, kept where they leave labels enough.

    Elsewhere Plotly chooses: it then labels round numbers between the powers of ten.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        As the view built it.
    """

    def __init__(self, figure: go.Figure):
        axes = [*figure.select_xaxes(), *figure.select_yaxes()]
        logarithmic = [axis for axis in axes if axis.type == "log" and axis.dtick in WITHIN]
        self._steps = {axis.plotly_name: axis.dtick for axis in logarithmic}

    def choose(self, figure: go.Figure) -> None:
        """Set the step of every such axis by what is drawn on it now."""
        for name, step in self._steps.items():
            axis = figure.layout[name]
            ends = _ends(figure, name) if axis.range is None else np.power(10.0, axis.range)
            axis.dtick = step if ends is None else _step(step, *ends)


def _step(asked: int | str, low: float, high: float) -> int | str | None:
    if _labels(low, high, WITHIN[1]) >= DECADES:
        return 1
    steps = (step for step in (asked, "D2") if _labels(low, high, WITHIN[step]) >= LABELS)
    return next(steps, None)


def _ends(figure: go.Figure, name: str) -> tuple[float, float] | None:
    """Least and greatest positive value on an axis, None where there is nothing to see."""
    letter, number = name[0], name[len("xaxis") :]
    mine = (t for t in figure.data if (t[f"{letter}axis"] or letter) == f"{letter}{number}")
    values = [_positive(trace[letter]) for trace in mine if trace[letter] is not None]
    seen = np.concatenate([np.zeros(0), *values])
    return (seen.min(), seen.max()) if seen.size else None


def _positive(values: Iterable) -> np.ndarray:
    numbers = np.asarray(values, np.float64)
    return numbers[np.isfinite(numbers) & (numbers > 0)]


def _labels(low: float, high: float, within: tuple[int, ...]) -> int:
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    places = np.outer(10.0**decades, within)
    return int(np.sum((places >= low) & (places <= high)))
