"""Choosing under uncertainty: how sure is it that one board beats another, and is a test worth it?

Errors of predictions are taken as log-normal and independent of each other. Boards of one core with
one stack err together, so for those the true probability is further from one half.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtr

from tinylab.cost.catalogue.checks import positive
from tinylab.cost.timing.coverage import Z90

__all__ = ["Choice", "choose_between"]


@dataclass(frozen=True)
class Choice:
    """Two costs of which the smaller one is wanted.

    Parameters
    ----------
    probability : float
        That the first is the smaller one.
    worth_first, worth_second : float
        Share of the cost that measuring the first, or the second, saves on average, because the
        measurement may change the choice.
    kind : str
        "modelled".
    """

    probability: float
    worth_first: float
    worth_second: float
    kind: str = "modelled"


def choose_between(first: float, first_high: float, second: float, second_high: float) -> Choice:
    """Compare two costs by their estimates and the upper ends of their intervals of 90 %.

    Parameters
    ----------
    first, first_high, second, second_high : float
        In any unit that both share.

    Raises
    ------
    ValueError
        A cost that is not positive, or an upper end below its estimate.
    """
    for name, value in (("first", first), ("second", second)):
        positive(name, value)
    for name, high, low in (
        ("first_high", first_high, first),
        ("second_high", second_high, second),
    ):
        if not positive(name, high) >= low:
            raise ValueError(f"{name} must be at least its estimate, {low:g}, not {high:g}")
    ahead = float(np.log(second / first))
    pairs = (first_high / first, second_high / second)
    spreads = [float(np.log(ratio)) / Z90 for ratio in pairs]
    total = sqrt(spreads[0] ** 2 + spreads[1] ** 2)
    probability = float(ndtr(ahead / total)) if total else float(np.heaviside(ahead, 0.5))
    worth_first, worth_second = (_worth(abs(ahead), spread) for spread in spreads)
    return Choice(probability, worth_first, worth_second)


def _worth(ahead: float, spread: float) -> float:
    """The mean of what lies beyond a change of mind: E[max(N(-ahead, spread), 0)]."""
    if spread == 0:
        return 0.0
    at = ahead / spread
    density = float(np.exp(-(at**2) / 2) / sqrt(2 * np.pi))
    return spread * density - ahead * float(ndtr(-at))
