"""Performance mode: how many inferences a second, as the runner's script measures it.

Five windows, each a warm-up and then inferences for at least ten seconds; the median counts. The
clock is an argument, so that the rule can be tried without waiting.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from tinylab.benchmark.rules import Task

__all__ = ["WINDOWS", "WINDOW_S", "Performance", "median_throughput", "time_inferences"]

WINDOWS = 5
WINDOW_S = 10.0


@dataclass(frozen=True)
class Performance:
    """What performance mode gave on the computer that runs this.

    Attributes
    ----------
    inferences : tuple of int
        Of each window.
    durations_s : tuple of float
    per_second : float
        Median over the windows.
    by_the_rules : bool
        Five windows of ten seconds or more. Shorter ones show the order of magnitude.
    """

    inferences: tuple[int, ...]
    durations_s: tuple[float, ...]
    per_second: float
    by_the_rules: bool

    @property
    def latency_ms(self) -> float:
        """Of one inference at the median throughput."""
        return 1000 / self.per_second

    def __str__(self) -> str:
        text = (
            f"median of {len(self.inferences)} windows: {self.per_second:,.1f} inferences a second"
            f" on this computer ({self.latency_ms:.3g} ms each); no board's number"
        )
        if not self.by_the_rules:
            text += f"; the rules ask for {WINDOWS} windows of {WINDOW_S:g} s or more"
        return text


def time_inferences(
    infer: Callable[[], object],
    task: Task,
    *,
    window_s: float = WINDOW_S,
    clock: Callable[[], float] = time.perf_counter,
) -> Performance:
    """Time a model in five windows.

    Parameters
    ----------
    infer : callable
        Does one inference on an input that is in memory already.
    task : Task
        Its `warm_up` inferences precede each window, unmeasured; the clock is read after every
        `inferences` of it.
    window_s : float
        Seconds of a window; below ten the result is not by the rules, and says so.
    clock : callable
        Seconds that never go back.

    Raises
    ------
    ValueError
        No positive window.
    """
    if not window_s > 0:
        raise ValueError(f"a window must last some time, not {window_s} s")
    windows = [_window(infer, task, window_s, clock) for _ in range(WINDOWS)]
    counts, durations = (tuple(column) for column in zip(*windows, strict=True))
    return Performance(
        counts,
        durations,
        median_throughput(windows, shortest_s=window_s),
        min(durations) >= WINDOW_S,
    )


def _window(infer, task: Task, window_s: float, clock) -> tuple[int, float]:
    for _ in range(task.warm_up):
        infer()
    count, start, elapsed = 0, clock(), 0.0
    while elapsed < window_s:
        for _ in range(task.inferences):
            infer()
        count, elapsed = count + task.inferences, clock() - start
    return count, elapsed


def median_throughput(windows: list[tuple[int, float]], *, shortest_s: float = WINDOW_S) -> float:
    """Inferences a second of measured windows, pairs of (inferences, seconds).

    Raises
    ------
    ValueError
        Not five windows, or one below `shortest_s`, as the runner refuses them.
    """
    if len(windows) != WINDOWS:
        raise ValueError(f"the rules ask for {WINDOWS} windows, not {len(windows)}")
    short = [seconds for _, seconds in windows if seconds < shortest_s]
    if short:
        raise ValueError(
            f"a window of {short[0]:g} s is too short: repeat the inferences until each lasts"
            f" {shortest_s:g} s"
        )
    return float(median(count / seconds for count, seconds in windows))
