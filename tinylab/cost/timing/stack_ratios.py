"""Software stacks that nobody calibrated on a core, from published ratios to one that was.

In: the fitted stacks and the table of ratios. Out: further `StackFit`s, whose cycles are those of
the other stack times the mean ratio, and how far the ratios scatter. The same network on the same
chip takes up to 34 times as long with reference kernels as with tuned ones: which stack is meant
matters more than which board.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from tinylab.cost.catalogue.quantity import DATA
from tinylab.cost.timing.fitting import StackFit, StackKey

__all__ = ["StackRatio", "derived_fits", "stack_ratios"]

SINGLE_ERROR = 0.4
"""Scatter of ln(ratio) to assume where a core has a single ratio: reference kernels differ by a
factor of three between the two cores that have been published."""


@dataclass(frozen=True)
class StackRatio:
    """How much longer a network takes with one stack than with another, on one core."""

    core: str
    network: str
    stack: str
    over: str
    ratio: float
    kind: str
    source: str


@cache
def stack_ratios() -> tuple[StackRatio, ...]:
    """The published ratios."""
    with (DATA / "stack_ratios.csv").open(newline="") as stream:
        return tuple(
            StackRatio(
                core=row["core"],
                network=row["network"],
                stack=row["stack"],
                over=row["over"],
                ratio=float(row["ratio"]),
                kind=row["kind"],
                source=row["source"],
            )
            for row in csv.DictReader(stream)
        )


def derived_fits(
    fits: Mapping[StackKey, StackFit],
) -> tuple[dict[StackKey, StackFit], dict[StackKey, float]]:
    """Fits of stacks that the calibration lacks, and the error that each ratio adds."""
    groups = defaultdict(list)
    for one in stack_ratios():
        groups[one.core, one.stack, one.over].append(np.log(one.ratio))
    found, errors = {}, {}
    for (core, stack, over), logs in groups.items():
        key = StackKey(core, stack, "", "int8")
        bases = [f for k, f in fits.items() if (k.core, k.stack_name) == (core, over)]
        if key in fits or not bases:
            continue
        base = next(one for one in bases if one.key.precision == "int8")
        cycles = base.cycles_per_unit * np.exp(np.mean(logs))
        found[key] = replace(base, key=key, cycles_per_unit=cycles, boards=(), measured=0)
        errors[key] = float(np.std(logs, ddof=1)) if len(logs) > 2 else SINGLE_ERROR
    return found, errors
