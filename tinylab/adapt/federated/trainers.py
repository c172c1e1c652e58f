"""Clients that train one after another, each by a function: for any kind of model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tinylab.adapt.dense_training import Penalty, Weights
from tinylab.adapt.federated.messages import Dropout, Replies, Task, Update, to_vector, to_weights

__all__ = ["Client", "Trainer", "TrainerFleet", "proximal_penalty"]


@dataclass(frozen=True, eq=False)
class Client:
    """A device and the examples that never leave it.

    Parameters
    ----------
    name : str
    x : array (n, ...)
    y : array (n,), optional
        Labels, where there are any.
    """

    name: str
    x: np.ndarray
    y: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)


class Trainer(Protocol):
    """Trains weights on a client's examples, with extra gradients if a penalty is given.

    `seed` goes to `numpy.random.default_rng`. To say that the client leaves the round, raise
    `Dropout`; any other error is taken for a fault and stops the run.
    """

    def __call__(
        self, weights: Weights, client: Client, *, penalty: Penalty | None, seed: Sequence[int]
    ) -> Weights: ...


class TrainerFleet:
    """Clients, and the function that trains each.

    Parameters
    ----------
    clients : sequence of Client
    trainer : Trainer
        Has its recipe in itself: strategies for this fleet have `recipe=None`.
    like : tuple of arrays
        Weights of the shapes that the trainer works on.
    """

    def __init__(self, clients: Sequence[Client], trainer: Trainer, like: Weights):
        self.clients, self.trainer, self.like = tuple(clients), trainer, like

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in order."""
        return tuple(client.name for client in self.clients)

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Train the chosen clients one after another."""
        if task.recipe is not None or task.corrections is not None:
            raise ValueError("these clients' trainer has its own recipe: use FedAvg(recipe=None)")
        common = to_weights(task.weights, self.like)
        penalty = proximal_penalty(common, task.mu) if task.mu else None
        updates, dropouts = [], {}
        for index in chosen.tolist():
            client = self.clients[index]
            try:
                seed = (task.seed, task.round, index)
                trained = self.trainer(common, client, penalty=penalty, seed=seed)
            except Dropout as reason:
                dropouts[client.name] = str(reason) or "left the round"
                continue
            _check(trained, self.like, client.name)
            updates.append(_update(client, trained, task))
        return Replies(updates, dropouts)


def _update(client: Client, trained: Weights, task: Task) -> Update:
    vector = to_vector(trained)
    return Update(client.name, vector - task.weights, len(client), 0, 4 * vector.size)


def _check(trained: Weights, like: Weights, name: str) -> None:
    """A ValueError unless the trainer returned arrays of the shapes that it was given."""
    if not isinstance(trained, (tuple, list)):
        raise ValueError(f"the trainer of {name!r} must return weights, not {trained!r:.60}")
    shapes, wanted = [np.shape(part) for part in trained], [part.shape for part in like]
    if shapes != wanted:
        raise ValueError(f"the trainer of {name!r} returned shapes {shapes}, not {wanted}")


def proximal_penalty(common: Weights, mu: float) -> Penalty:
    """Gradient of ``mu / 2 |weights - common|^2``."""

    def gradient(weights: Weights) -> Weights:
        return tuple(np.float32(mu) * (value - old) for value, old in zip(weights, common))

    return gradient
