"""Tabular Q-learning (Watkins 1989): a governor that learns by trying.

For each state the table holds, for every action, what may be expected from it on; after a slot the
entry moves towards the reward plus the discounted best of the next state's entries. States are few,
because every one must be visited often: the store in `levels` parts, the day in `dayparts`, the load
of the machine, and the harvest of the slot before in `harvests` parts.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tinylab.cost.governor import Observation, Station
from tinylab.cost.governor_policies import worthwhile
from tinylab.cost.harvest import LOADS, SLOTS_PER_DAY

__all__ = ["QGovernor", "Tiles", "learn"]


class Env(Protocol):
    """What learning needs of an environment (Gymnasium's interface)."""

    def reset(self, *, seed: int | None = None, options: dict | None = None): ...

    def step(self, action): ...


@dataclass(frozen=True)
class Tiles:
    """How an observation becomes the number of a state.

    Parameters
    ----------
    levels : int
        Parts of the store, equally wide.
    dayparts : int
        Parts of the day.
    harvests : tuple of int
        Quanta at which the next part of the harvest begins.
    """

    levels: int = 12
    dayparts: int = 12
    harvests: tuple[int, ...] = (10, 60)

    @property
    def states(self) -> int:
        """How many states there are."""
        return self.levels * self.dayparts * len(LOADS) * (len(self.harvests) + 1)

    def state(self, level: int, capacity: int, slot: int, load: int, harvest: int) -> int:
        """The state of an observation."""
        fill = min(level * self.levels // capacity, self.levels - 1)
        part = slot * self.dayparts // SLOTS_PER_DAY
        income = sum(harvest >= bound for bound in self.harvests)
        return ((fill * self.dayparts + part) * len(LOADS) + load) * (len(self.harvests) + 1) + income


@dataclass(frozen=True, eq=False)
class QGovernor:
    """A policy that takes the action with the largest entry.

    Parameters
    ----------
    table : ndarray of float64, shape (states, actions)
    tiles : Tiles
    curve : ndarray of float64
        Reward of every training episode, for a slot.
    visited : float
        Share of the states that training came to.
    """

    table: np.ndarray
    tiles: Tiles
    curve: np.ndarray
    visited: float

    def __call__(self, seen: Observation) -> int:
        state = self.tiles.state(seen.level, seen.capacity, seen.slot, seen.load, seen.harvest)
        return int(self.table[state].argmax())


def learn(
    env: Env,
    place: Station,
    *,
    tiles: Tiles = Tiles(),
    episodes: int = 200,
    discount: float = 0.98,
    exploration: tuple[float, float] = (0.5, 0.02),
    slowest_rate: float = 0.02,
    seed: int = 0,
) -> QGovernor:
    """Learn a table by acting.

    Parameters
    ----------
    env : GovernorEnv
        Any environment with the same observations will do.
    place : Station
        Its actions; under each load only those that no other beats are tried.
    tiles : Tiles
    episodes : int
    discount : float
        Worth of a reward one slot later.
    exploration : tuple of float
        Share of random actions in the first and in the last episode.
    slowest_rate : float
        The rate of an entry falls as 1 / visits ** 0.6, down to this.
    seed : int

    Returns
    -------
    QGovernor
    """
    rng = np.random.default_rng(seed)
    allowed = [worthwhile(place, load) for load in range(len(LOADS))]
    table = [[0.0] * len(place.actions) for _ in range(tiles.states)]
    visits = [[0] * len(place.actions) for _ in range(tiles.states)]
    curve = np.empty(episodes)
    shares = np.linspace(*exploration, episodes)
    for episode, share in enumerate(shares):
        curve[episode] = _episode(
            env, tiles, allowed, table, visits, share, discount, slowest_rate, rng, seed + episode
        )
    seen = np.array(visits).any(axis=1)
    forbid = np.array(
        [
            [action in allowed[_load_of(tiles, state)] for action in range(len(place.actions))]
            for state in range(tiles.states)
        ]
    )
    return QGovernor(np.where(forbid, table, -np.inf), tiles, curve, float(seen.mean()))


def _episode(env, tiles, allowed, table, visits, share, discount, slowest, rng, seed) -> float:
    """Act through one episode and update the table; the mean reward."""
    observation, _ = env.reset(seed=seed)
    observation = observation.tolist()
    state, total, steps, done = tiles.state(*observation), 0.0, 0, False
    while not done:
        choices, row = allowed[observation[3]], table[state]
        if rng.random() < share:
            action = choices[int(rng.integers(len(choices)))]
        else:
            action = max(choices, key=row.__getitem__)
        observation, reward, ended, cut, _ = env.step(action)
        observation = observation.tolist()
        following = tiles.state(*observation)
        ahead = 0.0 if ended else max(table[following][one] for one in allowed[observation[3]])
        visits[state][action] += 1
        rate = max(visits[state][action] ** -0.6, slowest)
        row[action] += rate * (reward + discount * ahead - row[action])
        state, total, steps, done = following, total + reward, steps + 1, ended or cut
    return total / steps


def _load_of(tiles: Tiles, state: int) -> int:
    return state // (len(tiles.harvests) + 1) % len(LOADS)
