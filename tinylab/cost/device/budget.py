"""The budget of a whole device: everything that the battery pays for in one period.

In: a board, what its model and front end take, and a `Device` that says what happens around them.
Out: a `DeviceBudget` with one `BudgetPart` for each: the sensor, waiting while sound or light is
collected, features, network, radio, waking up, resting, and the regulator. Each part can be left
out, which is shown.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import one_of
from tinylab.cost.device.energies import (
    Powers,
    Work,
    counted_uJ,
    part_energies,
    peak_mW,
    powers_of,
    work_of,
)
from tinylab.cost.device.pulse import Pulse, pulse
from tinylab.cost.device.settings import PARTS, Device
from tinylab.cost.power.battery import BatteryLife, battery, battery_life
from tinylab.cost.power.radio import duty_cycled_s, transmit
from tinylab.cost.timing.predict import latency
from tinylab.cost.timing.workload import Workload
from tinylab.graph.core.ir import Graph

__all__ = ["BudgetPart", "DeviceBudget", "assemble", "budget_of", "device_budget"]


@dataclass(frozen=True)
class BudgetPart:
    """One part.

    Parameters
    ----------
    name : str
        A key of `PARTS`.
    energy_uJ : float
        In one period.
    power_mW : float
        On average.
    counted : bool
    """

    name: str
    energy_uJ: float
    power_mW: float
    counted: bool


@dataclass(frozen=True)
class DeviceBudget:
    """What a whole device takes.

    Parameters
    ----------
    parts : tuple of BudgetPart
        In the order of `PARTS`; those not counted are there, with what they would take.
    average_power_mW, energy_uJ : float
        Of the counted parts, drawn from the battery; energy in one period.
    look_uJ : float
        Of one look, drawn from the battery, resting left out.
    busy_ms, period_ms, clock_MHz : float
    pulse : Pulse
        The highest current and what the battery needs for it.
    life : BatteryLife or None
        None where the average alone is more than the battery gives.
    least_period_s : float
        Enforced by law for the radio's time on air; 0 without one.
    board, battery, kind : str
    """

    parts: tuple[BudgetPart, ...]
    average_power_mW: float
    energy_uJ: float
    look_uJ: float
    busy_ms: float
    period_ms: float
    clock_MHz: float
    pulse: Pulse
    life: BatteryLife | None
    least_period_s: float
    board: str
    battery: str
    kind: str = "modelled"

    def part(self, name: str) -> BudgetPart:
        """The part of that name; ValueError for another."""
        one_of("name", name, PARTS)
        return next(part for part in self.parts if part.name == name)


def device_budget(
    model: Graph | Workload,
    on: str | Board,
    device: Device,
    *,
    source: str = "cr2032",
    clock_MHz: float | None = None,
    stack: str | None = None,
    static_share: float | None = None,
) -> DeviceBudget:
    """Add up what a device takes from its battery.

    Parameters
    ----------
    model, on, clock_MHz, stack
        As for `tinylab.cost.latency`.
    device : Device
    source : str
        The battery.
    static_share : float, optional
        As for `tinylab.cost.power_curve`.

    Raises
    ------
    ValueError
        As `latency`; a power that is not published for this board; work that does not fit into the
        period.
    """
    target = board(on)
    time = latency(model, target, clock_MHz=clock_MHz, stack=stack)
    return budget_of(target, time.cycles, device, source, time.clock_MHz, static_share)


def budget_of(
    target: Board,
    cycles: float,
    device: Device,
    source: str,
    clock_MHz: float,
    static_share: float | None = None,
) -> DeviceBudget:
    """The budget of a network whose cycles are known."""
    work = work_of(target, device, cycles, clock_MHz)
    if work.busy_ms > 1e3 * device.period_s:
        raise ValueError(
            f"{work.busy_ms:.3g} ms of work do not fit into period_s of {device.period_s:g} s:"
            " take a longer period or a faster clock"
        )
    powers = powers_of(target, device, clock_MHz, static_share)
    return assemble(target.id, powers, device, work, source, clock_MHz)


def assemble(
    name: str, powers: Powers, device: Device, work: Work, source: str, clock_MHz: float
) -> DeviceBudget:
    """The budget of a board that draws these powers and does this work."""
    energies = {key: float(uJ) for key, uJ in part_energies(powers, device, work).items()}
    period_ms, total = 1e3 * device.period_s, float(counted_uJ(energies, device))
    parts = tuple(
        BudgetPart(key, energies[key], energies[key] / period_ms, key not in device.without)
        for key in PARTS
    )
    average, cell = total / period_ms, battery(source)
    efficiency = 1.0 if "regulator" in device.without else device.efficiency
    fits = 0 < average <= cell.max_power_mW
    return DeviceBudget(
        parts=parts,
        average_power_mW=average,
        energy_uJ=total,
        look_uJ=total - (0.0 if "rest" in device.without else energies["rest"] / efficiency),
        busy_ms=float(work.busy_ms),
        period_ms=period_ms,
        clock_MHz=float(clock_MHz),
        pulse=pulse(float(np.max(peak_mW(powers, device))) / efficiency, work.busy_ms, cell),
        life=battery_life(average, cell, converter_efficiency=1.0) if fits else None,
        least_period_s=_least_period_s(device),
        board=name,
        battery=cell.id,
    )


def _least_period_s(device: Device) -> float:
    if device.radio is None or not device.answer_bytes:
        return 0.0
    sent = transmit(device.answer_bytes, device.radio, start=False, delivery=device.delivery)
    return duty_cycled_s(sent)
