"""What can be read out of an update, and two ways to prevent it: noise, and masks.

Noise with an accountant is differential privacy (McMahan et al., ICLR 2018): nobody who sees the
models can tell whether one user took part, up to epsilon. Clipping without noise is not. Masks
(Bonawitz et al., CCS 2017) hide each update from the server, but not their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.adapt.federated.messages import Update
from tinylab.adapt.federated.rules import clipped, weighted_mean
from tinylab.adapt.federated.settings import require_number, require_whole
from tinylab.adapt.federated.strategies import FedAvg, State

__all__ = ["EpsilonRow", "PrivateFedAvg", "epsilon", "masked"]

_NOISE = (0, 8)  # sets the noise apart from the draw and from the clients


@dataclass(frozen=True)
class PrivateFedAvg(FedAvg):
    """Federated averaging with clipped updates and noise on their sum.

    All clients count alike, each comes by a coin of its own, and the sum is divided by the number
    that is expected, not by the number that came: otherwise the accountant's figure does not hold.

    Parameters
    ----------
    clip : float
        The longest update that counts in full.
    noise : float
        Noise multiplier z: the standard deviation of the noise on the sum is z times the clip.
    """

    draw: str = "poisson"
    clip: float = 0.3
    noise: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.draw != "poisson":
            raise ValueError('the accountant assumes draws by coins: leave draw at "poisson"')
        if self.rule is not weighted_mean:
            raise ValueError("a private sum has its own rule: leave rule out")
        require_number("clip", self.clip, 0)
        require_number("noise", self.noise, 0, ends="low")

    def aggregate(self, state: State, updates: Sequence[Update], names: Sequence[str]) -> State:
        """Clip, sum, add noise, divide by the expected number; also when nobody came."""
        rng = np.random.default_rng([state.seed, state.round + 1, *_NOISE])
        total = rng.normal(0, self.noise * self.clip, state.weights.size)
        if updates:
            changes = np.stack([update.change for update in updates]).astype(np.float64)
            total = total + clipped(changes, self.clip).sum(axis=0)
        return self.step(state, total / (self.share * state.clients))


@dataclass(frozen=True)
class EpsilonRow:
    """Privacy spent, `epsilon(share, noise, rounds, delta)`."""

    share: float
    noise: float
    rounds: int
    delta: float
    epsilon: float


def epsilon(share: float, noise: float, rounds: int, delta: float = 1e-3) -> float:
    """Privacy spent by `rounds` rounds of `PrivateFedAvg`, by numerical composition (PLD).

    Parameters
    ----------
    share : float
        Of the clients, drawn by coins (amplification by sampling is counted).
    noise : float
        Noise multiplier, above 0.
    rounds : int
    delta : float
        Probability that the promise fails; should be well below one over the number of users.

    Raises
    ------
    ValueError
        A setting means nothing; without noise there is no epsilon.
    RuntimeError
        dp-accounting is not installed: the workbook's environment does not have it.
    """
    require_number("share", share, 0, 1, ends="high")
    require_number("noise", noise, 0)
    require_whole("rounds", rounds, 1)
    require_number("delta", delta, 0, 1)
    try:
        from dp_accounting import dp_event
        from dp_accounting.pld import pld_privacy_accountant as pld
    except ImportError as missing:
        raise RuntimeError(
            "epsilon needs dp-accounting: run this with .venv-flower/bin/python, made from "
            "requirements-flower.txt"
        ) from missing
    once = dp_event.PoissonSampledDpEvent(share, dp_event.GaussianDpEvent(noise))
    accountant = pld.PLDAccountant().compose(once, rounds)
    return float(accountant.get_epsilon(delta))


def masked(updates: np.ndarray, seed: int) -> np.ndarray:
    """Hide every client's update behind masks that cancel in the sum.

    Each pair of clients agrees on a random number; the first adds it, the second subtracts it. In a
    real system the pair agrees by a key exchange and sums whole numbers, so that the masks cancel
    exactly, and shares keys so that a client may drop out.

    Parameters
    ----------
    updates : float array (clients, size)
    seed : int
        Stands for the keys.

    Raises
    ------
    ValueError
        There are fewer than two clients, so that nothing can be hidden.
    """
    sent = np.array(updates, np.float64)
    if sent.ndim != 2 or len(sent) < 2:
        raise ValueError(f"masks hide two updates or more, one a row, not {sent.shape}")
    for first in range(len(sent)):
        for second in range(first + 1, len(sent)):
            mask = np.random.default_rng([seed, first, second]).normal(0, 100, sent.shape[1])
            sent[first] += mask
            sent[second] -= mask
    return sent
