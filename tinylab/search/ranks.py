"""Do two lists rank alike? Kendall's tau, with an interval over what was ranked."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

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
    taus = [kendalltau(a[one], b[one]).statistic for one in drawn]
    low, high = np.nanquantile(taus, [0.025, 0.975])
    return RankAgreement(float(kendalltau(a, b).statistic), float(low), float(high), len(a))
