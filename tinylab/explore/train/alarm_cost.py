"""Explorer: an alarm's threshold, what its two mistakes cost, and the cheapest threshold."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.alarm_cost import (
    AlarmCurve,
    Economics,
    ThresholdChoice,
    alarm_curve,
    cheapest,
    expected_cost,
    rates,
)

__all__ = ["AlarmSetting", "alarm_cost_explorer"]

RATIOS = (1, 3, 10, 30, 100, 300, 1000)
PREVALENCES_PCT = (0.1, 0.3, 1, 3, 10, 30)
CHECKS = 1000
BINS = 40


@dataclass(frozen=True)
class AlarmSetting:
    """A threshold, what it does, and the best one under the same prices.

    Attributes
    ----------
    chosen, best : ThresholdChoice
        Costs in units of one false alarm.
    curve : AlarmCurve
    costs : float array (k,)
        Of `CHECKS` checks at each threshold of the curve.
    healthy, faulty : float array
        Scores.
    """

    chosen: ThresholdChoice
    best: ThresholdChoice
    curve: AlarmCurve
    costs: np.ndarray
    healthy: np.ndarray
    faulty: np.ndarray


class _View:
    """Above the scores of both kinds, below the cost, on one axis of scores."""

    def __init__(self, scores: np.ndarray):
        low, high = np.floor(scores.min()), np.ceil(np.quantile(scores, 0.98))
        self._edges = np.linspace(low, high, BINS + 1)

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=540)
        middles = (self._edges[1:] + self._edges[:-1]) / 2
        for index, name in enumerate(("healthy", "faulty")):
            figure.add_bar(x=middles, name=name, opacity=0.75, **theme.bar(index))
        line = {"color": theme.BLACK, "dash": "dash", "width": 2}
        figure.add_scatter(mode="lines", name="threshold", line=line)
        below = {"xaxis": "x2", "yaxis": "y2"}
        figure.add_scatter(mode="lines", name="cost", **theme.series(2), **below)
        figure.add_scatter(**{**theme.highlight(), **below})
        star = {"symbol": "star", "size": 14, "color": theme.PURPLE}
        figure.add_scatter(mode="markers", name="cheapest", marker=star, **below)
        ends = [float(self._edges[0]), float(self._edges[-1])]
        return figure.update_layout(
            barmode="overlay",
            bargap=0,
            xaxis={"title": "anomaly score (dB squared)", "range": ends, "anchor": "y"},
            yaxis={"title": "recordings", "domain": [0.6, 1], "rangemode": "tozero"},
            xaxis2={"title": "threshold (dB squared)", "range": ends, "anchor": "y2"},
            yaxis2={
                "title": f"cost of {CHECKS:,} checks",
                "domain": [0, 0.38],
                "rangemode": "tozero",
                "tickformat": ",",
            },
        )

    def update(self, figure: go.Figure, result: AlarmSetting) -> None:
        healthy, faulty, line, cost, here, best = figure.data
        last = self._edges[-1] - 1e-9  # the rightmost bar also holds what lies beyond it
        counts = [
            np.histogram(np.minimum(scores, last), self._edges)[0]
            for scores in (result.healthy, result.faulty)
        ]
        healthy.y, faulty.y = counts
        line.x, line.y = [result.chosen.threshold] * 2, [0, int(np.max(counts))]
        cost.x, cost.y = result.curve.thresholds, result.costs
        for trace, choice in ((here, result.chosen), (best, result.best)):
            trace.x, trace.y = [choice.threshold], [CHECKS * choice.cost_per_check]


def _summary(result: AlarmSetting) -> str:
    chosen, best = result.chosen, result.best
    return (
        f"At a threshold of {chosen.threshold:.1f} there is an alarm for"
        f" {chosen.false_alarm_rate:.0%} of the healthy recordings, and {chosen.miss_rate:.0%} of"
        f" the faulty ones pass unnoticed: {CHECKS:,} checks cost as much as"
        f" {CHECKS * chosen.cost_per_check:,.0f} false alarms. The cheapest threshold,"
        f" {best.threshold:.1f}, costs {CHECKS * best.cost_per_check:,.0f}"
        f" ({best.false_alarm_rate:.0%} false alarms, {best.miss_rate:.0%} missed)."
    )


def alarm_cost_explorer(labels, scores, machines) -> Explorer:
    """Choose an alarm's threshold by what it costs.

    Parameters
    ----------
    labels, scores, machines : array (n,)
        0 (healthy) or 1 (faulty), the anomaly score, and the machine of each recording.
    """
    labels, scores, machines = (np.asarray(values) for values in (labels, scores, machines))
    numbers = [str(number) for number in np.unique(machines).tolist()]

    @cache
    def part(machine: str) -> tuple[np.ndarray, np.ndarray, AlarmCurve]:
        chosen = machines == int(machine) if machine != "all" else np.full(len(scores), True)
        return labels[chosen], scores[chosen], alarm_curve(labels[chosen], scores[chosen])

    def compute(
        machine: str, ratio: float, prevalence_pct: float, threshold: float
    ) -> AlarmSetting:
        known, values, curve = part(machine)
        economics = Economics(1.0, ratio, prevalence_pct / 100)
        alarmed, missed = rates(known, values, threshold)
        chosen = ThresholdChoice(
            threshold, alarmed, missed, float(expected_cost(alarmed, missed, economics))
        )
        costs = CHECKS * expected_cost(curve.false_alarm_rate, curve.miss_rate, economics)
        parts = values[known == 0], values[known == 1]
        return AlarmSetting(chosen, cheapest(curve, economics), curve, costs, *parts)

    low, high = float(np.floor(scores.min())), float(np.ceil(np.quantile(scores, 0.98)))
    middle = float(np.round(np.quantile(scores[labels == 0], 0.9), 1))
    names = ["all together", *(f"machine {number}" for number in numbers)]
    controls = [
        Dropdown("machine", "Machine", ("all", *numbers), "all", names),
        Steps("ratio", "A missed fault costs as much as", RATIOS, 30, "false alarms"),
        Steps("prevalence_pct", "Faulty at a check", PREVALENCES_PCT, 1, "%"),
        Slider("threshold", "Threshold", low, high, 0.1, middle, "dB squared"),
    ]
    return Explorer(
        "What does an alarm cost?",
        controls,
        compute,
        _View(scores),
        _summary,
        source=f"measured: your model's scores of {len(scores)} recordings; prices are yours",
    )
