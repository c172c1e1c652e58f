"""How long a battery lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from tinylab.cost.catalogue.checks import fraction, positive
from tinylab.cost.catalogue.quantity import Quantity, pick, read

DAYS_PER_YEAR = 365.25
SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Battery:
    """A battery: capacity in mAh, mean voltage, self-discharge in % of what is left per year."""

    id: str
    name: str
    capacity: Quantity
    voltage: Quantity
    self_discharge: Quantity
    max_current: Quantity

    @property
    def energy_J(self) -> float:
        return self.capacity.value * self.voltage.value * SECONDS_PER_HOUR / 1e3

    @property
    def max_power_mW(self) -> float:
        """What it can give at once: its largest current at its mean voltage."""
        return self.max_current.value * self.voltage.value


@dataclass(frozen=True)
class BatteryLife:
    """How long a battery feeds a load.

    Parameters
    ----------
    days : float
    years : float
    days_without_self_discharge : float
    average_power_mW : float
        Of the load.
    battery : str
    kind : str
        "modelled".
    """

    days: float
    years: float
    days_without_self_discharge: float
    average_power_mW: float
    battery: str
    kind: str


@cache
def batteries() -> Mapping[str, Battery]:
    """All batteries by id."""
    return MappingProxyType(
        {key: Battery(key, **values) for key, values in read("batteries.json").items()}
    )


def battery(name: "str | Battery") -> Battery:
    """One battery by id; a `Battery` passes through.

    Raises
    ------
    ValueError
        An unknown battery; the message lists the known ones.
    """
    return name if isinstance(name, Battery) else pick("battery", name, batteries())


def battery_life(
    average_power_mW: float,
    source: str | Battery = "cr2032",
    *,
    usable_share: float = 0.8,
    converter_efficiency: float = 0.9,
) -> BatteryLife:
    """How long a battery lasts under a constant average load.

    The charge decays by itself while the load drains it: dE/dt = -P - kE, so that the battery is
    empty after ln(1 + k E / P) / k.

    Parameters
    ----------
    average_power_mW : float
        See `tinylab.cost.power.duty_cycle.average_power`.
    source : str or Battery
    usable_share : float
        Of the capacity, down to the voltage at which the device stops.
    converter_efficiency : float
        Share of the battery's energy that reaches the device.

    Raises
    ------
    ValueError
        Unknown battery; a power that is not positive, or more than the battery can give; a share
        outside (0, 1].
    """
    positive("average_power_mW", average_power_mW, "mW")
    fraction("usable_share", usable_share)
    fraction("converter_efficiency", converter_efficiency)
    cell = battery(source)
    if average_power_mW > cell.max_power_mW * converter_efficiency:
        raise ValueError(
            f"{average_power_mW:g} mW on average is more than a {cell.name} can give"
            f" ({cell.max_current.value:g} mA): take a larger battery, or less power"
        )
    days = battery_days(average_power_mW, cell, usable_share, converter_efficiency)
    energy_mJ = cell.energy_J * 1e3 * usable_share * converter_efficiency
    return BatteryLife(
        days=float(days),
        years=float(days) / DAYS_PER_YEAR,
        days_without_self_discharge=energy_mJ / average_power_mW / SECONDS_PER_HOUR / 24,
        average_power_mW=float(average_power_mW),
        battery=cell.id,
        kind="modelled",
    )


def battery_days(average_power_mW, cell: Battery, usable_share=0.8, converter_efficiency=0.9):
    """The kernel of `battery_life`: days, for one power or an array of them, unchecked.

    NaN where the power is more than the battery can give.
    """
    power_mW = np.asarray(average_power_mW, dtype=float)
    power_mW = np.where(power_mW > cell.max_power_mW * converter_efficiency, np.nan, power_mW)
    energy_mJ = cell.energy_J * 1e3 * usable_share * converter_efficiency
    drain_mJ = power_mW * SECONDS_PER_HOUR * 24
    decay = -np.log1p(-cell.self_discharge.value / 100) / DAYS_PER_YEAR
    if decay == 0:
        return energy_mJ / drain_mJ
    return np.log1p(decay * energy_mJ / drain_mJ) / decay
