"""What the server does: whom it draws, what it asks, and how it steps with what came back.

A strategy is a few numbers that never change; what the server remembers from round to round is its
`State`, which `start` makes and `aggregate` replaces.

Sources: FedAvg, McMahan et al., AISTATS 2017; FedProx, Li et al., MLSys 2020; FedAvgM, Hsu et al.,
2019; FedAdam, Reddi et al., ICLR 2021; SCAFFOLD, Karimireddy et al., ICML 2020.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from tinylab.adapt.federated.messages import LocalRecipe, Task, Update
from tinylab.adapt.federated.rules import Rule, weighted_mean
from tinylab.adapt.federated.settings import require_number

__all__ = ["FedAdam", "FedAvg", "FedAvgM", "FedProx", "Scaffold", "State", "Strategy"]

_DRAW = (0, 7)  # sets the server's own randomness apart from every client's [seed, round, client]


@dataclass(frozen=True, eq=False)
class State:
    """What the server remembers.

    Parameters
    ----------
    weights : float32 array (size,)
    clients : int
        How many there are in all.
    seed : int
    round : int
        Rounds that are done.
    memory : mapping of str to array
        Momentum and the like, by the strategy.
    """

    weights: np.ndarray
    clients: int
    seed: int = 0
    round: int = 0
    memory: Mapping[str, np.ndarray] = field(default_factory=dict)


class Strategy(Protocol):
    """The server's verbs."""

    def start(self, weights: np.ndarray, clients: int, seed: int) -> State: ...

    def sample(self, state: State) -> np.ndarray: ...

    def instruct(self, state: State, chosen: np.ndarray) -> Task: ...

    def aggregate(self, state: State, updates: Sequence[Update], names: Sequence[str]) -> State: ...


@dataclass(frozen=True)
class FedAvg:
    """Federated averaging, and what the others share.

    Parameters
    ----------
    recipe : LocalRecipe or None
        The clients' training; None where their trainer has its own.
    share : float
        Of the clients that take part in a round.
    draw : {"fixed", "poisson"}
        "fixed": the same number each round, at least one. "poisson": each client by a coin of its
        own, so that a round may be small, or empty; what privacy accounting assumes.
    rule : callable
        One of `tinylab.adapt.federated.rules`.
    mu : float
        Pull of each client towards the common weights (FedProx); 0 for none.
    """

    recipe: LocalRecipe | None = LocalRecipe()
    share: float = 0.2
    draw: str = "fixed"
    rule: Rule = weighted_mean
    mu: float = 0.0

    def __post_init__(self) -> None:
        require_number("share, of the clients in a round,", self.share, 0, 1, ends="high")
        if self.draw not in ("fixed", "poisson"):
            raise ValueError(f'draw must be "fixed" or "poisson", not {self.draw!r}')
        require_number("mu", self.mu, 0, ends="low")

    def start(self, weights: np.ndarray, clients: int, seed: int) -> State:
        """The state before the first round."""
        return State(np.asarray(weights, np.float32), clients, seed)

    def sample(self, state: State) -> np.ndarray:
        """Indices of the next round's clients, rising."""
        rng = np.random.default_rng([state.seed, state.round + 1, *_DRAW])
        if self.draw == "poisson":
            return np.flatnonzero(rng.random(state.clients) < self.share)
        count = max(1, round(self.share * state.clients))
        return np.sort(rng.permutation(state.clients)[:count])

    def instruct(self, state: State, chosen: np.ndarray) -> Task:
        """What the chosen clients are asked to do."""
        return Task(state.weights, state.seed, state.round + 1, self.recipe, self.mu)

    def aggregate(self, state: State, updates: Sequence[Update], names: Sequence[str]) -> State:
        """The state after a round; a round that brought nothing changes nothing but its number.

        Parameters
        ----------
        state : State
        updates : sequence of Update
            Sound ones, in the order of the clients.
        names : sequence of str
            Of all clients, in order.
        """
        if not updates:
            return replace(state, round=state.round + 1)
        changes = np.stack([update.change for update in updates]).astype(np.float64)
        examples = np.array([update.examples for update in updates])
        direction = np.asarray(self.rule(changes, examples))
        if direction.shape != state.weights.shape:
            raise ValueError(
                f"the rule must give {state.weights.shape} numbers, not {direction.shape}"
            )
        return self.step(state, direction)

    def step(self, state: State, direction: np.ndarray, **memory: np.ndarray) -> State:
        """Add a direction to the weights, and remember."""
        weights = (state.weights + direction).astype(np.float32)
        kept = {**state.memory, **memory}
        return replace(state, weights=weights, round=state.round + 1, memory=kept)


