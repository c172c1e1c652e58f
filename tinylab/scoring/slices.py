"""For whom does a model fail? Its accuracy slice by slice: by voice, by word, by light.

A mean hides who is served badly. In: right or wrong for each example, and what is known of each.
Out: one share with its interval for each slice, and how easily chance alone spreads them so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tinylab.scoring.intervals import Interval, share_interval

__all__ = ["Slice", "SliceReport", "accuracy_by"]


@dataclass(frozen=True)
class Slice:
    """One slice of a test set.

    Attributes
    ----------
    name : str
    share : Interval
        Of right answers. It counts groups where the slice has two or more, else examples.
    examples : int
    groups : int
        Voices, scenes or the like in this slice; 1 says that the interval counts examples of a
        single one, and says nothing of others.
    """

    name: str
    share: Interval
    examples: int
    groups: int


@dataclass(frozen=True)
class SliceReport:
    """All slices of a test set, the worst first.

    Attributes
    ----------
    slices : tuple of Slice
    overall : Interval
    chance : float
        Probability that slices of one and the same accuracy would differ at least as much:
        Pearson's chi-square test of homogeneity (1900), which counts examples.
    """

    slices: tuple[Slice, ...]
    overall: Interval
    chance: float


def accuracy_by(
    values: Sequence, right: Sequence, groups: Sequence | None = None, *, smallest: int = 1
) -> SliceReport:
    """Accuracy of each slice.

    Parameters
    ----------
    values : sequence, shape (n,)
        The slice of each example; examples with the value "" are in none.
    right : sequence of bool, shape (n,)
    groups : sequence, shape (n,), optional
        What really repeats: the voice, speaker or scene of each example.
    smallest : int
        Slices of fewer examples are left out.

    Raises
    ------
    ValueError
        If the lengths differ, or fewer than two slices are left: nothing can be compared then.
    """
    names, answers = np.asarray(values).astype(str), np.asarray(right, bool)
    repeats = np.arange(len(answers)) if groups is None else np.asarray(groups)
    if not names.shape == answers.shape == repeats.shape or answers.ndim != 1:
        raise ValueError(
            f"pass one slice, one right or wrong and one group for each example, not shapes"
            f" {names.shape}, {answers.shape}, {repeats.shape}"
        )
    kinds, sizes = np.unique(names[names != ""], return_counts=True)
    kept = kinds[sizes >= smallest]
    if len(kept) < 2:
        raise ValueError(
            f"{len(kept)} slices have {smallest} examples or more; two are needed to compare"
        )
    inside = np.isin(names, kept)
    slices = [_slice(name, answers[names == name], repeats[names == name]) for name in kept]
    return SliceReport(
        slices=tuple(sorted(slices, key=lambda part: part.share.mean)),
        overall=_share(answers[inside], repeats[inside]),
        chance=_homogeneity(slices),
    )


def _slice(name: str, right: np.ndarray, groups: np.ndarray) -> Slice:
    return Slice(str(name), _share(right, groups), len(right), len(np.unique(groups)))


def _share(right: np.ndarray, groups: np.ndarray) -> Interval:
    alone = len(np.unique(groups)) in (1, len(right))
    return share_interval(right.tolist(), None if alone else groups.tolist())


def _homogeneity(slices: Sequence[Slice]) -> float:
    sizes = np.array([part.examples for part in slices])
    right = np.array([round(part.share.mean * part.examples) for part in slices])
    if right.sum() in (0, sizes.sum()):
        return 1.0
    return float(stats.chi2_contingency([right, sizes - right], correction=False).pvalue)
