"""The loop of federated learning: draw clients, let them train, check what came back, step.

::

    state = strategy.start(weights)
    each round:   chosen  = strategy.sample(state)
                  replies = fleet.train(chosen, strategy.instruct(state, chosen))
                  state   = strategy.aggregate(state, the sound ones)

A fleet is whoever trains: all clients stacked in one computation, one by one, or over a network.
Nothing is swallowed: who dropped out and whose numbers were refused stands in the round's record,
and any other error stops the run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.messages import Replies, Task, Update, accept, to_vector, to_weights
from tinylab.adapt.federated.settings import require_whole
from tinylab.adapt.federated.strategies import State, Strategy

__all__ = ["Fleet", "Round", "federate"]

Measure = Callable[[Weights], dict[str, float]]


class Fleet(Protocol):
    """Clients that can be asked to train."""

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in the order of their indices."""
        ...

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Give every chosen client the task; returns what came back, in any order."""
        ...


@dataclass(frozen=True)
class Round:
    """The record of a round.

    Parameters
    ----------
    number : int
        0 is before the first.
    figures : dict of str to float
        What `measure` said of the common model; empty where it was not asked.
    clients : tuple of str
        Whose updates were used.
    dropouts, refused : dict of str to str
        Who left the round, whose update was not used, and why.
    down_bytes, up_bytes : int
        To all that were drawn; from those that answered.
    """

    number: int
    figures: dict[str, float] = field(default_factory=dict)
    clients: tuple[str, ...] = ()
    dropouts: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    down_bytes: int = 0
    up_bytes: int = 0

    @property
    def sent_bytes(self) -> int:
        """Both ways."""
        return self.down_bytes + self.up_bytes


def federate(
    strategy: Strategy,
    fleet: Fleet,
    weights: Weights,
    *,
    rounds: int,
    seed: int = 0,
    measure: Measure | None = None,
    every: int = 1,
    progress: bool = False,
) -> tuple[Weights, tuple[Round, ...]]:
    """Run rounds; returns the common weights and a record of every round.

    Parameters
    ----------
    strategy : Strategy
    fleet : Fleet
    weights : tuple of float32 arrays
        To start from.
    rounds : int
    seed : int
        Of the draw of clients and of their training.
    measure : callable, optional
        Weights in, figures by name out; asked before the first round, after every `every`-th, and
        after the last.
    every : int
    progress : bool

    Raises
    ------
    ValueError
        No clients, two of one name, weights that are not finite, numbers of rounds that mean
        nothing; a strategy that draws nobody's index, loses its state, or steps out of float32.
    """
    names = tuple(fleet.names)
    if not names or len(set(names)) < len(names):
        raise ValueError("pass one client or more, each with a name of its own")
    for name, value, least in (("rounds", rounds, 0), ("every", every, 1), ("seed", seed, 0)):
        require_whole(name, value, least)
    if not weights or not np.isfinite(to_vector(weights)).all():
        raise ValueError("the weights to start from must be arrays of finite numbers")
    state = strategy.start(to_vector(weights), len(names), seed)
    record = [Round(0, measure(weights) if measure else {})]
    for number in tqdm(range(1, rounds + 1), disable=not progress, unit="round"):
        state, done = _one_round(strategy, fleet, state, names)
        if measure and (number % every == 0 or number == rounds):
            done = replace(done, figures=measure(to_weights(state.weights, weights)))
        record.append(done)
    return to_weights(state.weights, weights), tuple(record)


def _one_round(
    strategy: Strategy, fleet: Fleet, state: State, names: tuple[str, ...]
) -> tuple[State, Round]:
    chosen = _drawn(strategy.sample(state), len(names))
    task = strategy.instruct(state, chosen)
    replies = fleet.train(chosen, task) if len(chosen) else Replies([])
    # Sums of floats depend on their order, so it must not depend on who answered first.
    answered = _in_order(replies.updates, names)
    sound, refused = accept(answered, state.weights.size)
    state = _next(state, strategy.aggregate(state, sound, names))
    record = Round(
        state.round,
        clients=tuple(update.client for update in sound),
        dropouts=dict(replies.dropouts),
        refused=refused,
        down_bytes=task.sent_bytes * len(chosen),
        up_bytes=sum(update.sent_bytes for update in replies.updates),
    )
    return state, record


def _drawn(chosen, clients: int) -> np.ndarray:
    """The indices that a strategy drew, int64; a ValueError if they are no clients."""
    indices = np.asarray(chosen)
    whole = indices.ndim == 1 and (indices.dtype.kind in "iu" or not indices.size)
    if (
        not whole
        or len(set(indices.tolist())) < len(indices)
        or not np.all((0 <= indices) & (indices < clients))
    ):
        raise ValueError(
            f"sample must give indices from 0 to {clients - 1}, each once, not {chosen!r:.60}"
        )
    return indices.astype(np.int64)


def _next(before: State, after) -> State:
    """What `aggregate` returned; a ValueError if that is no state to go on from."""
    if not isinstance(after, State):
        raise ValueError(f"aggregate must return the new State, not {after!r:.60}")
    if after.round != before.round + 1 or after.weights.shape != before.weights.shape:
        raise ValueError(
            f"aggregate must count the round and keep {before.weights.shape} weights, not return"
            f" round {after.round} after {before.round} with {after.weights.shape}"
        )
    if not np.isfinite(after.weights).all():
        raise ValueError(
            f"the common weights are not finite after round {after.round}: a client's or the"
            " server's step is too large"
        )
    return after


def _in_order(updates: Sequence[Update], names: tuple[str, ...]) -> list[Update]:
    rank = {name: index for index, name in enumerate(names)}
    unknown = [update.client for update in updates if update.client not in rank]
    if unknown:
        raise ValueError(f"{unknown[0]!r} answered and is none of the clients")
    return sorted(updates, key=lambda update: rank[update.client])
