"""All clients of a round trained at once, in one stacked computation.

Training twenty clients one by one is twenty times the same few small products; stacked, they are
one product of three axes, and Python is out of the way. A client's batches depend on the seed, the
round and the client alone, so a loop, a stack and a network of real devices give the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.messages import (
    LocalRecipe,
    Replies,
    Task,
    Update,
    to_vector,
    to_weights,
)
from tinylab.adapt.federated.networks import Network
from tinylab.adapt.federated.settings import require_number

__all__ = ["ClientData", "StackedFleet", "Stragglers", "batches", "train_one", "train_stacked"]

_LATE = 11  # sets the draw of stragglers apart from [seed, round, client]


@dataclass(frozen=True, eq=False)
class ClientData:
    """Examples of all clients.

    Parameters
    ----------
    names : tuple of str
    x : float32 array (clients, most, ...)
        The first `counts[k]` rows of client k are its examples.
    y : int array (clients, most)
    counts : int array (clients,)
    """

    names: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    counts: np.ndarray

    def __post_init__(self) -> None:
        if not len(self.names) == len(self.x) == len(self.y) == len(self.counts) > 0:
            raise ValueError("names, x, y and counts must have a row for each of 1 or more clients")
        most = self.y.shape[1]
        if self.x.shape[1] != most or np.min(self.counts) < 1 or np.max(self.counts) > most:
            raise ValueError(
                f"each client needs 1 to {most} examples, as many as x and y have columns"
            )
        if self.y.dtype.kind not in "iu" or self.y.min() < 0:
            raise ValueError("labels must be whole numbers of 0 or more")


@dataclass(frozen=True)
class Stragglers:
    """Clients that are too slow to finish in time.

    Parameters
    ----------
    share : float
        Probability that a client is slow in a round; a slow client has done from one epoch to
        all but one when the time is up.
    partial : bool
        Whether it may send what it has done; otherwise it drops out of the round.
    """

    share: float
    partial: bool = True

    def __post_init__(self) -> None:
        require_number("share of slow clients", self.share, 0, 1, ends="low high")

    def epochs(self, task: Task, client: int, wanted: int) -> int:
        """How many epochs a client manages."""
        rng = np.random.default_rng([task.seed, task.round, client, _LATE])
        slow = rng.random() < self.share
        return int(rng.integers(1, max(2, wanted))) if slow else wanted


class StackedFleet:
    """Clients of one network that train together.

    Parameters
    ----------
    network : Network
    data : ClientData
    like : tuple of arrays
        Weights of the network's shapes.
    stragglers : Stragglers, optional

    Raises
    ------
    ValueError
        Examples or labels do not fit the network.
    """

    def __init__(
        self,
        network: Network,
        data: ClientData,
        like: Weights,
        stragglers: Stragglers | None = None,
    ):
        inputs, words = like[0].shape[0], like[-1].size
        if data.x.shape[-1] != inputs or data.y.max() >= words:
            raise ValueError(
                f"the network takes {inputs} features and labels below {words}, and the clients"
                f" have {data.x.shape[-1]} and labels up to {data.y.max()}"
            )
        self.network, self.data, self.like, self.stragglers = network, data, like, stragglers

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in order."""
        return self.data.names

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Train the chosen clients in one computation."""
        recipe = task.recipe
        if recipe is None:
            raise ValueError("these clients need a recipe: pass one to the strategy")
        chosen, task, epochs, late = self._in_time(chosen, task, recipe)
        if not len(chosen):
            return Replies([], late)
        steps = [
            batches(
                self.data.counts[client],
                replace(recipe, epochs=done),
                (task.seed, task.round, client),
            )
            for client, done in zip(chosen.tolist(), epochs)
        ]
        changes = train_stacked(self.network, self.like, self.data, chosen, steps, task)
        size = 4 * task.weights.size
        updates = [
            Update(self.names[client], change, int(self.data.counts[client]), len(index), size)
            for client, change, (index, _) in zip(chosen.tolist(), changes, steps)
        ]
        return Replies(updates, late)

    def _in_time(
        self, chosen: np.ndarray, task: Task, recipe: LocalRecipe
    ) -> tuple[np.ndarray, Task, list[int], dict[str, str]]:
        """Who will answer, after how many epochs, and who drops out."""
        if self.stragglers is None:
            return chosen, task, [recipe.epochs] * len(chosen), {}
        done = [self.stragglers.epochs(task, k, recipe.epochs) for k in chosen.tolist()]
        if self.stragglers.partial:
            return chosen, task, done, {}
        kept = np.array(done) == recipe.epochs
        late = {
            self.names[k]: f"had done {n} of {recipe.epochs} epochs when the time was up"
            for k, n, in_time in zip(chosen.tolist(), done, kept)
            if not in_time
        }
        if task.corrections is not None:
            task = replace(task, corrections=task.corrections[kept])
        return chosen[kept], task, [recipe.epochs] * int(kept.sum()), late


def batches(count: int, recipe: LocalRecipe, key: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The examples of every step of one client's training.

    Parameters
    ----------
    count : int
        Examples of the client.
    recipe : LocalRecipe
    key : sequence of int
        Seeds their order: (seed, round, client).

    Returns
    -------
    tuple of arrays (steps, batch_size)
        Indices, and the share of each example in its batch's mean; the last batch of an epoch may
        be short, and is filled up with examples of share 0.
    """
    blank, shares = _unshuffled(int(count), recipe.epochs, recipe.batch_size)
    index = blank.copy()
    index[:, :count] = np.random.default_rng(key).permuted(index[:, :count], axis=1)
    return index.reshape(-1, recipe.batch_size), shares


