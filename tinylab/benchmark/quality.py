"""Does a model meet its target? It meets, it misses, or so few examples cannot say.

In: a measured quality with its interval. Out: the verdict, and how many examples would settle it.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from tinylab.scoring.intervals import wilson_interval

__all__ = [
    "CANNOT_SAY",
    "MEETS",
    "MISSES",
    "Quality",
    "auc_interval",
    "examples_needed",
    "judge",
    "percent",
]

MEETS, MISSES, CANNOT_SAY = "meets", "misses", "cannot say"
MOST = 10_000_000  # examples; who needs more is at the target


@dataclass(frozen=True)
class Quality:
    """A share or an AUC, measured, and what it says of a target.

    Attributes
    ----------
    metric : str
        "accuracy" or "AUC".
    value, low, high : float
        0 to 1, with its 95 % interval.
    examples : int
    repeats : int
        What the interval counts: the examples, or voices and scenes where they are known.
    target : float
    verdict : str
        "meets", "misses" or "cannot say".
    needed : int or None
        Examples with which the interval would no longer hold the target, if the value stayed; None
        where ten million would not do.
    """

    metric: str
    value: float
    low: float
    high: float
    examples: int
    repeats: int
    target: float
    verdict: str
    needed: int | None

    def __str__(self) -> str:
        value, low, high, target = (
            _written(number, self.metric)
            for number in (self.value, self.low, self.high, self.target)
        )
        over = f" over {self.repeats:,} groups" if self.repeats < self.examples else ""
        text = (
            f"{self.metric} {value} of {self.examples:,} examples (95 % interval {low} to"
            f" {high}{over}):"
        )
        if self.verdict != CANNOT_SAY:
            return f"{text} it {self.verdict} the target of {target}"
        text += f" that cannot say whether it meets the target of {target}"
        if self.needed is None:
            return f"{text}, on which it lies"
        return f"{text}; {self.needed:,} examples or more would"


def percent(share: float) -> str:
    """A share in percent with one decimal; a half is rounded up, as published tables do."""
    return f"{math.floor(share * 1000 + 0.5) / 10:.1f}"


def _written(value: float, metric: str) -> str:
    return f"{percent(value)} %" if metric == "accuracy" else f"{value:.3f}"


def judge(
    metric: str,
    value: float,
    interval: tuple[float, float],
    examples: int,
    target: float,
    repeats: int | None = None,
) -> Quality:
    """The verdict on a measured quality.

    Parameters
    ----------
    metric : str
        "accuracy" or "AUC".
    value : float
    interval : tuple of float
        Low and high.
    examples : int
    target : float
    repeats : int, optional
        Groups that the interval counts; by default the examples.
    """
    low, high = interval
    repeats = examples if repeats is None else repeats
    verdict = MEETS if low >= target else MISSES if high < target else CANNOT_SAY
    needed = examples
    if verdict == CANNOT_SAY and metric == "accuracy" and repeats == examples:
        needed = examples_needed(value, target)
    elif verdict == CANNOT_SAY:
        needed = _scaled(examples, (high - low) / 2, abs(value - target))
    return Quality(metric, value, low, high, examples, repeats, target, verdict, needed)


def examples_needed(share: float, target: float, confidence: float = 0.95) -> int | None:
    """The fewest examples with which Wilson's interval of a share excludes a target.

    Parameters
    ----------
    share, target : float
        0 to 1.
    confidence : float

    Returns
    -------
    int or None
        None where ten million are too few: the share lies on the target.

    Raises
    ------
    ValueError
        A share or a target outside 0..1.
    """
    if not (0 <= share <= 1 and 0 < target < 1):
        raise ValueError(f"pass a share in 0..1 and a target inside it, not {share} and {target}")

    # Wilson's interval ends where the score test does: n (p - t)^2 = z^2 t (1 - t).
    z = float(special.ndtri(0.5 + confidence / 2))
    spread, gap = z**2 * target * (1 - target), (share - target) ** 2
    return math.ceil(spread / gap) if spread <= MOST * gap else None


def _scaled(examples: int, reach: float, gap: float) -> int | None:
    """An interval shrinks with the square root of the examples."""
    if gap == 0 or examples * (reach / gap) ** 2 > MOST:
        return None
    return math.ceil(examples * (reach / gap) ** 2)


def auc_interval(labels: np.ndarray, scores: np.ndarray, confidence: float = 0.95):
    """The area under the ROC curve and its interval.

    Parameters
    ----------
    labels : int array (n,)
        0 or 1.
    scores : float array (n,)

    Returns
    -------
    auc : float
    (low, high) : tuple of float
        By the variance of DeLong, DeLong and Clarke-Pearson (1988) on the log-odds, so that it
        stays inside 0..1.

    Raises
    ------
    ValueError
        Fewer than two examples of either label.
    """
    positive, negative = np.asarray(scores)[labels == 1], np.asarray(scores)[labels == 0]
    if min(len(positive), len(negative)) < 2:
        raise ValueError(
            f"an AUC needs two or more recordings of each kind, not {len(negative)} normal and"
            f" {len(positive)} anomalous ones"
        )
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    m, n = len(positive), len(negative)
    above = (ranks[:m] - stats.rankdata(positive)) / n
    below = 1 - (ranks[m:] - stats.rankdata(negative)) / m
    area = float(above.mean())
    if area in (0.0, 1.0):
        return area, wilson_interval(round(area * min(m, n)), min(m, n), confidence)
    error = math.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n)
    reach = special.ndtri(0.5 + confidence / 2) * error / (area * (1 - area))
    ends = special.expit(special.logit(area) + reach * np.array([-1, 1]))
    return area, (float(ends[0]), float(ends[1]))
