"""Federated learning: clients that keep their sounds to themselves in, one model for all out.

A round has four verbs, which a `Strategy` gives meaning to: `sample` some clients, let each `fit`
the
model to its own examples, `aggregate` what comes back, `evaluate` the result. A client that fails
is reported in the round's record, and the round goes on without it.

`FedAvg` (McMahan et al., AISTATS 2017) averages weights by numbers of examples. `FedProx` (Li et
al.,
MLSys 2020) pulls each client back towards the common model while it trains, so that unlike clients
do not run apart.

Nothing here knows a kind of model: weights are tuples of arrays, and training is a function.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.dense_training import Penalty, Weights

__all__ = [
    "Client",
    "FedAvg",
    "FedProx",
    "Fit",
    "Round",
    "Strategy",
    "Trainer",
    "federate",
    "proximal_penalty",
    "weighted_mean",
]


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


@dataclass(frozen=True, eq=False)
class Fit:
    """What a client sends back: weights, and on how many examples they were trained."""

    client: str
    weights: Weights
    examples: int


class Trainer(Protocol):
    """Trains weights on a client's examples, with extra gradients if a penalty is given."""

    def __call__(
        self, weights: Weights, client: Client, *, penalty: Penalty | None, seed: int
    ) -> Weights: ...


class Strategy(Protocol):
    """The verbs of a round."""

    def sample(self, clients: Sequence[Client], rng: np.random.Generator) -> Sequence[Client]: ...

    def fit(self, weights: Weights, client: Client, seed: int) -> Fit: ...

    def aggregate(self, weights: Weights, fits: Sequence[Fit]) -> Weights: ...

    def evaluate(self, weights: Weights) -> dict[str, float]: ...


@dataclass(frozen=True)
class FedAvg:
    """Federated averaging.

    Parameters
    ----------
    trainer : Trainer
        Local training.
    measure : callable
        Weights in, figures by name out.
    share : float
        Of the clients that take part in a round, at least one.
    """

    trainer: Trainer
    measure: Callable[[Weights], dict[str, float]]
    share: float = 1.0

    def sample(self, clients: Sequence[Client], rng: np.random.Generator) -> list[Client]:
        """Draw the clients of a round, without repetition."""
        count = max(1, round(self.share * len(clients)))
        return [clients[k] for k in sorted(rng.permutation(len(clients))[:count])]

    def fit(self, weights: Weights, client: Client, seed: int) -> Fit:
        """Train on one client."""
        trained = self.trainer(weights, client, penalty=self.penalty(weights), seed=seed)
        return Fit(client.name, trained, len(client))

    def penalty(self, weights: Weights) -> Penalty | None:
        """What keeps a client near the common model: nothing, here."""
        return None

    def aggregate(self, weights: Weights, fits: Sequence[Fit]) -> Weights:
        """Mean of the clients' weights by numbers of examples; the old weights if none came."""
        if not fits:
            return weights
        return weighted_mean([fit.weights for fit in fits], [fit.examples for fit in fits])

    def evaluate(self, weights: Weights) -> dict[str, float]:
        """Figures of the common model."""
        return self.measure(weights)


@dataclass(frozen=True)
class FedProx(FedAvg):
    """Federated averaging with a proximal term on each client, mu / 2 |weights - common|^2."""

    mu: float = 0.1

    def penalty(self, weights: Weights) -> Penalty | None:
        """The gradient of the proximal term."""
        return proximal_penalty(weights, self.mu)


@dataclass(frozen=True)
class Round:
    """The record of a round.

    Parameters
    ----------
    number : int
        0 is before the first.
    figures : dict of str to float
        From `evaluate`.
    clients : tuple of str
        Who sent weights.
    failures : dict of str to str
        Who did not, and why.
    sent_bytes : int
        Weights down to all that took part, and up from those that answered, as float32.
    """

    number: int
    figures: dict[str, float]
    clients: tuple[str, ...] = ()
    failures: dict[str, str] = field(default_factory=dict)
    sent_bytes: int = 0


def federate(
    strategy: Strategy,
    clients: Sequence[Client],
    weights: Weights,
    *,
    rounds: int,
    seed: int = 0,
    progress: bool = False,
) -> tuple[Weights, tuple[Round, ...]]:
    """Run rounds; returns the common weights and a record of every round.

    Parameters
    ----------
    strategy : Strategy
    clients : sequence of Client
    weights : tuple of arrays
        To start from.
    rounds : int
    seed : int
        Of the clients' draw and of their training.
    progress : bool

    Raises
    ------
    ValueError
        No clients, or two of one name.
    """
    names = [client.name for client in clients]
    if not names or len(set(names)) < len(names):
        raise ValueError("pass one client or more, each with a name of its own")
    rng = np.random.default_rng(seed)
    record = [Round(0, strategy.evaluate(weights))]
    for number in tqdm(range(1, rounds + 1), disable=not progress, unit="round"):
        chosen = strategy.sample(clients, rng)
        fits, failures = _fit_all(strategy, weights, chosen, seed=seed + number)
        size = 4 * sum(value.size for value in weights)
        weights = strategy.aggregate(weights, fits)
        sent = size * (len(chosen) + len(fits))
        done = tuple(fit.client for fit in fits)
        record.append(Round(number, strategy.evaluate(weights), done, failures, sent))
    return weights, tuple(record)


def _fit_all(
    strategy: Strategy, weights: Weights, chosen: Sequence[Client], seed: int
) -> tuple[list[Fit], dict[str, str]]:
    """Fit every chosen client; whatever goes wrong on one becomes its line in the record."""
    fits, failures = [], {}
    for client in chosen:
        try:
            fits.append(strategy.fit(weights, client, seed))
        except Exception as error:
            failures[client.name] = f"{type(error).__name__}: {error}"
    return fits, failures


def weighted_mean(weights: Sequence[Weights], amounts: Sequence[float]) -> Weights:
    """Mean of several models' weights, layer by layer.

    Parameters
    ----------
    weights : sequence of tuples of arrays
        All of the same shapes.
    amounts : sequence of float
        How much each counts; not all zero.
    """
    shares = np.asarray(amounts, np.float64) / np.sum(amounts)
    return tuple(
        sum(share * value for share, value in zip(shares, layer)).astype(np.float32)
        for layer in zip(*weights, strict=True)
    )


def proximal_penalty(common: Weights, mu: float) -> Penalty:
    """Gradient of mu / 2 |weights - common|^2."""

    def gradient(weights: Weights) -> Weights:
        return tuple(np.float32(mu) * (value - old) for value, old in zip(weights, common))

    return gradient
