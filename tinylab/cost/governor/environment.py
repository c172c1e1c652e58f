"""The governor's world as a Gymnasium environment, for any kind of reinforcement learning.

Observations are five integers: level of the store, capacity, slot of the day, load of the machine,
and what the slot before harvested, both energies in quanta. Actions are those of the station. The
reward is the damage avoided. An episode is `days_per_episode` days in a row, drawn from a trace,
with a
store that is filled at random at first; it is cut off then, not ended (`truncated`), because the
device goes on living.
"""

import gymnasium
import numpy as np
from gymnasium import spaces

from tinylab.cost.governor.harvest import LOADS, SLOTS_PER_DAY, Trace
from tinylab.cost.governor.station import Station, quanta

__all__ = ["GovernorEnv"]


class GovernorEnv(gymnasium.Env):
    """A station on days of a trace.

    Parameters
    ----------
    node : Station
    days : Trace
    days_per_episode : int
    """

    metadata = {"render_modes": []}

    def __init__(self, node: Station, days: Trace, *, days_per_episode: int = 5):
        if not 1 <= days_per_episode <= days.days:
            raise ValueError(f"days_per_episode must lie in 1..{days.days}, not {days_per_episode}")
        self.node, self.days_per_episode = node, days_per_episode
        self._harvest = quanta(days, node.quantum_mJ).ravel().tolist()
        self._load = days.load.ravel().tolist()
        highest = max(max(self._harvest), node.capacity) + 1
        bounds = [node.capacity + 1, node.capacity + 1, SLOTS_PER_DAY, len(LOADS), highest]
        self.observation_space = spaces.MultiDiscrete(np.array(bounds, np.int64))
        self.action_space = spaces.Discrete(len(node.actions))
        self._slot = self._end = self._level = 0

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        """Start on a random day with a random level; `options` may fix "day" and "level"."""
        super().reset(seed=seed)
        options = options or {}
        last = len(self._load) // SLOTS_PER_DAY - self.days_per_episode
        day = options.get("day", int(self.np_random.integers(0, last + 1)))
        self._slot = day * SLOTS_PER_DAY
        self._end = self._slot + self.days_per_episode * SLOTS_PER_DAY
        self._level = options.get("level", int(self.np_random.integers(0, self.node.capacity + 1)))
        return self._observation(), {}

    def step(self, action):
        """One slot; see `tinylab.cost.governor.station.Station.step`."""
        slot = self._slot
        self._level, reward, dark = self.node.step(
            self._level, int(action), self._harvest[slot], self._load[slot]
        )
        self._slot += 1
        return self._observation(), reward, False, self._slot >= self._end, {"brown_out": dark}

    def _observation(self) -> np.ndarray:
        slot = min(self._slot, len(self._load) - 1)
        before = self._harvest[self._slot - 1] if self._slot else 0
        return np.array(
            [
                self._level,
                self.node.capacity,
                self._slot % SLOTS_PER_DAY,
                self._load[slot],
                before,
            ],
            np.int64,
        )
