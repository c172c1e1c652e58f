"""What a notebook costs, in units of a fixed piece of work: computers differ by two and more.

`budgets.json` holds what each notebook may cost; `benchmarks/notebook_budgets.py --write` measures.
"""

import contextlib
import json
import os
import threading
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

FILE = Path(__file__).with_name("budgets.json")
SPARE = 1.5  # a budget is this much above what was measured: it is a bound, not a record
OVER = 1.5  # and a run may exceed it by half


@dataclass(frozen=True)
class Cost:
    """What a run took.

    Attributes
    ----------
    work : float
        Processor time of its processes over that of `reference_s`, measured before and after it.
    peak_bytes : int
        The largest sum of resident memory over its processes.
    """

    work: float
    peak_bytes: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.work + other.work, self.peak_bytes + other.peak_bytes)

    def within(self, budget: "Cost") -> bool:
        """Whether neither exceeds a budget by more than half."""
        return self.work <= OVER * budget.work and self.peak_bytes <= OVER * budget.peak_bytes


class Meter:
    """A context in which new children of this process are watched; afterwards `cost` is known."""

    def __init__(self, every_s: float = 0.5):
        self._every_s = every_s

    def __enter__(self) -> "Meter":
        self._reference_s = reference_s()
        self._memory = PeakMemory(self._every_s)
        self._memory.start()
        self._before = children_cpu_s()
        return self

    def __exit__(self, *error) -> None:
        spent = children_cpu_s() - self._before
        peak_bytes = self._memory.stop()
        unit = (self._reference_s + reference_s()) / 2
        self.cost = Cost(spent / unit, peak_bytes)


class PeakMemory(threading.Thread):
    """Watches the children of this process, but for those that are there already."""

    def __init__(self, every_s: float):
        super().__init__(daemon=True)
        self._every_s = every_s
        self.peak_bytes = 0
        self._others = {child.pid for child in psutil.Process().children()}
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._every_s):
            self.peak_bytes = max(self.peak_bytes, _children_bytes(self._others))

    def stop(self) -> int:
        """The peak, in bytes."""
        self._over.set()
        self.join()
        return self.peak_bytes


def reference_s() -> float:
    """Processor seconds of arithmetic, Fourier transforms and plain Python, here and now."""
    start = time.process_time()
    numbers = np.random.default_rng(0).standard_normal((400, 400))
    for _ in range(10):
        numbers = numbers @ numbers / 20
        numbers = np.fft.irfft(np.fft.rfft(numbers), n=400)
    sum(n * n % 7 for n in range(1_000_000))
    return time.process_time() - start


def children_cpu_s() -> float:
    """Processor seconds of the processes that this one waited for."""
    times = os.times()
    return times.children_user + times.children_system


def read_budgets() -> dict[str, Cost]:
    """The budget of every notebook, by name."""
    return {name: Cost(**plain) for name, plain in json.loads(FILE.read_text("utf-8")).items()}


def write_budgets(costs: dict[str, Cost]) -> None:
    """Make measured costs the budgets of their notebooks, with some to spare; others stay."""
    budgets = read_budgets() if FILE.is_file() else {}
    for name, cost in costs.items():
        budgets[name] = Cost(round(SPARE * cost.work, 1), round(SPARE * cost.peak_bytes, -7))
    plain = {name: vars(budgets[name]) for name in sorted(budgets)}
    FILE.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def _children_bytes(others: Container[int]) -> int:
    total = 0
    for child in psutil.Process().children():
        if child.pid not in others:
            with contextlib.suppress(psutil.Error):  # it ended between the listing and the look
                family = [child, *child.children(recursive=True)]
                total += sum(one.memory_info().rss for one in family)
    return total
