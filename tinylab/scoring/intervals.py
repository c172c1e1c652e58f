"""How sure can we be of a mean? Intervals of shares and means, counted over what really repeats.

The unit of an interval is what repeats: a voice, a speaker, a scene, a machine, a camera. A hundred
clips of one voice are right or wrong together, and say little about the next voice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import scipy  # its parts are loaded when they are first used

__all__ = [
    "Interval",
    "paired_interval",
    "poisson_interval",
    "share_interval",
    "t_interval",
    "wilson_interval",
]


@dataclass(frozen=True)
class Interval:
    """A mean, and the interval that holds the true mean with the given confidence.

    Attributes
    ----------
    mean, low, high : float
    repeats : int
        Tasks, groups or examples that the interval counts.
    """

    mean: float
    low: float
    high: float
    repeats: int

    def __str__(self) -> str:
        return f"{self.mean:.1%} ({self.low:.1%} to {self.high:.1%}, {self.repeats} repeats)"

    def overlaps(self, other: "Interval") -> bool:
        """Whether the two intervals share a value."""
        return self.low <= other.high and other.low <= self.high


def wilson_interval(right: int, examples: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval that holds the true share with the given confidence, as (low, high).

    Source: Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    Unlike the textbook's plus-minus it stays inside 0..1 and works for few examples. The examples
    must be independent: for clips of a few voices use `share_interval` with groups.
    """
    if examples < 1 or not 0 <= right <= examples:
        raise ValueError(f"0 <= right <= examples and examples >= 1 must hold: {right}, {examples}")
    _check_confidence(confidence)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = right / examples
    centre = share + z * z / (2 * examples)
    spread = z * (share * (1 - share) / examples + z * z / (4 * examples**2)) ** 0.5
    scale = 1 + z * z / examples
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def share_interval(
    right: Sequence, groups: Sequence | None = None, confidence: float = 0.95
) -> Interval:
    """Share of right answers with its interval, over groups if the examples come in groups.

    Parameters
    ----------
    right : sequence of bool, shape (n,)
    groups : sequence, shape (n,), optional
        Voice, speaker, scene, machine or camera of each example. The variance is that of a ratio
        of totals (Cochran, "Sampling Techniques" (1977), 6.3), carried to the log-odds, so that the
        interval stays inside 0..1; Student's t with one degree of freedom fewer than groups. If no
        answer is wrong, or none right, Wilson's interval with the groups as its examples.
    confidence : float

    Returns
    -------
    Interval
        Without groups, Wilson's over examples.

    Raises
    ------
    ValueError
        If there are no examples, or fewer than two groups: one voice says nothing about others.
    """
    answers = np.asarray(right, bool)
    if answers.ndim != 1 or answers.size == 0:
        raise ValueError(f"pass right or wrong for each of some examples, not {answers.shape}")
    _check_confidence(confidence)
    share = float(answers.mean())
    if groups is None:
        ends = wilson_interval(int(answers.sum()), len(answers), confidence)
        return Interval(share, *ends, len(answers))
    index = _group_numbers(groups, len(answers))
    count = int(index.max()) + 1
    if share in (0.0, 1.0):
        return Interval(share, *wilson_interval(int(share) * count, count, confidence), count)
    totals = np.bincount(index, weights=answers - share)
    error = np.sqrt(count / (count - 1) * np.sum(totals**2)) / len(answers)
    reach = scipy.special.stdtrit(count - 1, 0.5 + confidence / 2) * error / (share * (1 - share))
    low, high = scipy.special.expit(scipy.special.logit(share) + reach * np.array([-1, 1]))
    return Interval(share, float(low), float(high), count)


def poisson_interval(events: int, exposure: float, confidence: float = 0.95) -> Interval:
    """Rate of rare events, such as false accepts an hour, with its exact interval.

    Parameters
    ----------
    events : int
        How many were counted.
    exposure : float
        Hours, or whatever the rate is for, in which they were.
    confidence : float

    Returns
    -------
    Interval
        By the chi-square quantiles of Garwood, "Fiducial limits for the Poisson distribution"
        (1936). No event in h hours still allows up to 3.7 / h (95 %, two-sided).

    Raises
    ------
    ValueError
        A count below zero, or no exposure.
    """
    if events < 0 or events != int(events) or not 0 < exposure < np.inf:
        raise ValueError(f"pass a count and a positive exposure, not {events} in {exposure}")
    _check_confidence(confidence)
    outside = (1 - confidence) / 2
    low = scipy.special.gammaincinv(events, outside) if events else 0.0
    high = scipy.special.gammaincinv(events + 1, 1 - outside)
    return Interval(events / exposure, float(low) / exposure, float(high) / exposure, int(events))


def t_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Student's t interval of the mean.

    Parameters
    ----------
    values : sequence of float
        One for each repeat (task, seed, camera), at least two.
    confidence : float

    Raises
    ------
    ValueError
        Fewer than two values, or a confidence outside 0..1.
    """
    measured = np.asarray(values, float)
    if measured.ndim != 1 or len(measured) < 2:
        raise ValueError(f"an interval needs at least two repeats, not {measured.shape}")
    _check_confidence(confidence)
    mean, count = float(measured.mean()), len(measured)
    reach = (
        scipy.special.stdtrit(count - 1, 0.5 + confidence / 2)
        * measured.std(ddof=1)
        / np.sqrt(count)
    )
    return Interval(mean, mean - float(reach), mean + float(reach), count)


def paired_interval(
    values: Sequence[float], others: Sequence[float], confidence: float = 0.95
) -> Interval:
    """Interval of the mean difference `values - others`, repeat by repeat.

    Raises
    ------
    ValueError
        As many values as others are needed, at least two.
    """
    mine, theirs = np.asarray(values, float), np.asarray(others, float)
    if mine.shape != theirs.shape:
        raise ValueError(f"pairs need as many of each, not {len(values)} and {len(others)}")
    return t_interval((mine - theirs).tolist(), confidence)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")


def _group_numbers(groups: Sequence, examples: int) -> np.ndarray:
    """The groups as 0, 1, 2, ..., int (n,)."""
    names = np.asarray(groups)
    if names.shape != (examples,):
        raise ValueError(f"groups must name one group an example, not {names.shape}")
    kinds, numbers = np.unique(names, return_inverse=True)
    if len(kinds) < 2:
        raise ValueError("an interval over groups needs at least two: one says nothing of others")
    return numbers
