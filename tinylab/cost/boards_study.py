"""Many models on many boards at many clocks, in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import at_least, fraction
from tinylab.cost.device.energies import Powers, counted_uJ, part_energies, powers_of, work_of
from tinylab.cost.device.settings import Device
from tinylab.cost.power.battery import Battery, battery, battery_days
from tinylab.cost.power.clocked import active_power_mW
from tinylab.cost.timing.calibration import LatencyModel
from tinylab.cost.timing.coverage import Z90
from tinylab.cost.timing.predict import choose_stack
from tinylab.cost.timing.workload import FEATURES, Workload


@dataclass(frozen=True, eq=False)
class Sweep:
    """Costs of every combination; arrays of shape (models, boards, clocks), float64.

    Energies, powers and battery lives are NaN where the board's power is not published; average
    powers and battery lives also where a look does not fit into the device's period.

    Parameters
    ----------
    boards, stacks : tuple of str
    clock_MHz : ndarray, shape (boards, clocks)
    latency_ms, low_ms, high_ms, energy_uJ : ndarray
    average_power_mW, battery_days : ndarray or None
        Of the whole device, if one was given.
    """

    boards: tuple[str, ...]
    stacks: tuple[str, ...]
    clock_MHz: np.ndarray
    latency_ms: np.ndarray
    low_ms: np.ndarray
    high_ms: np.ndarray
    energy_uJ: np.ndarray
    average_power_mW: np.ndarray | None
    battery_days: np.ndarray | None


def sweep(
    models: Sequence[Workload] | np.ndarray,
    on: Sequence[str | Board],
    clock_share: Sequence[float] = (1.0,),
    *,
    precision: str = "int8",
    stack: str | None = None,
    device: Device | None = None,
    source: str | Battery = "cr2032",
    calibration: LatencyModel | None = None,
) -> Sweep:
    """Evaluate every model on every board at every clock.

    Parameters
    ----------
    models : sequence of Workload, or ndarray of shape (models, 6)
        An array holds the amounts of `FEATURES`.
    on : sequence of str or Board
    clock_share : sequence of float
        Clocks as shares of each board's highest, in (0, 1]; none falls below the board's lowest.
    precision, stack, calibration
        As for `latency`; the precision of an array of amounts.
    device : Device, optional
        What happens around the model: adds average power and battery life.
    source : str or Battery

    Raises
    ------
    ValueError
        As `latency`; clocks outside (0, 1]; an array of the wrong shape.
    """
    share = np.atleast_1d(np.asarray(fraction("clock_share", clock_share), dtype=float))
    targets = [board(name) for name in on]
    if not targets:
        raise ValueError("on must hold at least one board")
    full, live, precision = _amounts(models, precision)
    choices = [choose_stack(target, precision, stack, calibration) for target in targets]
    predicted = [choice.predict(full, live) for choice in choices]
    cycles = np.stack([cycles_of_board for cycles_of_board, _ in predicted], axis=1)
    clocks = np.array(
        [np.maximum(share * target.clock_max.value, target.clock_min.value) for target in targets]
    )
    latency_ms = cycles[:, :, None] / (1e3 * clocks)
    spread = np.exp(Z90 * np.stack([error for _, error in predicted], axis=1))[:, :, None]
    active = np.array(
        [_or_nan(active_power_mW, *pair) for pair in zip(targets, clocks, strict=True)]
    )
    average = days = None
    if device is not None:
        pairs = zip(targets, clocks, strict=True)
        powers = [
            _device_mW(target, clock, cycles[:, at], device)
            for at, (target, clock) in enumerate(pairs)
        ]
        average = np.stack(powers, axis=1)
        days = battery_days(average, battery(source), converter_efficiency=1.0)
    return Sweep(
        boards=tuple(target.id for target in targets),
        stacks=tuple(choice.fit.key.stack_name for choice in choices),
        clock_MHz=clocks,
        latency_ms=latency_ms,
        low_ms=latency_ms / spread,
        high_ms=latency_ms * spread,
        energy_uJ=latency_ms * active,
        average_power_mW=average,
        battery_days=days,
    )


def _amounts(models, precision: str) -> tuple[np.ndarray, np.ndarray, str]:
    if isinstance(models, np.ndarray):
        if models.ndim != 2 or models.shape[1] != len(FEATURES):
            raise ValueError(f"an array of amounts has shape (models, {len(FEATURES)})")
        at_least("models", models, 0)
        return models, models, precision
    if not models:
        raise ValueError("models must hold at least one model")
    precisions = {model.precision for model in models}
    if len(precisions) > 1:
        raise ValueError(f"models of one precision at a time, not {', '.join(sorted(precisions))}")
    full = np.array([model.features for model in models])
    return full, np.array([model.live_features for model in models]), precisions.pop()


def _device_mW(target: Board, clock: np.ndarray, cycles: np.ndarray, device: Device) -> np.ndarray:
    """Average power of the whole device, shape (models, clocks); NaN where it is not known."""
    try:
        powers = powers_of(target, device, clock)
    except ValueError:
        powers = Powers(*[np.full_like(clock, np.nan)] * 3)
    work = work_of(target, device, cycles[:, np.newaxis], clock)
    return counted_uJ(part_energies(powers, device, work), device) / (1e3 * device.period_s)


def _or_nan(power, target: Board, clock: np.ndarray) -> np.ndarray:
    """The board's power, or NaN where it is not published."""
    try:
        return power(target, clock)
    except ValueError:
        return np.full_like(clock, np.nan)