@cache
def _unshuffled(count: int, epochs: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices (epochs, steps * size) before they are shuffled, and the shares of `batches`."""
    steps = -(-count // size)
    index = np.zeros((epochs, steps * size), np.int64)
    index[:, :count] = np.arange(count)
    shares = np.zeros((epochs, steps * size), np.float32)
    shares[:, :count] = 1 / size
    shares[:, (steps - 1) * size : count] = 1 / (count - (steps - 1) * size)
    shares.flags.writeable = index.flags.writeable = False  # all clients of this size share them
    return index, shares.reshape(-1, size)


def train_stacked(
    network: Network,
    like: Weights,
    data: ClientData,
    chosen: np.ndarray,
    steps: Sequence[tuple[np.ndarray, np.ndarray]],
    task: Task,
) -> np.ndarray:
    """Gradient descent of all chosen clients at once.

    Parameters
    ----------
    network : Network
    like : tuple of arrays
        For the shapes.
    data : ClientData
    chosen : int array (drawn,)
    steps : for each of them, its `batches`
    task : Task

    Returns
    -------
    float32 array (drawn, size)
        Trained weights minus the common ones. A client with fewer steps waits for the others.
    """
    assert task.recipe is not None
    rate, mu = np.float32(task.recipe.learning_rate), np.float32(task.mu)
    index, shares = _aligned(steps)
    asleep: np.ndarray = ~np.any(shares, axis=2)
    waits = [bool(row.any()) for row in asleep]
    rows = chosen[:, None]
    own = np.repeat(task.weights[None], len(chosen), axis=0)
    views, common = to_weights(own, like), to_weights(task.weights, like)  # share their memory
    corrections = None if task.corrections is None else to_weights(task.corrections, like)
    # The products are too small to share. What overflows is refused by name, without a warning.
    with _threads().limit(limits=1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for number, (step, share) in enumerate(zip(index, shares)):
            gradient = network.gradients(views, data.x[rows, step], data.y[rows, step], share)
            for layer, move in enumerate(gradient):
                if mu:
                    move += mu * (views[layer] - common[layer])
                if corrections is not None:
                    move += corrections[layer]
                move *= rate
                if waits[number]:
                    move[asleep[number]] = 0
                views[layer][...] -= move
    return own - task.weights


@cache
def _threads() -> ThreadpoolController:
    """numpy's thread pools: finding them takes longer than a round's plan."""
    return ThreadpoolController()


def _aligned(steps: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """The clients' batches side by side: (steps, clients, batch); who is done has shares of 0."""
    most, size = max(len(index) for index, _ in steps), steps[0][0].shape[1]
    index = np.zeros((most, len(steps), size), np.int64)
    shares = np.zeros((most, len(steps), size), np.float32)
    for client, (own, share) in enumerate(steps):
        index[: len(own), client], shares[: len(own), client] = own, share
    return index, shares


def train_one(
    network: Network,
    weights: Weights,
    x: np.ndarray,
    y: np.ndarray,
    task: Task,
    client: int,
) -> np.ndarray:
    """The same for one client, as a device does it: returns its change, float32 (size,).

    Parameters
    ----------
    network : Network
    weights : tuple of float32 arrays
        For the shapes; the common ones come with the task.
    x, y : arrays (n, ...), (n,)
    task : Task
        If it has corrections, one row of them: this client's.
    client : int
        Its index among all, which seeds its batches.
    """
    assert task.recipe is not None
    index, shares = batches(len(x), task.recipe, (task.seed, task.round, client))
    own = task.weights.copy()
    for step, share in zip(index, shares):
        batch, share = step[share > 0], share[share > 0]
        gradient = network.gradients(to_weights(own, weights), x[batch], y[batch], share)
        move = to_vector(gradient) + np.float32(task.mu) * (own - task.weights)
        if task.corrections is not None:
            move += task.corrections[0]
        own -= np.float32(task.recipe.learning_rate) * move
    return own - task.weights
