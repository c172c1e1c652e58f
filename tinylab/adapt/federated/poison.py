"""Clients that mean harm: wrong labels, and updates blown up or turned round."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinylab.adapt.federated.messages import Replies, Task
from tinylab.adapt.federated.rounds import Fleet
from tinylab.adapt.federated.stacked import ClientData

__all__ = ["ScalingFleet", "with_shifted_labels"]


def with_shifted_labels(data: ClientData, attackers: Sequence[int], words: int) -> ClientData:
    """The attackers teach every word as the next one.

    Parameters
    ----------
    data : ClientData
    attackers : sequence of int
        Indices of clients.
    words : int
        How many there are.

    Raises
    ------
    ValueError
        An attacker is none of the clients, or a label none of the words.
    """
    rows = _attackers(attackers, len(data.names))
    if data.y.max() >= words:
        raise ValueError(f"there are labels up to {data.y.max()}, so more than {words} words")
    labels = data.y.copy()
    labels[rows] = (labels[rows] + 1) % words
    return replace(data, y=labels)


def _attackers(indices: Sequence[int], clients: int) -> np.ndarray:
    rows = np.asarray(indices, np.int64)
    if np.any(rows < 0) or np.any(rows >= clients):
        raise ValueError(f"attackers are clients 0 to {clients - 1}, not {rows.tolist()}")
    return rows


class ScalingFleet:
    """Clients of whom some multiply their update.

    Parameters
    ----------
    fleet : Fleet
    attackers : sequence of int
        Indices of clients; a ValueError if one is none of them.
    factor : float
        -5 pulls everybody away from what was learned; 20 makes one voice as loud as twenty.
    """

    def __init__(self, fleet: Fleet, attackers: Sequence[int], factor: float):
        self.fleet, self.factor = fleet, np.float32(factor)
        rows = _attackers(attackers, len(fleet.names))
        self.attackers = {fleet.names[index] for index in rows.tolist()}

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in order."""
        return self.fleet.names

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Train; attackers then multiply."""
        replies = self.fleet.train(chosen, task)
        updates = [
            replace(update, change=update.change * self.factor)
            if update.client in self.attackers
            else update
            for update in replies.updates
        ]
        return Replies(updates, replies.dropouts)
