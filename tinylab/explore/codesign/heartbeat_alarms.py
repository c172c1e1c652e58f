"""Explorer: thresholds of a heart monitor, missed beats against false alarms."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider
from tinylab.explore.widget.explorer import Explorer

__all__ = ["BeatAlarms", "heartbeat_alarms_explorer"]

THRESHOLDS = np.round(np.arange(0.02, 1.0, 0.02), 2)


@dataclass(frozen=True)
class BeatAlarms:
    """What a threshold for one class of beats gives.

    Parameters
    ----------
    recall, false_alarms : ndarray of float64, shape (thresholds,)
        Share of the class that is found, 0 to 1, and other beats taken for it in a thousand.
    at : int
        The chosen threshold.
    worst : float
        Recall of the patient of whom most is missed, among those with five such beats or more.
    name : str
    """

    recall: np.ndarray
    false_alarms: np.ndarray
    at: int
    worst: float
    name: str


class _View:
    """Recall against false alarms, a point for each threshold."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="false alarms in 1,000 other beats", y="beats found (%)")
        figure.add_scatter(name="thresholds", mode="lines+markers", **theme.series(0))
        figure.add_scatter(**theme.highlight("your threshold"))
        return figure.update_layout(yaxis_range=[0, 103])

    def update(self, figure: go.Figure, result: BeatAlarms) -> None:
        line, point = figure.data
        line.x, line.y = result.false_alarms, 100 * result.recall
        line.text = [f"threshold {value:.2f}" for value in THRESHOLDS]
        point.x, point.y = [line.x[result.at]], [line.y[result.at]]


def _summary(result: BeatAlarms) -> str:
    return (
        f"At a threshold of {THRESHOLDS[result.at]:.2f} for {result.name} beats"
        f" {result.recall[result.at]:.1%} of them are found, and"
        f" {result.false_alarms[result.at]:.1f} in 1,000 other beats raise a false alarm. Of the"
        f" patient it serves worst it finds {result.worst:.0%}."
    )


def heartbeat_alarms_explorer(scores, labels, patients, names) -> Explorer:
    """Move the threshold for a class of beats.

    Parameters
    ----------
    scores : ndarray, shape (beats, classes)
    labels : ndarray of int, shape (beats,)
    patients : ndarray of str, shape (beats,)
    names : sequence of str
        Of the classes; the first is no alarm.
    """
    scores, labels, patients = map(np.asarray, (scores, labels, patients))
    alarms = tuple(names)[1:]
    curves = {name: _curves(scores[:, k], labels == k) for k, name in enumerate(alarms, start=1)}

    def compute(name: str, threshold: float) -> BeatAlarms:
        at = int(np.abs(THRESHOLDS - threshold).argmin())
        kind = tuple(names).index(name)
        alarmed = scores[:, kind] >= THRESHOLDS[at]
        own = [
            float(alarmed[mine].mean())
            for patient in np.unique(patients)
            if (mine := (patients == patient) & (labels == kind)).sum() >= 5
        ]
        return BeatAlarms(*curves[name], at, min(own, default=float("nan")), name)

    controls = [
        Dropdown("name", "Beats to find", alarms, alarms[-1]),
        Slider("threshold", "Alarm from a score of", 0.02, 0.98, 0.02, 0.5),
    ]
    return Explorer(
        "Missed beats and false alarms",
        controls,
        compute,
        _View(),
        _summary,
        source=f"measured: {len(labels):,} beats of {len(np.unique(patients))} patients",
    )


def _curves(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    above = scores[:, np.newaxis] >= THRESHOLDS
    return above[positive].mean(axis=0), 1000 * above[~positive].mean(axis=0)
