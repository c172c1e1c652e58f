"""Search without a library: at random, and by an evolution of a few lines.

In: a function from a network to its costs. Out: what was evaluated, in order.
"""

from collections.abc import Callable

import numpy as np

from tinylab.search.pareto import non_dominated
from tinylab.search.space import MOST_BLOCKS, Architecture, Space

__all__ = ["Costs2", "child_of", "evolve", "random_search", "survivors"]

Costs2 = tuple[float, float]
POPULATION = 24
CHANCE = 0.15  # that one choice of a child is changed
ATTEMPTS = 20  # to have a child that was not evaluated before


def random_search(
    costs: Callable[[Architecture], Costs2], space: Space, evaluations: int, seed: int
) -> list[Costs2]:
    """Evaluate networks drawn at random."""
    rng = np.random.default_rng(seed)
    return [costs(space.sample(rng)) for _ in range(evaluations)]


def evolve(
    costs: Callable[[Architecture], Costs2],
    space: Space,
    evaluations: int,
    seed: int,
    population: int = POPULATION,
) -> list[Costs2]:
    """Keep a population; again and again two parents have a child, and the worst one goes.

    Parameters
    ----------
    costs : callable
    space : Space
    evaluations : int
        Calls of `costs`; survivors are not evaluated again.
    seed, population : int
    """
    rng = np.random.default_rng(seed)
    networks = [space.sample(rng) for _ in range(min(population, evaluations))]
    points = [costs(one) for one in networks]
    evaluated, tried = list(points), set(networks)
    while len(evaluated) < evaluations:
        child = _new_child(networks, tried, space, rng)
        tried.add(child)
        evaluated.append(costs(child))
        kept = survivors([*points, evaluated[-1]], len(points))
        networks = [[*networks, child][k] for k in kept]
        points = [[*points, evaluated[-1]][k] for k in kept]
    return evaluated


def _new_child(
    networks: list[Architecture], tried: set, space: Space, rng: np.random.Generator
) -> Architecture:
    """A child that was not evaluated before, unless the space has hardly any left."""
    for _ in range(ATTEMPTS):
        mother, father = (networks[k] for k in rng.integers(len(networks), size=2))
        child = child_of(mother, father, space, rng)
        if child not in tried:
            break
    return child


def child_of(
    mother: Architecture, father: Architecture, space: Space, rng: np.random.Generator
) -> Architecture:
    """A network that has each choice from one parent or the other, and some of its own."""
    depth = int(rng.choice([mother.depth, father.depth]))
    stride = int(rng.choice([mother.stride, father.stride]))
    if rng.random() < CHANCE:
        depth = int(np.clip(depth + rng.choice([-1, 1]), 1, MOST_BLOCKS))
    if rng.random() < CHANCE:
        stride = int(rng.choice(space.strides))
    widths = []
    for layer in range(depth + 1):
        parents = [one.widths[layer] for one in (mother, father) if layer < len(one.widths)]
        fresh = rng.random() < CHANCE or not parents
        widths.append(int(rng.choice(space.widths if fresh else parents)))
    return Architecture(stride, tuple(widths))


def survivors(points: list[Costs2], count: int) -> list[int]:
    """Which points stay: front by front, and of the last front those with the most room around.

    Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II" (2002).
    """
    values, left, kept = np.asarray(points, float), np.arange(len(points)), []
    while len(kept) < count:
        front = left[non_dominated(values[left])]
        room = _room(values[front])
        order = front[np.argsort(-room, kind="stable")]
        kept += order[: count - len(kept)].tolist()
        left = np.setdiff1d(left, front)
    return kept


def _room(points: np.ndarray) -> np.ndarray:
    """How far apart each point's neighbours on the front are; the ends have all the room."""
    room = np.zeros(len(points))
    for column in points.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]] or 1.0
        room[order[[0, -1]]] = np.inf
        room[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return room
