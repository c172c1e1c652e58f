"""Rules that make one direction of many updates: the mean, and rules that distrust some of them.

Each takes `changes`, float64 (clients, size), and `examples`, int (clients,), and gives (size,).

Sources: McMahan et al., AISTATS 2017 (weighted mean); Yin et al., ICML 2018 (median, trimmed mean);
Blanchard et al., NeurIPS 2017 (Krum, multi-Krum); Sun et al., "Can You Really Backdoor Federated
Learning?", 2019 (norm clipping).
"""

from collections.abc import Callable

import numpy as np

from tinylab.adapt.federated.settings import require_number, require_whole

__all__ = [
    "Rule",
    "clipped",
    "krum",
    "median",
    "multi_krum",
    "norm_clipped_mean",
    "plain_mean",
    "trimmed_mean",
    "weighted_mean",
]

Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]


def weighted_mean(changes: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Mean in which each client counts by its examples."""
    return np.asarray(examples, np.float64) @ changes / np.sum(examples)


def plain_mean(changes: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Mean in which all clients count alike."""
    return changes.mean(axis=0)


def median(changes: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Median of each weight."""
    return np.median(changes, axis=0)


def trimmed_mean(changes: np.ndarray, examples: np.ndarray, share: float = 0.2) -> np.ndarray:
    """Mean of each weight without the lowest and the highest `share` of the clients."""
    require_number("share, cut off at each end,", share, 0, 0.5, ends="low")
    cut = int(share * len(changes))
    return np.sort(changes, axis=0)[cut : len(changes) - cut].mean(axis=0)


def krum(changes: np.ndarray, examples: np.ndarray, attackers: int = 6) -> np.ndarray:
    """The update that is nearest to its neighbours; parameters as in `multi_krum`."""
    return multi_krum(changes, examples, attackers, keep=1)


def multi_krum(
    changes: np.ndarray, examples: np.ndarray, attackers: int = 6, keep: int = 10
) -> np.ndarray:
    """Mean of the `keep` updates that are nearest to their neighbours.

    Parameters
    ----------
    changes, examples : arrays
    attackers : int
        How many to expect; the neighbours are all other clients but these and one more.
    keep : int
        With fewer updates than that, all of them.

    Raises
    ------
    ValueError
        There are fewer than `attackers` + 3 updates, so that nobody would have a neighbour.
    """
    require_whole("attackers", attackers, 0)
    require_whole("keep", keep, 1)
    if len(changes) < attackers + 3:
        raise ValueError(
            f"Krum against {attackers} attackers needs {attackers + 3} updates and got"
            f" {len(changes)}: expect fewer attackers, or draw more clients"
        )
    products = changes @ changes.T
    squares = np.diag(products)
    distances = squares[:, None] + squares - 2 * products
    np.fill_diagonal(distances, np.inf)
    neighbours = len(changes) - attackers - 2
    scores = np.sort(distances, axis=1)[:, :neighbours].sum(axis=1)
    return changes[np.argsort(scores, kind="stable")[:keep]].mean(axis=0)


def norm_clipped_mean(changes: np.ndarray, examples: np.ndarray) -> np.ndarray:
    """Weighted mean after long updates were cut to the median length of the round."""
    limit = float(np.median(np.linalg.norm(changes, axis=1)))
    return weighted_mean(clipped(changes, limit), examples)


def clipped(changes: np.ndarray, limit: float) -> np.ndarray:
    """Updates no longer than `limit`: longer ones keep their direction and lose length."""
    lengths = np.linalg.norm(changes, axis=1, keepdims=True)
    return changes * np.minimum(1, limit / np.maximum(lengths, 1e-12))
