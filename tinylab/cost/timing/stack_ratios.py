"""Software stacks that nobody calibrated on a core, from published ratios to one that was.

In: the fitted stacks and the table of ratios. Out: further fits (`StackFit`), whose cycles are
those of the other stack times the mean ratio, and how far the ratios scatter. The same network on
the same chip takes up to 34 times as long with reference kernels as with tuned ones: which stack is
meant matters more than which board.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from tinylab.cost.catalogue.measurements import Measurement
from tinylab.cost.catalogue.quantity import DATA
from tinylab.cost.timing.fitting import StackFit, StackKey

__all__ = [
    "PublishedLatency",
    "StackRatio",
    "derived_fits",
    "other_measurements",
    "published_latencies",
    "stack_ratios",
]

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


@dataclass(frozen=True)
class PublishedLatency:
    """One network on one chip with one stack; `board` is empty where it is not in the catalogue."""

    network: str
    board: str
    core: str
    chip: str
    clock_MHz: float
    stack: str
    latency_ms: float
    source: str


@cache
def published_latencies() -> tuple[PublishedLatency, ...]:
    """Latencies of several stacks beside each other, published by others than MLPerf Tiny."""
    with (DATA / "published_stacks.csv").open(newline="") as stream:
        return tuple(
            PublishedLatency(
                network=row["network"],
                board=row["board"],
                core=row["core"],
                chip=row["chip"],
                clock_MHz=float(row["clock_MHz"]),
                stack=row["stack"],
                latency_ms=float(row["latency_ms"]),
                source=row["source"],
            )
            for row in csv.DictReader(stream)
        )


def other_measurements() -> tuple[Measurement, ...]:
    """Those of them on a board of the catalogue with a network whose amounts of work are known."""
    return tuple(
        Measurement(
            board=row.board,
            core=row.core,
            stack=row.stack,
            benchmark=row.network,
            clock_MHz=row.clock_MHz,
            latency_ms=row.latency_ms,
            round="published",
            submitter=row.source,
        )
        for row in published_latencies()
        if row.board
    )


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
    for ratio in stack_ratios():
        groups[ratio.core, ratio.stack, ratio.over].append(np.log(ratio.ratio))
    derived, errors = {}, {}
    for (core, stack, over), logs in groups.items():
        key = StackKey(core, stack, "", "int8")
        bases = [f for k, f in fits.items() if (k.core, k.stack_name) == (core, over)]
        if key in fits or not bases:
            continue
        base = next(known for known in bases if known.key.precision == "int8")
        cycles = base.cycles_per_unit * np.exp(np.mean(logs))
        measured = {
            row.board for row in other_measurements() if (row.core, row.stack) == (core, stack)
        }
        derived[key] = replace(
            base, key=key, cycles_per_unit=cycles, boards=tuple(measured), measured=0
        )
        errors[key] = float(np.std(logs, ddof=1)) if len(logs) > 2 else SINGLE_ERROR
    return derived, errors
