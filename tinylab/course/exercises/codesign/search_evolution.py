"""The evolution of notebooks/source/04_codesign/1_search.py.

An answer makes one child and names its parents; the judge looks at many of them.
"""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array

__all__ = ["EXERCISES"]

CHOICES = 4


def _generation(answer, population, costs, seed):
    """What an answer returns, checked: the child, and the rows that stay."""
    result = answer(population, costs, CHOICES, seed)
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two things: the child, and the indices of two parents.",
    )
    child = expect_array(result[0], shape=(population.shape[1],), name="the child")
    parents = [int(k) for k in np.asarray(result[1]).ravel()]
    expect(len(parents) == 2, "name two parents, by their rows.")
    expect(all(0 <= k < len(population) for k in parents), "a parent is a row of the population.")
    expect(
        child.dtype.kind in "iu" and bool(np.all((child >= 0) & (child < CHOICES))),
        f"every gene of the child is a whole number from 0 to {CHOICES - 1}.",
    )
    return child, parents


def _population(rng) -> tuple[np.ndarray, np.ndarray]:
    population = rng.integers(0, CHOICES, size=(20, 8))
    return population, population.sum(axis=1) + rng.random(20)


def mixes_two_parents(answer, rng):
    """Most genes come from one of the parents, and from both of them."""
    population, costs = _population(rng)
    first = second = fresh = total = 0
    for seed in range(40):
        child, (a, b) = _generation(answer, population, costs, seed)
        differ = population[a] != population[b]
        first += np.sum((child == population[a])[differ])
        second += np.sum((child == population[b])[differ])
        fresh += np.sum((child != population[a]) & (child != population[b]))
        total += len(child)
    expect(
        min(first, second) > 0.2 * max(first, second),
        "the children are like one parent alone: take each gene from one or the other.",
    )
    expect(fresh > 0, "no child has a gene of its own: change a gene now and then.")
    expect(
        fresh < 0.4 * total,
        f"{fresh / total:.0%} of the genes come from no parent: that is nearly random search.",
    )


def prefers_good_parents(answer, rng):
    """A tournament: parents are better than the average."""
    population, costs = _population(rng)
    ranks = np.argsort(np.argsort(costs))
    chosen = [
        ranks[k] for seed in range(100) for k in _generation(answer, population, costs, seed)[1]
    ]
    middle = (len(population) - 1) / 2
    mean = float(np.mean(chosen))
    expect(
        mean < middle + 1.6,
        "your parents are worse than the average: the lower cost is the better one.",
    )
    expect(
        mean < middle - 1.5,
        "your parents are no better than the average: of two drawn at random take the better.",
    )
    expect(
        len(set(chosen)) > 5,
        "it is always the same few parents: the population would soon be one family.",
    )


def follows_from_the_seed(answer, rng):
    """The same seed gives the same child and parents."""
    population, costs = _population(rng)
    for seed in range(10):
        child, parents = _generation(answer, population, costs, seed)
        again, same = _generation(answer, population, costs, seed)
        expect(
            bool(np.array_equal(child, again)) and parents == same,
            "the same seed gives another child: draw everything from default_rng(seed).",
        )


EXERCISES = (
    Exercise(
        id="next_child",
        title="One child of an evolution",
        points=(
            Point("mixes two parents", mixes_two_parents),
            Point("prefers good parents", prefers_good_parents),
            Point("follows from the seed", follows_from_the_seed),
        ),
    ),
)
