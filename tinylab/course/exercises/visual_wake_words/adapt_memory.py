"""Exercise on what fits into RAM in notebooks/source/02_visual_wake_words/3_adapt.py."""

import itertools

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import also_fixed, expect

__all__ = ["EXERCISES"]


def finds_the_best_that_fits(answer, rng):
    """The largest sum of gains within the budget, against trying everything."""
    for count in (4, 7):
        gains, sizes = rng.uniform(0.1, 2, count), rng.integers(5, 60, count)
        budget = int(sizes.sum() * 0.45)
        chosen = _places(answer(list(map(float, gains)), list(map(int, sizes)), budget), count)
        total, value = sizes[chosen].sum(), gains[chosen].sum()
        expect(total <= budget, f"your choice takes {total} bytes; the budget is {budget}.")
        best = max(
            gains[list(places)].sum()
            for number in range(count + 1)
            for places in itertools.combinations(range(count), number)
            if sizes[list(places)].sum() <= budget
        )
        _expect_best(value, best, gains, sizes, budget)


def is_better_than_greedy(answer, rng):
    """The best gain per byte, and the largest gain, can both be the wrong first choice."""
    scale = int(rng.integers(2, 9))
    sizes = [6 * scale, 5 * scale, 5 * scale]
    chosen = _places(answer([6.6, 5.0, 5.0], sizes, 10 * scale), 3)
    expect(
        sorted(chosen) == [1, 2],
        "taking the best gain, or the best gain for a byte, first can waste the budget:"
        " compare whole combinations.",
    )
    chosen = _places(answer([2.0, 9.0], [scale, 10 * scale], 10 * scale), 2)
    expect(
        list(chosen) == [1],
        "taking the smallest, or the best gain for a byte, first can waste the budget:"
        " compare whole combinations.",
    )


def leaves_out_what_harms(answer, rng):
    """A layer with a negative gain is never worth it, and nothing fits into nothing."""
    gains = [-float(rng.uniform(0.1, 1)), float(rng.uniform(0.1, 1)), -float(rng.uniform(0.1, 1))]
    chosen = _places(answer(gains, [1, 1, 1], 3), 3)
    expect(
        list(chosen) == [1],
        "a layer with a negative gain makes the model worse: leave it out even if it fits.",
    )
    expect(
        len(_places(answer([1.0, 2.0], [5, 6], 4), 2)) == 0,
        "where nothing fits, return an empty tuple.",
    )


def _expect_best(value, best, gains, sizes, budget) -> None:
    """Name the greedy rule that would have given this value."""
    sentence = "another choice within the budget gains more: try every combination."
    for order, name in ((-gains, "gain"), (-gains / sizes, "gain for a byte"), (sizes, "size")):
        left, got = budget, 0.0
        for index in np.argsort(order):
            if sizes[index] <= left:
                left, got = left - sizes[index], got + gains[index]
        if np.isclose(got, value) and not np.isclose(got, best):
            sentence = f"going by {name}, best first, misses the best combination: compare all."
    expect(bool(value >= best - 1e-9), sentence)


def _places(result, count: int) -> np.ndarray:
    """The chosen places as integers; a Mistake if they are no such thing."""
    expect(
        isinstance(result, (tuple, list, set, np.ndarray)),
        "return the positions of the chosen layers as a tuple, such as (0, 2).",
    )
    array = np.asarray(sorted(result) if isinstance(result, set) else result)
    if array.size == 0:
        return np.zeros(0, int)
    expect(
        array.ndim == 1 and array.dtype.kind in "iu",
        "return positions of the chosen layers (whole numbers from 0), not their gains or marks.",
    )
    expect(
        bool(array.min() >= 0 and array.max() < count and len(set(array.tolist())) == len(array)),
        f"positions must be different numbers from 0 to {count - 1}.",
    )
    return np.sort(array)


EXERCISES = (
    Exercise(
        id="choose_layers",
        title="Which layers to train",
        points=(
            Point("finds the best that fits", also_fixed(finds_the_best_that_fits, 8)),
            Point("is better than a greedy choice", is_better_than_greedy),
            Point("leaves out what harms", leaves_out_what_harms),
        ),
        forbidden=("tinylab.adapt.sparse_update.knapsack.knapsack",),
    ),
)
