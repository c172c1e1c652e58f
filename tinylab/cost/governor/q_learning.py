"""Tabular Q-learning (Watkins 1989): a governor that learns by trying.

For each state the table holds, for every action, what may be expected from it on; after a slot the
entry moves towards the reward plus the discounted best of the next state's entries. States are few,
because every one must be visited often: the store in `levels` parts, the day in `dayparts`, the
load of the machine, and the harvest of the slot before in `harvests` parts.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tinylab.cost.catalogue.checks import fraction, whole
from tinylab.cost.governor.harvest import LOADS, SLOTS_PER_DAY
from tinylab.cost.governor.policies import worthwhile
from tinylab.cost.governor.station import Observation, Station

__all__ = ["LearningSettings", "QGovernor", "Tiles", "learn"]


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

    levels: int = 8
    dayparts: int = 8
    harvests: tuple[int, ...] = (30, 180)

    @property
    def states(self) -> int:
        """How many states there are."""
        return self.levels * self.dayparts * len(LOADS) * (len(self.harvests) + 1)

    def state(self, level: int, capacity: int, slot: int, load: int, harvest: int) -> int:
        """The state of an observation."""
        fill = min(level * self.levels // capacity, self.levels - 1)
        part = slot * self.dayparts // SLOTS_PER_DAY
        income = sum(harvest >= bound for bound in self.harvests)
        return ((fill * self.dayparts + part) * len(LOADS) + load) * (
            len(self.harvests) + 1
        ) + income

    def load(self, state: int) -> int:
        """The load of the machine in a state."""
        return state // (len(self.harvests) + 1) % len(LOADS)


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


@dataclass(frozen=True)
class LearningSettings:
    """How a governor learns.

    Attributes
    ----------
    episodes : int
    discount : float
        Worth of a reward one slot later.
    exploration : tuple of float
        Share of random actions in the first and in the last episode.
    rate_exponent, slowest_rate : float
        The learning rate of an entry falls as visits ** -rate_exponent, down to `slowest_rate`.
    """

    episodes: int = 1200
    discount: float = 0.95
    exploration: tuple[float, float] = (0.3, 0.02)
    rate_exponent: float = 0.8
    slowest_rate: float = 0.003


def learn(
    env: Env,
    node: Station,
    *,
    tiles: Tiles = Tiles(),
    settings: LearningSettings = LearningSettings(),
    seed: int = 0,
) -> QGovernor:
    """Learn a table by acting.

    The table starts at what one episode of random actions promises, so that entries that were never
    tried are neither feared nor sought.

    Parameters
    ----------
    env : GovernorEnv
        Any environment with the same observations will do.
    node : Station
        Its actions; under each load only those that no other beats are tried.
    tiles : Tiles
    settings : LearningSettings
    seed : int

    Returns
    -------
    QGovernor
    """
    whole("episodes", settings.episodes, 1)
    fraction("discount", settings.discount, zero=True)
    learner = _Learner(env, node, tiles, settings, seed)
    learner.fill(learner.episode(1.0, seed) / (1 - settings.discount))
    shares = np.linspace(*settings.exploration, settings.episodes)
    curve = np.array([learner.episode(share, seed + 1 + n) for n, share in enumerate(shares)])
    return learner.governor(curve)


class _Learner:
    """The table while it is learned, as lists: quicker than arrays, one entry at a time."""

    def __init__(self, env, node, tiles, settings: LearningSettings, seed):
        self.env, self.tiles, self.discount = env, tiles, settings.discount
        self.rate_exponent, self.slowest_rate = settings.rate_exponent, settings.slowest_rate
        self.allowed = [worthwhile(node, load) for load in range(len(LOADS))]
        self.actions = len(node.actions)
        self.rng = np.random.default_rng(seed)
        self.fill(0.0)

    def fill(self, value: float) -> None:
        """Forget everything, and expect `value` everywhere."""
        self.table = [[value] * self.actions for _ in range(self.tiles.states)]
        self.visits = [[0] * self.actions for _ in range(self.tiles.states)]

    def episode(self, share: float, seed: int) -> float:
        """Act through one episode, learning; return the mean reward of a slot."""
        observation = self.env.reset(seed=seed)[0].tolist()
        state, total, steps, done = self.tiles.state(*observation), 0.0, 0, False
        while not done:
            action = self._choose(state, self.allowed[observation[3]], share)
            observation, reward, ended, cut, _ = self.env.step(action)
            observation = observation.tolist()
            following = self.tiles.state(*observation)
            ahead = self.table[following]
            best = 0.0 if ended else max(ahead[action] for action in self.allowed[observation[3]])
            self._update(state, action, reward + self.discount * best)
            state, total, steps, done = following, total + reward, steps + 1, ended or cut
        return total / steps

    def _choose(self, state: int, choices: tuple[int, ...], share: float) -> int:
        if self.rng.random() < share:
            return choices[int(self.rng.random() * len(choices))]
        return max(choices, key=self.table[state].__getitem__)

    def _update(self, state: int, action: int, target: float) -> None:
        self.visits[state][action] += 1
        rate = max(self.visits[state][action] ** -self.rate_exponent, self.slowest_rate)
        self.table[state][action] += rate * (target - self.table[state][action])

    def governor(self, curve: np.ndarray) -> QGovernor:
        """The policy; actions that are beaten under a state's load are never taken."""
        table = np.array(self.table)
        for load, choices in enumerate(self.allowed):
            beaten = np.setdiff1d(np.arange(self.actions), choices)
            states = [n for n in range(self.tiles.states) if self.tiles.load(n) == load]
            table[np.ix_(np.array(states, int), beaten)] = -np.inf
        visited = float(np.array(self.visits).any(axis=1).mean())
        return QGovernor(table, self.tiles, curve, visited)
