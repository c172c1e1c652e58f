"""Is one method better than another? A verdict only where the difference is larger than chance.

In: what two or more methods reached on the same repeats (seeds, cameras, voices, examples). Out:
the difference, its interval, and *better*, *worse* or *tie*. What repeats is the unit: clips of one
voice are one repeat, not many (`groups`), or the interval is far too narrow.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

__all__ = ["Ranking", "Verdict", "compare", "compare_statistic", "rank", "signed"]


def signed(value: float, places: int = 1) -> str:
    """A difference with its sign; what rounds to zero has none.

    Examples
    --------
    >>> signed(2.04), signed(-0.3), signed(-0.02), signed(4.0, 0)
    ('+2.0', '-0.3', '0.0', '+4')
    """
    rounded = round(value, places)
    return f"{rounded:+.{places}f}" if rounded else f"{0:.{places}f}"


@dataclass(frozen=True)
class Verdict:
    """How much more one method reaches than another.

    Attributes
    ----------
    difference : float
        Mean of the one minus mean of the other, in the unit of the values.
    low, high : float
        The interval of that difference.
    repeats : int
        Independent repeats behind it: examples, or groups of them.
    confidence : float
        Of the interval, 0.95 unless said otherwise.
    higher_is_better : bool
    """

    difference: float
    low: float
    high: float
    repeats: int
    confidence: float = 0.95
    higher_is_better: bool = True

    @property
    def outcome(self) -> str:
        """ "better", "worse", or "tie" where the interval holds zero."""
        if self.low <= 0 <= self.high:
            return "tie"
        return "better" if (self.low > 0) == self.higher_is_better else "worse"

    def sentence(self, name: str, other: str, *, scale: float = 100, unit: str = "points") -> str:
        """The verdict in words, with the difference times `scale` in `unit`."""
        low, high = scale * self.low, scale * self.high
        interval = f"{self.confidence:.0%} interval {signed(low)} to {signed(high)}"
        measured = f"{signed(scale * self.difference)} {unit} ({interval})"
        if self.outcome == "tie":
            return f"{name} against {other}: {measured}. That is a tie: chance alone can do it."
        return f"{name} is {self.outcome} than {other}: {measured}."


@dataclass(frozen=True)
class Ranking:
    """Which of several methods are best, as far as the repeats can say.

    Attributes
    ----------
    means : dict of str to float
        Mean of each method, the best one first.
    best : tuple of str
        The method with the best mean, and all that tie with it.
    verdicts : dict of str to Verdict
        The best one against each of the others.
    """

    means: dict[str, float]
    best: tuple[str, ...]
    verdicts: dict[str, Verdict]

    @property
    def winner(self) -> str | None:
        """The one best method, or None where others tie with it."""
        return self.best[0] if len(self.best) == 1 else None


def compare(
    values: Sequence[float],
    others: Sequence[float],
    *,
    groups: Sequence | None = None,
    higher_is_better: bool = True,
    confidence: float = 0.95,
) -> Verdict:
    """Compare two methods that were measured on the same repeats, pair by pair.

    Parameters
    ----------
    values, others : sequences of float, shape (n,)
        What each method reached on each repeat: an accuracy a seed, or right (1) and wrong (0) an
        example.
    groups : sequence, shape (n,), optional
        What really repeats: voice, speaker, scene, machine, camera. Pairs of one group vary
        together, and the interval counts groups (variance of a ratio of totals, Student's t with
        one degree of freedom fewer than groups; Cochran, "Sampling Techniques" (1977), 6.3).
    higher_is_better : bool
        False for losses, milliseconds, microjoules.
    confidence : float

    Returns
    -------
    Verdict
        Without groups, of rights and wrongs: the exact interval of McNemar's test on the pairs that
        differ (1947; Clopper and Pearson 1934). Otherwise Student's t.

    Raises
    ------
    ValueError
        Unless there are as many of each, all finite, in at least two groups.
    """
    differences = _differences(values, others)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    if groups is None and np.isin(differences, (-1, 0, 1)).all() and _binary(values, others):
        return _exact(differences, confidence, higher_is_better)
    labels = np.arange(len(differences)) if groups is None else np.asarray(groups)
    if labels.shape != differences.shape:
        raise ValueError(f"groups must name one group a pair, not {labels.shape}")
    _, index = np.unique(labels, return_inverse=True)
    count = int(index.max()) + 1
    if count < 2:
        raise ValueError("a comparison needs at least two repeats (or groups of them)")
    mean = float(differences.mean())
    totals = np.bincount(index, weights=differences - mean)
    error = np.sqrt(count / (count - 1) * np.sum(totals**2)) / len(differences)
    reach = float(stats.t.ppf(0.5 + confidence / 2, count - 1) * error)
    return Verdict(mean, mean - reach, mean + reach, count, confidence, higher_is_better)


def compare_statistic(
    statistic: Callable[[np.ndarray, np.ndarray], float],
    labels: Sequence,
    scores: Sequence,
    others: Sequence,
    *,
    groups: Sequence | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Verdict:
    """Compare two models by a figure of all examples at once, such as the AUC.

    Parameters
    ----------
    statistic : callable (labels, scores) -> float
        `sklearn.metrics.roc_auc_score` and the like.
    labels, scores, others : sequences, shape (n,) or (n, ...)
        The right answers, and what each model says.
    groups : sequence, shape (n,), optional
        What really repeats. Whole groups are drawn; without it, examples of each label apart.
    resamples, seed : int

    Returns
    -------
    Verdict
        The difference and its 95 % percentile interval over resamples drawn with replacement
        (Efron, "Bootstrap Methods", 1979). A resample that holds one label only is drawn again.
    """
    truth, first, second = np.asarray(labels), np.asarray(scores), np.asarray(others)
    if not len(truth) == len(first) == len(second):
        raise ValueError(f"as many of each, not {len(truth)}, {len(first)}, {len(second)}")
    whole = float(statistic(truth, first) - statistic(truth, second))
    rng, kinds = np.random.default_rng(seed), len(np.unique(truth))
    draw, count = _drawing(truth, groups)
    gaps: list[float] = []
    for _ in range(20 * resamples):
        kept = draw(rng)
        if len(np.unique(truth[kept])) == kinds:
            gaps.append(statistic(truth[kept], first[kept]) - statistic(truth[kept], second[kept]))
        if len(gaps) == resamples:
            break
    else:
        raise ValueError("most draws of groups hold one label only: pass groups that mix labels")
    low, high = np.quantile(gaps, (0.025, 0.975))
    return Verdict(whole, float(low), float(high), count)


def rank(
    results: Mapping[str, Sequence[float]],
    *,
    groups: Sequence | None = None,
    higher_is_better: bool = True,
    confidence: float = 0.95,
) -> Ranking:
    """Which of several methods is best, if the repeats can say.

    Parameters
    ----------
    results : mapping of str to sequence of float
        What each method reached on the same repeats.
    groups, higher_is_better, confidence
        As in `compare`; the confidence is that of all comparisons with the best together
        (Bonferroni), for among many methods one is ahead by luck.

    Raises
    ------
    ValueError
        If there are fewer than two methods, or they were not measured on the same repeats.
    """
    if len(results) < 2:
        raise ValueError("name two methods or more")
    means = {name: float(np.mean(values)) for name, values in results.items()}
    means = dict(sorted(means.items(), key=lambda item: item[1], reverse=higher_is_better))
    first, *rest = means
    strict = 1 - (1 - confidence) / len(rest)
    verdicts = {
        name: compare(
            results[first],
            results[name],
            groups=groups,
            higher_is_better=higher_is_better,
            confidence=strict,
        )
        for name in rest
    }
    ties = (name for name in rest if verdicts[name].outcome == "tie")
    return Ranking(means, (first, *ties), verdicts)


def _differences(values: Sequence[float], others: Sequence[float]) -> np.ndarray:
    mine, theirs = np.asarray(values, np.float64), np.asarray(others, np.float64)
    if mine.ndim != 1 or mine.shape != theirs.shape:
        raise ValueError(
            f"pairs need as many of each, in one row, not {mine.shape}, {theirs.shape}"
        )
    if len(mine) < 2:
        raise ValueError("a comparison needs at least two repeats")
    if not (np.isfinite(mine).all() and np.isfinite(theirs).all()):
        raise ValueError("a result is not finite: measure it, or leave its pair out")
    return mine - theirs


def _binary(*results: Sequence[float]) -> bool:
    return all(np.isin(np.asarray(values), (0, 1)).all() for values in results)


def _exact(differences: np.ndarray, confidence: float, higher_is_better: bool) -> Verdict:
    count, wins = len(differences), int(np.sum(differences > 0))
    unequal = wins + int(np.sum(differences < 0))
    low = high = 0.5
    if unequal:
        interval = stats.binomtest(wins, unequal).proportion_ci(confidence, method="exact")
        low, high = float(interval.low), float(interval.high)
    share = unequal / count
    return Verdict(
        float(differences.mean()),
        (2 * low - 1) * share,
        (2 * high - 1) * share,
        count,
        confidence,
        higher_is_better,
    )


def _drawing(
    labels: np.ndarray, groups: Sequence | None
) -> tuple[Callable[[np.random.Generator], np.ndarray], int]:
    """A function that draws indices with replacement, and the number of repeats it draws from."""
    names = labels if groups is None else np.asarray(groups)
    if len(names) != len(labels):
        raise ValueError(f"groups must name one group an example, not {len(names)}")
    parts = [np.flatnonzero(names == name) for name in np.unique(names)]
    if groups is None:
        return lambda rng: np.concatenate([rng.choice(part, len(part)) for part in parts]), len(
            labels
        )
    if len(parts) < 2:
        raise ValueError("a comparison needs at least two groups")

    def draw(rng: np.random.Generator) -> np.ndarray:
        chosen = rng.integers(0, len(parts), len(parts))
        return np.fromiter(itertools.chain.from_iterable(parts[i] for i in chosen), np.int64)

    return draw, len(parts)