@dataclass(frozen=True)
class FedProx(FedAvg):
    """Federated averaging whose clients are pulled back by mu (weights - common weights)."""

    mu: float = 0.1


@dataclass(frozen=True)
class FedAvgM(FedAvg):
    """Federated averaging with momentum at the server: the mean update goes on from round to round.

    Parameters
    ----------
    momentum, server_rate : float
        velocity = momentum * velocity + mean update; step = server_rate * velocity.
    """

    momentum: float = 0.9
    server_rate: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_number("momentum", self.momentum, 0, 1, ends="low")
        require_number("server_rate", self.server_rate, 0)

    def step(self, state: State, direction: np.ndarray, **memory: np.ndarray) -> State:
        """Momentum instead of the plain step."""
        velocity = self.momentum * state.memory.get("velocity", 0.0) + direction
        return super().step(state, self.server_rate * velocity, velocity=velocity)


@dataclass(frozen=True)
class FedAdam(FedAvg):
    """Federated averaging whose server steps by Adam (without bias correction, as published).

    Parameters
    ----------
    server_rate, decay, decay_squares : float
    floor : float
        Added to the root of the squares: the smaller, the more a rare weight moves.
    """

    server_rate: float = 0.03
    decay: float = 0.9
    decay_squares: float = 0.99
    floor: float = 1e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_number("server_rate", self.server_rate, 0)
        require_number("decay", self.decay, 0, 1, ends="low")
        require_number("decay_squares", self.decay_squares, 0, 1, ends="low")
        require_number("floor", self.floor, 0)

    def step(self, state: State, direction: np.ndarray, **memory: np.ndarray) -> State:
        """Adam instead of the plain step."""
        a, b = self.decay, self.decay_squares
        mean = a * state.memory.get("mean", 0.0) + (1 - a) * direction
        squares = b * state.memory.get("squares", 0.0) + (1 - b) * direction**2
        move = self.server_rate * mean / (np.sqrt(squares) + self.floor)
        return super().step(state, move, mean=mean, squares=squares)


@dataclass(frozen=True)
class Scaffold(FedAvg):
    """Clients correct their gradients by how theirs usually differs from everyone's.

    The server keeps the clients' controls for them, so that a client needs no memory; it sends each
    its correction with the model, which doubles the bytes on the way down.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recipe is None:
            raise ValueError("SCAFFOLD needs the clients' learning rate: pass a recipe")

    def start(self, weights: np.ndarray, clients: int, seed: int) -> State:
        """All controls are zero."""
        state = super().start(weights, clients, seed)
        controls = np.zeros((clients, state.weights.size), np.float32)
        return replace(state, memory={"controls": controls, "common": np.zeros_like(state.weights)})

    def instruct(self, state: State, chosen: np.ndarray) -> Task:
        """Every client's correction goes with the task."""
        corrections = state.memory["common"] - state.memory["controls"][chosen]
        return replace(super().instruct(state, chosen), corrections=corrections)

    def aggregate(self, state: State, updates: Sequence[Update], names: Sequence[str]) -> State:
        """New controls of those that answered (the paper's option II), then the mean."""
        after = super().aggregate(state, updates, names)
        if not updates:
            return after
        assert self.recipe is not None
        rows = [names.index(update.client) for update in updates]
        pace = np.array([update.steps * self.recipe.learning_rate for update in updates])
        drift = np.stack([update.change for update in updates]) / pace[:, None].astype(np.float32)
        controls, common = state.memory["controls"].copy(), state.memory["common"]
        new = controls[rows] - common - drift
        common = common + (new - controls[rows]).sum(axis=0) / state.clients
        controls[rows] = new
        return replace(after, memory={"controls": controls, "common": common})
