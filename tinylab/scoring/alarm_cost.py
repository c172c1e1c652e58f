"""Where to put an alarm's threshold: the one that costs least, given what either mistake costs.

In: scores of healthy and faulty recordings, how rare faults are, and two prices. Out: a threshold
and its cost a check. Source: Provost and Fawcett, "Robust classification for imprecise
environments" (2001).
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "AlarmCurve",
    "Economics",
    "ThresholdChoice",
    "alarm_curve",
    "cheapest",
    "expected_cost",
    "rates",
]


@dataclass(frozen=True)
class Economics:
    """What a mistake costs, in any currency, and how often there is something to find.

    Attributes
    ----------
    false_alarm_cost : float
        A mechanic walks to a healthy machine.
    missed_fault_cost : float
        A faulty machine runs on until the next check.
    prevalence : float
        Share of the checks at which the machine is faulty, 0 to 1.
    """

    false_alarm_cost: float
    missed_fault_cost: float
    prevalence: float

    def __post_init__(self):
        if self.false_alarm_cost < 0 or self.missed_fault_cost < 0:
            raise ValueError("costs must not be negative")
        if not 0 <= self.prevalence <= 1:
            raise ValueError(f"prevalence must lie in 0..1, got {self.prevalence}")


@dataclass(frozen=True)
class AlarmCurve:
    """Every threshold that makes a difference, and what it does.

    Attributes
    ----------
    thresholds : float64 array (k,)
        Rising; an alarm is a score above the threshold. The first is below every score (always
        alarm), the last above (never).
    false_alarm_rate, miss_rate : float64 array (k,)
        Shares of the healthy recordings with an alarm, and of the faulty ones without.
    """

    thresholds: np.ndarray
    false_alarm_rate: np.ndarray
    miss_rate: np.ndarray


@dataclass(frozen=True)
class ThresholdChoice:
    """A threshold, its two rates, and its expected cost a check."""

    threshold: float
    false_alarm_rate: float
    miss_rate: float
    cost_per_check: float


def expected_cost(false_alarm_rate, miss_rate, economics: Economics):
    """Cost of a check on average: faulty ones missed, and healthy ones alarmed.

    Returns
    -------
    float or array, like the rates
    """
    missed = economics.prevalence * np.asarray(miss_rate) * economics.missed_fault_cost
    healthy = 1 - economics.prevalence
    return missed + healthy * np.asarray(false_alarm_rate) * economics.false_alarm_cost


def rates(labels, scores, threshold: float) -> tuple[float, float]:
    """False-alarm rate and miss rate of alarms at scores above `threshold`."""
    labels, scores = _checked(labels, scores)
    alarm = scores > threshold
    return float(alarm[labels == 0].mean()), float((~alarm)[labels == 1].mean())


def alarm_curve(labels, scores) -> AlarmCurve:
    """Both rates at every threshold between two neighbouring scores.

    Parameters
    ----------
    labels, scores : array (n,)
        0 (healthy) or 1 (faulty), both present, and the anomaly scores.

    Raises
    ------
    ValueError
        If one kind is missing, or the lengths differ.
    """
    labels, scores = _checked(labels, scores)
    values = np.unique(scores)
    between = (values[1:] + values[:-1]) / 2
    thresholds = np.concatenate([[values[0] - 1], between, [values[-1] + 1]])
    healthy, faulty = np.sort(scores[labels == 0]), np.sort(scores[labels == 1])
    quiet = np.searchsorted(healthy, thresholds, side="right") / len(healthy)
    missed = np.searchsorted(faulty, thresholds, side="right") / len(faulty)
    return AlarmCurve(thresholds, 1 - quiet, missed)


def cheapest(curve: AlarmCurve, economics: Economics) -> ThresholdChoice:
    """The threshold of least expected cost; the highest of them if several are equal."""
    costs = expected_cost(curve.false_alarm_rate, curve.miss_rate, economics)
    best = len(costs) - 1 - int(np.argmin(costs[::-1]))
    values = (curve.thresholds, curve.false_alarm_rate, curve.miss_rate, costs)
    return ThresholdChoice(*(float(value[best]) for value in values))


def _checked(labels, scores) -> tuple[np.ndarray, np.ndarray]:
    labels, scores = np.asarray(labels), np.asarray(scores, np.float64)
    if labels.shape != scores.shape or set(np.unique(labels).tolist()) != {0, 1}:
        raise ValueError("pass one score for each label, and labels 0 and 1, both of them present")
    return labels, scores
