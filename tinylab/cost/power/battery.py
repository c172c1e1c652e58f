"""How long a battery lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

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
        {key: Battery(key, **one) for key, one in read("batteries.json").items()}
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
        Unknown battery; a power that is not positive; a share outside (0, 1].
    """
    if not average_power_mW > 0:
        raise ValueError(f"the average power must be positive, not {average_power_mW} mW")
    for name, share in (
        ("usable_share", usable_share),
        ("converter_efficiency", converter_efficiency),
    ):
        if not 0 < share <= 1:
            raise ValueError(f"{name} must lie in (0, 1], not {share}")
    cell = battery(source)
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
    """The kernel of `battery_life`: days, for one power or an array of them, unchecked."""
    energy_mJ = cell.energy_J * 1e3 * usable_share * converter_efficiency
    drain_mJ = np.asarray(average_power_mW) * SECONDS_PER_HOUR * 24
    decay = -np.log1p(-cell.self_discharge.value / 100) / DAYS_PER_YEAR
    if decay == 0:
        return energy_mJ / drain_mJ
    return np.log1p(decay * energy_mJ / drain_mJ) / decay
