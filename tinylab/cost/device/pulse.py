"""What a battery can give at once, and the capacitor that gives the rest.

A coin cell holds its charge behind a large inner resistance: it lasts for months at microamperes
and fails at tens of milliamperes. A capacitor beside it can feed a short pulse, and is filled again
between two of them.
"""

from dataclasses import dataclass

from tinylab.cost.catalogue.checks import at_least, positive
from tinylab.cost.power.battery import Battery, battery

__all__ = ["DROOP_V", "Pulse", "pulse"]

DROOP_V = 0.3
"""By how much the voltage may fall during a pulse (assumed: from 3.0 to 2.7 V)."""


@dataclass(frozen=True)
class Pulse:
    """A pulse of current and the battery's limit.

    Parameters
    ----------
    peak_mA, limit_mA : float
    duration_ms : float
    capacitor_uF : float
        That the battery needs beside it, for a fall of `DROOP_V`; 0 if it can feed the pulse alone.
    """

    peak_mA: float
    limit_mA: float
    duration_ms: float
    capacitor_uF: float

    @property
    def battery_alone(self) -> bool:
        """Whether the battery can feed the pulse without a capacitor."""
        return self.peak_mA <= self.limit_mA


def pulse(peak_mW: float, duration_ms: float, source: str | Battery) -> Pulse:
    """The current of a pulse, and the capacitor it needs: C = (I - limit) t / droop."""
    positive("peak_mW", peak_mW, "mW")
    at_least("duration_ms", duration_ms, 0, "ms")
    cell = battery(source)
    peak_mA = peak_mW / cell.voltage.value
    missing_mA = max(peak_mA - cell.max_current.value, 0.0)
    return Pulse(peak_mA, cell.max_current.value, duration_ms, missing_mA * duration_ms / DROOP_V)
