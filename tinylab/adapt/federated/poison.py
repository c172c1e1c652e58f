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
    """
    labels = data.y.copy()
    rows = np.asarray(attackers, np.int64)
    labels[rows] = (labels[rows] + 1) % words
    return replace(data, y=labels)


class ScalingFleet:
    """Clients of whom some multiply their update.

    Parameters
    ----------
    fleet : Fleet
    attackers : sequence of int
    factor : float
        -5 pulls everybody away from what was learned; 20 makes one voice as loud as twenty.
    """

    def __init__(self, fleet: Fleet, attackers: Sequence[int], factor: float):
        self.fleet, self.factor = fleet, np.float32(factor)
        self.attackers = {fleet.names[index] for index in attackers}

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in order."""
        return self.fleet.names

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Train; attackers then multiply."""
        replies = self.fleet.train(chosen, task)
        updates = [
            replace(one, change=one.change * self.factor) if one.client in self.attackers else one
            for one in replies.updates
        ]
        return Replies(updates, replies.dropouts)
