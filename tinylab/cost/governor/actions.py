"""What a device may do in a slot, what that costs the whole device, and what it brings.

In: models that may run (`Variant`), and voltages and clocks to run them at. Out: each `Action`
with its cost in quanta of energy and the damage that it avoids.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tinylab.cost.catalogue.checks import at_least, fraction, positive, whole
from tinylab.cost.device.energies import Powers, Work, counted_uJ, part_energies
from tinylab.cost.device.settings import Device
from tinylab.cost.governor.harvest import LOADS, SLOT_S
from tinylab.cost.power.dvfs import DvfsPoint

__all__ = [
    "DEADLINES_S",
    "SLEEP",
    "WORTH",
    "Action",
    "Variant",
    "actions_for",
    "listening",
    "look_cost_mJ",
    "value_of",
]

DEADLINES_S = (math.inf, 3.0, 1.0, 0.5)
"""How soon after the sound the answer must come, by load: under heavy load a fault spreads fast."""

WORTH = (0.0, 1.0, 2.0, 4.0)
"""Damage of a fault that runs on for a slot, by load, in units of that under light load."""


@dataclass(frozen=True)
class Variant:
    """A model that may run.

    Parameters
    ----------
    name : str
    cycles : float
        Of one look, feature extraction included.
    detection : float
        Share of faults that one look finds, at the chosen share of false alarms; measured.

    Raises
    ------
    ValueError
        Negative cycles, or a detection that is no share.
    """

    name: str
    cycles: float
    detection: float

    def __post_init__(self):
        at_least(f"cycles of variant {self.name!r}", self.cycles, 0)
        fraction(f"detection of variant {self.name!r}", self.detection, zero=True)


@dataclass(frozen=True)
class Action:
    """One setting for a slot.

    Parameters
    ----------
    name : str
    looks : int
        How often in the slot the device listens.
    variant : Variant or None
    clock_MHz : float
    cost : int
        Quanta of energy.
    values : tuple of float
        Damage avoided, by load.
    """

    name: str
    looks: int
    variant: Variant | None
    clock_MHz: float
    cost: int
    values: tuple[float, ...]


SLEEP = Action("sleep", 0, None, 0.0, 0, (0.0,) * len(LOADS))


def listening(seconds: float, looks: int) -> Device:
    """A device that listens for some seconds, `looks` times in a slot, awake meanwhile."""
    return Device(period_s=SLOT_S / looks, collect_s=seconds)


def look_cost_mJ(point: DvfsPoint, waiting: DvfsPoint, cycles: float, device: Device) -> float:
    """Energy of one look of the whole device, resting left out; the slot pays for that.

    Parameters
    ----------
    point : DvfsPoint
        Where it computes.
    waiting : DvfsPoint
        Where it records.
    cycles : float
        Of features and network.
    device : Device
        See `listening`.

    Raises
    ------
    ValueError
        The look does not fit into the device's period.
    """
    powers = Powers(point.active_mW, waiting.idle_mW, point.sleep_mW)
    work = Work(network_ms=cycles / point.clock_MHz / 1e3)
    if work.busy_ms > 1e3 * device.period_s:
        raise ValueError(
            f"{work.busy_ms / 1e3:.3g} s of work do not fit into {device.period_s:g} s between two"
            " looks: take fewer looks, a faster clock or a smaller model"
        )
    energies = part_energies(powers, device, work)
    return float(counted_uJ(energies, device) - energies["rest"] / device.efficiency) / 1e3


def value_of(looks: int, detection: float, load: int, answer_s: float) -> float:
    """Damage avoided in a slot, against a fault that is only found at the end of it.

    A fault begins at any time of the slot; evenly spread looks find it after half their distance on
    average, with probability `detection`. An answer later than the load's deadline is worth
    nothing.
    """
    if not looks or answer_s > DEADLINES_S[load]:
        return 0.0
    return WORTH[load] * detection * (1 - 1 / (2 * looks))


def actions_for(
    variants: Sequence[Variant],
    points: Sequence[DvfsPoint],
    *,
    seconds: float,
    looks: Sequence[int] = (1, 2, 4, 8, 16),
    quantum_mJ: float = 1.0,
) -> tuple[Action, ...]:
    """Every combination of a number of looks, a model and a clock, and sleeping before them."""
    positive("seconds", seconds, "s")
    positive("quantum_mJ", quantum_mJ, "mJ")
    for count in looks:
        whole("looks", count, 1)
    actions = [SLEEP]
    for variant in variants:
        for point in points:
            answer_s = variant.cycles / (point.clock_MHz * 1e6)
            for count in looks:
                device = listening(seconds, count)
                often = f"{count} look{'s' if count > 1 else ''}"
                each_mJ = look_cost_mJ(point, points[0], variant.cycles, device)
                values = [
                    value_of(count, variant.detection, k, answer_s) for k in range(len(LOADS))
                ]
                actions.append(
                    Action(
                        name=f"{variant.name}, {often}, {point.clock_MHz:g} MHz",
                        looks=count,
                        variant=variant,
                        clock_MHz=point.clock_MHz,
                        cost=math.ceil(count * each_mJ / quantum_mJ),
                        values=tuple(values),
                    )
                )
    return tuple(actions)
