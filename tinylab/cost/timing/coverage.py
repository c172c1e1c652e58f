"""How wide an interval must be to hold what it promises: split conformal prediction.

An error is stated as a standard deviation, and 1.645 of them would hold 90 % of a normal
distribution. Errors of latency models are not normal: many are small, a few are large. So the width
is taken from the errors themselves: nine of ten predictions of what was left out must lie inside.
Source: Vovk et al. 2005, *Algorithmic Learning in a Random World*; Lei et al. 2018,
*Distribution-Free Predictive Inference for Regression*.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import numpy as np

__all__ = ["COVERAGE", "Z90", "Widths", "conformal_width", "is_plain_cortex_m"]

COVERAGE = 0.9
Z90 = 1.645
"""Standard normal quantile of a two-sided interval of 90 %."""


@dataclass(frozen=True)
class Widths:
    """By what to multiply a stated error so that 1.645 times it holds 90 %.

    Parameters
    ----------
    plain : float
        Of plain Cortex-M cores.
    other : float
        Of all other cores: accelerators, RISC-V, processors of telephones.
    """

    plain: float
    other: float

    def of(self, core: str) -> float:
        """The factor for one core."""
        return self.plain if is_plain_cortex_m(core) else self.other


def conformal_width(scores: Iterable[float]) -> float:
    """Quantile of absolute over stated error that holds 90 %, relative to that of a normal error.

    Parameters
    ----------
    scores : iterable of float
        Absolute error over stated error of predictions of what was left out.

    Returns
    -------
    float
        1 where there are fewer than nine scores: too few to know better.
    """
    ordered = np.sort(np.fromiter(scores, dtype=float))
    rank = ceil((len(ordered) + 1) * COVERAGE)
    return float(ordered[rank - 1]) / Z90 if rank <= len(ordered) else 1.0


def is_plain_cortex_m(core: str) -> bool:
    """Whether a core is a Cortex-M without an accelerator beside it."""
    return core.startswith("Cortex-M") and "+ " not in core
