"""Who says which words how often: a vocabulary for each user, from all alike to all unlike."""

import numpy as np

from tinylab.adapt.federated.settings import require_number, require_whole

__all__ = ["ALIKE", "balanced_vocabularies", "effective_words"]

ALIKE = 1000.0
"""An alpha at which all vocabularies are the same but for a few percent."""

_SWEEPS = 2000
_LEAST = 1e-9


def balanced_vocabularies(
    alpha: float, users: int, words: int, rng: np.random.Generator
) -> np.ndarray:
    """How often each user says each word, as shares; in all, every word is said equally often.

    Each user's shares are drawn from a Dirichlet distribution. At a low alpha a few users hold most
    of a word, and some words would be rare in all; so rows and columns are scaled in turn until
    both add up (Sinkhorn, 1964). Alpha then changes who says what and nothing else.

    Parameters
    ----------
    alpha : float
        Large: all alike. Small: a few words each.
    users, words : int
    rng : numpy.random.Generator

    Returns
    -------
    float64 array (users, words)
        Rows add up to 1, columns to users / words.
    """
    require_number("alpha", alpha, 0)
    require_whole("users", users, 1)
    require_whole("words", words, 1)
    shares = np.maximum(rng.dirichlet(np.full(words, alpha), users), _LEAST)
    for _ in range(_SWEEPS):
        shares /= shares.sum(axis=0) * words / users
        shares /= shares.sum(axis=1, keepdims=True)
        if np.allclose(shares.sum(axis=0), users / words, rtol=1e-9):
            break
    return shares


def effective_words(shares: np.ndarray) -> np.ndarray:
    """How many words a user really uses: exp of the entropy of each row, (users,)."""
    rows = shares / shares.sum(axis=-1, keepdims=True)
    logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)
    return np.exp(-np.sum(rows * logs, axis=-1))
