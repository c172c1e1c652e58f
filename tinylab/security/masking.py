"""Gradient masking: an int8 program whose scores do not move is not safe, it only looks so.

In: a program that answers queries with stored scores. Out: how often a finite difference is exactly
zero, and how many answers a search by queries alone turns.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["QueryAttack", "attack_by_queries", "zero_differences"]

Scores = Callable[[np.ndarray], np.ndarray]
LONGEST_STRIPE = 20  # frames at the start of the search; they get shorter


@dataclass(frozen=True)
class QueryAttack:
    """What a search by queries reached.

    Attributes
    ----------
    queries : tuple of int
    fooled : tuple of int
        Answers turned after so many queries each.
    attackable : int
        Examples, all of them answered correctly before.
    """

    queries: tuple[int, ...]
    fooled: tuple[int, ...]
    attackable: int


def zero_differences(
    scores: Scores,
    stored: np.ndarray,
    labels: np.ndarray,
    step: int,
    *,
    coordinates: int = 60,
    seed: int = 0,
) -> float:
    """Share of finite differences of the right class's score that are exactly zero.

    Parameters
    ----------
    scores : callable
        Stored inputs (m, ...) int8 in, stored scores (m, classes) out:
        `LiteRTModel.predict_quantized`.
    stored : int8 array (n, ...)
    labels : int array (n,)
    step : int
        Steps of the input's grid by which one feature is moved.
    coordinates : int
        Features tried of each example.
    seed : int
    """
    rng, zero = np.random.default_rng(seed), 0
    base = scores(stored)[np.arange(len(stored)), labels]
    for row, label in enumerate(labels):
        tried = rng.choice(stored[row].size, coordinates, replace=False)
        moved = np.repeat(stored[row : row + 1], coordinates, axis=0)
        flat = moved.reshape(coordinates, -1)
        there = flat[np.arange(coordinates), tried].astype(int)
        away = np.where(there + step > 127, there - step, there + step)
        flat[np.arange(coordinates), tried] = away
        zero += int((scores(moved)[:, label] == base[row]).sum())
    return zero / (len(stored) * coordinates)


def attack_by_queries(
    scores: Scores,
    stored: np.ndarray,
    labels: np.ndarray,
    lsb: int,
    *,
    report: tuple[int, ...] = (1, 10, 50, 100),
    seed: int = 0,
) -> QueryAttack:
    """Random stripes of +-`lsb`, kept where the right class's score does not rise.

    Source: after Andriushchenko et al., "Square Attack" (2020), with stripes in time for squares.

    Parameters
    ----------
    scores, stored, labels, seed
        As in `zero_differences`; examples (n, frames, coefficients, 1) answered correctly.
    lsb : int
        Largest change of a feature, in steps of the grid.
    report : tuple of int
        Numbers of queries after which to count; the last one ends the search.
    """
    rng, rows = np.random.default_rng(seed), np.arange(len(stored))
    original = stored.astype(int)
    _, frames, coefficients, _ = stored.shape
    stripes = rng.choice([-lsb, lsb], (len(stored), 1, coefficients, 1))
    best = np.clip(original + stripes, -128, 127)
    answers = scores(best.astype(np.int8))
    lowest, fooled = answers[rows, labels].astype(int), []
    turned = answers.argmax(axis=1) != labels
    for query in range(1, report[-1] + 1):
        if query > 1:
            longest = min(LONGEST_STRIPE, frames)
            height = max(1, round(longest * (1 - query / report[-1])))
            first, column = rng.integers(0, frames - height + 1), rng.integers(0, coefficients)
            tried = best.copy()
            window = (slice(None), slice(first, first + height), column)
            sign = rng.choice([-lsb, lsb], (len(stored), 1, 1))
            tried[window] = np.clip(original[window] + sign, -128, 127)
            answers = scores(tried.astype(np.int8))
            mine = answers[rows, labels].astype(int)
            kept = (mine <= lowest) & ~turned
            best[kept] = tried[kept]
            lowest = np.where(kept, mine, lowest)
            turned |= answers.argmax(axis=1) != labels
        if query in report:
            fooled.append(int(turned.sum()))
    return QueryAttack(tuple(report), tuple(fooled), len(stored))
