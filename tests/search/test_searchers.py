"""Searchers: budgets kept, better than luck where luck is bad, and reproducible."""

import numpy as np
import pytest

from tinylab.search.evolution import child_of, evolve, random_search, survivors
from tinylab.search.optuna_search import SAMPLERS, ask_optuna
from tinylab.search.pareto import non_dominated
from tinylab.search.problem import Problem
from tinylab.search.race import SEARCHERS, hold_race
from tinylab.search.space import Architecture, Space, as_rows, costs_of

SMALL = Space((2, 3), (16, 32))


def imagined(space: Space) -> Problem:
    """Error falls with the weights, and a little by chance."""
    costs = costs_of(as_rows(space.architectures))
    luck = np.random.default_rng(0).normal(0, 0.01, len(costs.macs))
    error = 0.6 - 0.05 * np.log(costs.weight_bytes / 500) + luck
    return Problem(space, np.stack([error, np.log(costs.macs / 1e5)], axis=1))


@pytest.mark.parametrize("name", SEARCHERS)
def test_as_many_evaluations_as_asked_for_and_the_same_again(name):
    problem, seen = imagined(SMALL), []

    def costs(one: Architecture):
        seen.append(one)
        return problem(one)

    first = SEARCHERS[name](costs, SMALL, 30, 1)
    assert len(first) == len(seen) == 30
    assert first == SEARCHERS[name](costs, SMALL, 30, 1) != SEARCHERS[name](costs, SMALL, 30, 2)
    assert {problem(one) for one in seen} >= set(first)


def test_evolution_beats_luck_in_a_large_space():
    space = Space((2, 3, 4), (16, 24, 32, 48, 64))
    problem = imagined(space)
    found = {
        searcher: np.mean(
            [problem.shares(searcher(problem, space, 300, s), [300]) for s in range(4)]
        )
        for searcher in (random_search, evolve)
    }
    assert found[evolve] > found[random_search] + 0.02


def test_a_child_is_of_the_space_and_of_its_parents():
    rng = np.random.default_rng(0)
    known, same = set(SMALL.architectures), 0
    for _ in range(200):
        mother, father = SMALL.sample(rng), SMALL.sample(rng)
        before = (mother, father)
        child = child_of(mother, father, SMALL, rng)
        assert child in known and (mother, father) == before
        pairs = zip(child.widths, zip(mother.widths, father.widths))
        same += all(width in parents for width, parents in pairs)
    assert 40 < same < 200


def test_survivors_are_the_front_first_and_its_ends_always():
    points = [(0.0, 9.0), (9.0, 0.0), (4.0, 4.0), (4.1, 4.0), (3.9, 4.2), (8.0, 8.0)]
    assert {0, 1, 2} <= set(survivors(points, 3)) | {2}
    kept = survivors(points, 4)
    assert {0, 1} <= set(kept) and 5 not in kept
    assert non_dominated(np.array(points)[kept[:3]]).all()


def test_a_sampler_that_is_not_there():
    with pytest.raises(ValueError, match=" or ".join(SAMPLERS).replace(" or ", ", ")):
        ask_optuna(imagined(SMALL), SMALL, 5, 0, "luck")


def test_a_race_says_how_much_was_found():
    problem = imagined(SMALL)
    race = hold_race(problem, seeds=2, marks=(5, 40), searchers=("random", "evolution"))
    shares = race.of("random")
    assert shares.shape == (2, 2) and np.all(shares[:, 1] >= shares[:, 0])
    assert 0 < shares.min() and shares.max() <= 1
    every = [problem(one) for one in SMALL.architectures]
    assert problem.shares(every, [len(every)]) == [pytest.approx(1.0)]
    with pytest.raises(ValueError, match="at least two seeds"):
        hold_race(problem, seeds=1)
