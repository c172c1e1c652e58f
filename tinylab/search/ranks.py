"""Do two lists rank alike? Kendall's tau, with an interval over what was ranked."""

from dataclasses import dataclass

import numpy as np

__all__ = ["RankAgreement", "rank_agreement"]

RESAMPLES = 300
PAIRS_AT_ONCE = 2**19


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

    Every pair is compared once: a sample changes only how often a pair counts. Pairs are compared
    in blocks of columns, so that memory grows with the items and not with the pairs.
    """
    times = times.astype(np.float32)  # sums of counts below 2^24 are exact
    pairs = np.zeros((3, len(times)))
    columns = max(1, PAIRS_AT_ONCE // len(a))
    for first in range(0, len(a), columns):
        block = slice(first, first + columns)
        in_a, in_b = (
            np.sign(values[:, np.newaxis] - values[block]).astype(np.float32) for values in (a, b)
        )
        for kind, matrix in enumerate((in_a * in_b, np.abs(in_a), np.abs(in_b))):
            counted = times @ matrix
            pairs[kind] += np.einsum("si,si->s", counted, times[:, block], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return pairs[0] / np.sqrt(pairs[1] * pairs[2])
