"""A race of searchers: how much of the whole front each has found after so many evaluations.

In: a problem whose answers are looked up. Out: `RaceResults`, a curve for each searcher and seed.
"""

from collections.abc import Callable, Sequence

from tinylab.search.evolution import evolve, random_search
from tinylab.search.optuna_search import ask_optuna
from tinylab.search.problem import Problem
from tinylab.search.results import RaceResults

__all__ = ["MARKS", "SEARCHERS", "hold_race"]

MARKS = (10, 15, 25, 35, 50, 75, 100, 150, 200)


def _nsga2(costs, space, evaluations: int, seed: int):
    return ask_optuna(costs, space, evaluations, seed, "NSGA-II")


SEARCHERS: dict[str, Callable] = {
    "random": random_search,
    "evolution": evolve,
    "Optuna NSGA-II": _nsga2,
    "Optuna TPE": ask_optuna,
}


def hold_race(
    problem: Problem,
    seeds: int = 5,
    marks: Sequence[int] = MARKS,
    searchers: Sequence[str] = tuple(SEARCHERS),
) -> RaceResults:
    """Let every searcher search with every seed.

    Parameters
    ----------
    problem : Problem
    seeds : int
        At least two, so that a difference can be told from luck.
    marks : sequence of int
        Rising; the last is how many evaluations each search has.
    searchers : sequence of str
        Names of `SEARCHERS`.
    """
    if seeds < 2:
        raise ValueError(f"a race needs at least two seeds, not {seeds}")
    shares = tuple(
        tuple(
            tuple(problem.shares(SEARCHERS[name](problem, problem.space, marks[-1], seed), marks))
            for seed in range(seeds)
        )
        for name in searchers
    )
    count = len(problem.space.architectures)
    return RaceResults(tuple(searchers), seeds, tuple(marks), shares, count)
