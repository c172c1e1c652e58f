"""Explorer: decision threshold and rarity of people against recall, false alarms and precision."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count
from tinylab.scoring.rates import area_under_curve, precision_at, rates_at

__all__ = ["WakeSetting", "wake_threshold_explorer"]

PREVALENCES_PCT = (0.1, 0.3, 1, 3, 10, 30, 50)
THRESHOLDS = np.linspace(0.0, 1.0, 201)


@dataclass(frozen=True)
class WakeSetting:
    """One threshold of one model.

    Attributes
    ----------
    threshold, prevalence : float
        Score from which the device wakes; share of the pictures that show a person.
    recall, false_alarm_rate : float
        Shares of the pictures with and without people that wake it.
    precision : float
        Share of the wake-ups that are right; 1 if there are none.
    recalls, false_alarm_rates, precisions : float array
        The same at `THRESHOLDS`.
    auc : float
        Area under the ROC curve.
    people, others : int
        Test pictures with and without people.
    """

    threshold: float
    prevalence: float
    recall: float
    false_alarm_rate: float
    precision: float
    recalls: np.ndarray
    false_alarm_rates: np.ndarray
    precisions: np.ndarray
    auc: float
    people: int
    others: int


class _View:
    """Left the ROC curve, right recall and precision against the threshold."""

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=440, legend_rows=2)
        figure.add_scatter(mode="lines", name="ROC curve", line={"color": theme.BLUE, "width": 2.5})
        figure.add_scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            name="guessing",
            line={"color": theme.QUIET, "dash": "dot"},
        )
        figure.add_scatter(**theme.highlight())
        right = {"xaxis": "x2", "yaxis": "y2"}
        for index, name in enumerate(("people found", "wake-ups that are right"), 1):
            line = theme.series(index)["line"]
            figure.add_scatter(x=THRESHOLDS, mode="lines", name=name, line=line, **right)
        figure.add_scatter(**{**theme.highlight(), **right}, showlegend=False)
        return figure.update_layout(
            xaxis={
                "title": "pictures without people that wake it (%)",
                "domain": [0, 0.44],
                "range": [-2, 102],
            },
            yaxis={"title": "pictures with people that wake it (%)", "range": [-2, 104]},
            xaxis2={
                "title": "threshold",
                "domain": [0.58, 1],
                "anchor": "y2",
                "range": [-0.02, 1.02],
            },
            yaxis2={"title": "share (%)", "anchor": "x2", "range": [-2, 104]},
        )

    def update(self, figure: go.Figure, result: WakeSetting) -> None:
        roc, _, here, matches, right, both = figure.data
        roc.x, roc.y = 100 * result.false_alarm_rates, 100 * result.recalls
        here.x, here.y = [100 * result.false_alarm_rate], [100 * result.recall]
        matches.y, right.y = 100 * result.recalls, 100 * result.precisions
        both.x, both.y = [result.threshold] * 2, [100 * result.recall, 100 * result.precision]


def _summary(result: WakeSetting) -> str:
    wakes = 1000 * (
        result.recall * result.prevalence + result.false_alarm_rate * (1 - result.prevalence)
    )
    return (
        f"At a threshold of {result.threshold:.2f} the device finds {result.recall:.1%} of the"
        f" people and wakes for {result.false_alarm_rate:.1%} of the pictures without. Where"
        f" {result.prevalence:.1%} of the pictures show a person,"
        f" {_waking(wakes, result.precision)}."
        f" Area under the curve: {result.auc:.3f}."
    )


def _waking(wakes: float, precision: float) -> str:
    """How often it wakes in 1,000 pictures, and how often rightly; never is neither."""
    if wakes == 0:
        return "it never wakes: there are no wake-ups to be right or wrong"
    often = f"it wakes {count(round(wakes), 'time')} in 1,000 pictures"
    return f"{often}, and {precision:.1%} of the wake-ups are right"


def wake_threshold_explorer(labels, scores: dict[str, np.ndarray]) -> Explorer:
    """Choose a threshold for one of several models on the same pictures.

    Parameters
    ----------
    labels : int array (n,)
        0 (no person) or 1 (person).
    scores : dict of str to float array (n,)
        By the model's name, the score it gives to "person".
    """
    labels = np.asarray(labels)
    people, others = int((labels == 1).sum()), int((labels == 0).sum())
    if not people or not others:
        raise ValueError("pass pictures with and without people")
    curves = {
        name: (*rates_at(labels, values, THRESHOLDS), area_under_curve(labels, values))
        for name, values in scores.items()
    }

    def compute(model: str, threshold: float, prevalence_pct: float) -> WakeSetting:
        prevalence = prevalence_pct / 100
        recalls, alarms, auc = curves[model]
        recall, alarm = (float(rate) for rate in rates_at(labels, scores[model], threshold))
        return WakeSetting(
            threshold,
            prevalence,
            recall,
            alarm,
            float(precision_at(recall, alarm, prevalence)),
            recalls,
            alarms,
            precision_at(recalls, alarms, prevalence),
            auc,
            people,
            others,
        )

    names = tuple(scores)
    controls = [
        Dropdown("model", "Model", names, names[0]),
        Slider("threshold", "Threshold", 0.0, 1.0, 0.01, 0.5),
        Steps("prevalence_pct", "Pictures with people", PREVALENCES_PCT, 3, "%"),
    ]
    return Explorer(
        "When to wake",
        controls,
        compute,
        _View(),
        _summary,
        source=f"measured: {people} test pictures with and {others} without people; the prevalence"
        f" is yours",
    )
