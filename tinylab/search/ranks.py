"""Do two lists rank alike? Kendall's tau, with an interval over what was ranked."""

from dataclasses import dataclass

import numpy as np

__all__ = ["RankAgreement", "rank_agreement"]

RESAMPLES = 300


@dataclass(frozen=True)
class RankAgreement:
    """Kendall's tau-b, -1 to 1, with its 95 % interval by bootstrap; `items` were ranked."""

    tau: float
    low: float
    high: float
    items: int


def rank_agreement(a, b, seed: int = 0) -> RankAgreement:
    """How well one list's order predicts another's.

    Parameters
    ----------
    a, b : array_like, shape (n,)
    seed : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        Fewer than three items, or lists of different lengths.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 3:
        raise ValueError(f"pass two lists of three or more, not {a.shape} and {b.shape}")
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(a), size=(RESAMPLES, len(a)))
    times = np.array([np.bincount(one, minlength=len(a)) for one in drawn])
    tau, *taus = _taus(a, b, np.vstack([np.ones(len(a)), times]))
    low, high = np.nanquantile(taus, [0.025, 0.975])
    return RankAgreement(float(tau), float(low), float(high), len(a))


def _taus(a: np.ndarray, b: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Tau-b of samples that hold each item so many times, one row a sample; NaN of all alike.

    Every pair is compared once: a sample changes only how often a pair counts.
    """
    orders = [np.sign(values[:, np.newaxis] - values) for values in (a, b)]
    agreed = orders[0] * orders[1]
    pairs = [
        np.einsum("si,si->s", times @ matrix, times)
        for matrix in (agreed, np.abs(orders[0]), np.abs(orders[1]))
    ]
    with np.errstate(invalid="ignore"):
        return pairs[0] / np.sqrt(pairs[1] * pairs[2])
