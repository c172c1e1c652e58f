"""Pulls a prediction towards what was measured on the same board with the same stack.

A Gaussian process on ln(measured / fitted): the residual of a network is known where it was
measured, and fades with the distance to it. So a measured network gets back its measured value, one
much like it nearly that, and a stranger the plain fit. The interval narrows and widens accordingly.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["LENGTH", "NO_RESIDUALS", "Residuals"]

LENGTH = 0.25
"""Distance at which a residual has lost 40 % of its weight; see `_places` for what distance is."""
REPEAT_ERROR = 0.01
"""Error of ln(latency) that stays where the very network was measured: repeated runs differ."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """What the networks that were measured on one board with one stack left over.

    Parameters
    ----------
    amounts : ndarray of float64, shape (networks, 6)
    logs : ndarray of float64, shape (networks,)
        ln(measured cycles / fitted cycles).
    """

    amounts: np.ndarray
    logs: np.ndarray

    def pull(self, amounts: np.ndarray, cycles_per_unit: np.ndarray):
        """By network: the expected residual, and the share of the error that is left.

        Parameters
        ----------
        amounts : ndarray, shape (models, 6)
        cycles_per_unit : ndarray, shape (6,)

        Returns
        -------
        logs, left : ndarray, shape (models,)
        """
        if not len(self.logs):
            return np.zeros(len(amounts)), np.ones(len(amounts))
        known, asked = _places(self.amounts, cycles_per_unit), _places(amounts, cycles_per_unit)
        among = _kernel(known, known) + 1e-9 * np.eye(len(known))
        to = _kernel(asked, known)
        weights = np.linalg.solve(among, to.T).T
        left = np.sqrt(np.clip(1 - np.einsum("ij,ij->i", weights, to), 0, 1))
        return weights @ self.logs, left


NO_RESIDUALS = Residuals(np.zeros((0, 6)), np.zeros(0))


def _places(amounts: np.ndarray, cycles_per_unit: np.ndarray) -> np.ndarray:
    """Where a network stands: which share of its cycles each kind of work takes, and how many."""
    costs = np.asarray(amounts) * np.maximum(cycles_per_unit, 1e-12)
    totals = np.maximum(costs.sum(axis=1, keepdims=True), 1e-12)
    return np.hstack([costs / totals, 0.1 * np.log(totals)])


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = np.zeros((len(a), len(b)))
    for column in range(a.shape[1]):
        squares += (a[:, column, np.newaxis] - b[np.newaxis, :, column]) ** 2
    return np.exp(-squares / (2 * LENGTH**2))
