"""What a device draws on average when it works now and then."""

from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import at_least, positive
from tinylab.cost.power.clocked import active_power_mW, rest_power_mW
from tinylab.cost.timing.predict import latency
from tinylab.cost.timing.workload import Workload
from tinylab.graph.core.ir import Graph


@dataclass(frozen=True)
class DutyCycle:
    """Average power of a repeated inference.

    Parameters
    ----------
    average_power_mW : float
    duty : float
        Share of the time the model runs or the board wakes up.
    active_power_mW, rest_power_mW : float
        While it runs; and in between.
    active_mW, rest_mW : float
        What each contributes to the average.
    latency_ms, period_ms, clock_MHz : float
    rest : str
        What the board does in between.
    kind : str
        "modelled".
    """

    average_power_mW: float
    duty: float
    active_power_mW: float
    rest_power_mW: float
    active_mW: float
    rest_mW: float
    latency_ms: float
    period_ms: float
    clock_MHz: float
    rest: str
    kind: str


@dataclass(frozen=True)
class RaceToIdle:
    """Two ways to finish one inference per period.

    Parameters
    ----------
    fast : DutyCycle
        At the highest clock, then resting.
    slow : DutyCycle
        At the lowest clock that still finishes in time.
    better : str
        "fast" or "slow".
    saving_pct : float
        What the better one saves of the other's average power.
    """

    fast: DutyCycle
    slow: DutyCycle
    better: str
    saving_pct: float


def average_power(active_mW, rest_mW, latency_ms, period_ms):
    """Average power, for numbers or arrays: the one while active, the other for the rest.

    Raises
    ------
    ValueError
        A latency longer than the period: the device cannot keep up. A negative or infinite number.
    """
    at_least("active_mW", active_mW, 0, "mW")
    at_least("rest_mW", rest_mW, 0, "mW")
    at_least("latency_ms", latency_ms, 0, "ms")
    positive("period_ms", period_ms, "ms")
    duty = np.asarray(latency_ms) / np.asarray(period_ms)
    if np.any(duty > 1):
        raise ValueError(
            "the latency is longer than the period: take a longer period or a faster clock"
        )
    return duty * active_mW + (1 - duty) * rest_mW


def duty_cycle(
    model: Graph | Workload,
    on: str | Board,
    period_ms: float,
    *,
    rest: str = "sleep",
    clock_MHz: float | None = None,
    stack: str | None = None,
    active_mW: float | None = None,
    rest_mW: float | None = None,
    wakeup_ms: float = 0.0,
    static_share: float | None = None,
) -> DutyCycle:
    """Average power of a board that runs the model once per period.

    Parameters
    ----------
    model, on, clock_MHz, stack
        As for `tinylab.cost.timing.predict.latency`.
    period_ms : float
    rest : str
        "sleep": the deepest sleep the catalogue knows. "idle": clocks run on, as a microphone needs
        that is sampled all the time.
    active_mW, rest_mW : float, optional
        Your own figures, for what is not published.
    wakeup_ms : float
        Spent at active power before each inference, until clocks and supplies have settled.
    static_share : float
        See `tinylab.cost.power_curve`.

    Raises
    ------
    ValueError
        As `latency`; no published power; or a period shorter than the latency.
    """
    place = board(on)
    positive("period_ms", period_ms, "ms")
    at_least("wakeup_ms", wakeup_ms, 0, "ms")
    time = latency(model, place, stack=stack, clock_MHz=clock_MHz)
    if active_mW is None:
        active_mW = float(active_power_mW(place, time.clock_MHz, static_share=static_share))
    if rest_mW is None:
        rest_mW = rest_power_mW(place, rest, time.clock_MHz, static_share=static_share)
    busy_ms = time.latency_ms + wakeup_ms
    average = float(average_power(active_mW, rest_mW, busy_ms, period_ms))
    duty = busy_ms / period_ms
    return DutyCycle(
        average_power_mW=average,
        duty=duty,
        active_power_mW=active_mW,
        rest_power_mW=float(rest_mW),
        active_mW=duty * active_mW,
        rest_mW=(1 - duty) * rest_mW,
        latency_ms=time.latency_ms,
        period_ms=period_ms,
        clock_MHz=time.clock_MHz,
        rest=rest,
        kind="modelled",
    )


def race_to_idle(
    model: Graph | Workload, on: str | Board, period_ms: float, **options
) -> RaceToIdle:
    """Compare the highest clock, followed by rest, with the lowest clock that finishes in time.

    Parameters
    ----------
    model, on, period_ms
        As for `duty_cycle`.
    **options
        Those of `duty_cycle` except the clock.
    """
    if "clock_MHz" in options:
        raise ValueError("race_to_idle compares two clocks, so it takes no clock_MHz")
    place = board(on)
    fast = duty_cycle(model, place, period_ms, **options)
    needed = fast.latency_ms * fast.clock_MHz / (period_ms - options.get("wakeup_ms", 0.0))
    clock = min(max(needed * (1 + 1e-9), place.clock_min.value), fast.clock_MHz)
    slow = duty_cycle(model, place, period_ms, **{**options, "clock_MHz": clock})
    low, high = sorted((fast, slow), key=lambda one: one.average_power_mW)
    return RaceToIdle(
        fast=fast,
        slow=slow,
        better="fast" if low is fast else "slow",
        saving_pct=100 * (1 - low.average_power_mW / high.average_power_mW),
    )
