"""What is searched: networks of a space, each with an error that was measured and a cost.

In: the bundled table and a board. Out: a `Problem` that gives two numbers for a network, both to be
made small: its error, and the logarithm of its latency, so that a tenth less counts the same for a
fast network and for a slow one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tinylab import cost
from tinylab.search.pareto import hypervolume
from tinylab.search.results import SearchResults
from tinylab.search.space import Architecture, Space, as_rows, costs_of

__all__ = ["Problem", "problem_for"]


@dataclass(frozen=True, eq=False)
class Problem:
    """Two costs of every network of a space.

    Parameters
    ----------
    space : Space
    points : ndarray of float64, shape (networks, 2)
        Error, 0 to 1, and ln of the latency in ms, in the order of `space.architectures`.
    """

    space: Space
    points: np.ndarray

    @cached_property
    def _index(self) -> dict[Architecture, int]:
        return {one: at for at, one in enumerate(self.space.architectures)}

    def __call__(self, one: Architecture) -> tuple[float, float]:
        """Error and ln(ms) of one network."""
        error, latency = self.points[self._index[one]]
        return float(error), float(latency)

    @property
    def reference(self) -> np.ndarray:
        """The worst error and the worst latency there are, shape (2,)."""
        return self.points.max(axis=0)

    @cached_property
    def whole(self) -> float:
        """Hypervolume of all networks together."""
        return hypervolume(self.points, self.reference)

    def shares(self, found, at) -> list[float]:
        """Share of the whole hypervolume that the first so many evaluations cover.

        Parameters
        ----------
        found : sequence of (error, latency)
            In the order of evaluation.
        at : sequence of int
        """
        points = np.asarray(found, float)
        return [hypervolume(points[:count], self.reference) / self.whole for count in at]


def problem_for(results: SearchResults, board: str) -> Problem:
    """The space's networks on a board, latencies modelled by `tinylab.cost`."""
    costs = costs_of(as_rows(results.space.architectures))
    latency_ms = cost.sweep(costs.amounts, [board]).latency_ms[:, 0, 0]
    return Problem(results.space, np.stack([results.errors(), np.log(latency_ms)], axis=1))
