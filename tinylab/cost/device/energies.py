"""The kernel of every budget: powers and times in, energy of each part in one period out.

A look begins with waking up; then the sensor collects; then the processor computes; then it sends.
If that does not fit into the period one after the other, it computes while the next look is
collected. All numbers may be arrays that broadcast: clocks, boards, models or cuts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinylab.cost.catalogue.boards import Board
from tinylab.cost.catalogue.sensors import sensors
from tinylab.cost.device.settings import PARTS, Device
from tinylab.cost.power.clocked import active_power_mW, rest_power_mW
from tinylab.cost.power.radio import radio, starts, transmit, upkeep_uJ

__all__ = ["Powers", "Work", "counted_uJ", "part_energies", "peak_mW", "powers_of", "work_of"]


@dataclass(frozen=True, eq=False)
class Powers:
    """What a board draws, in mW: while it computes, while its sensor collects, and in between."""

    active_mW: Any
    waiting_mW: Any
    resting_mW: Any


@dataclass(frozen=True, eq=False)
class Work:
    """What a board does in one look: times in ms, and the radio's energy in uJ."""

    network_ms: Any
    features_ms: Any = 0.0
    wake_ms: Any = 0.0
    send_ms: Any = 0.0
    send_uJ: Any = 0.0

    @property
    def busy_ms(self):
        """All of it."""
        return self.wake_ms + self.features_ms + self.network_ms + self.send_ms


def powers_of(
    target: Board, device: Device, clock_MHz, static_share: float | None = None
) -> Powers:
    """Of a board at one clock or an array of them.

    Raises
    ------
    ValueError
        A power that the device needs is not published for this board.
    """
    active = active_power_mW(target, clock_MHz, static_share=static_share)
    resting = rest_power_mW(target, device.rest, clock_MHz, static_share=static_share)
    waiting = 0.0 * active
    if device.collect_s or device.answer_bytes:
        waiting = rest_power_mW(target, device.collecting, clock_MHz, static_share=static_share)
    return Powers(active, waiting, resting)


def work_of(target: Board, device: Device, cycles, clock_MHz) -> Work:
    """Of a network whose cycles are known, with the device's features, waking up and message."""
    send_ms = send_uJ = 0.0
    if device.answer_bytes and device.radio is not None:
        sent = transmit(
            device.answer_bytes,
            device.radio,
            start=starts(device.radio, device.connection),
            delivery=device.delivery,
        )
        send_ms, send_uJ = sent.time_ms, sent.energy_uJ
    return Work(
        network_ms=cycles / clock_MHz / 1e3,
        features_ms=device.features_cycles / clock_MHz / 1e3,
        wake_ms=target.sleep.wakeup.value if device.rest == "sleep" and target.sleep else 0.0,
        send_ms=send_ms,
        send_uJ=send_uJ,
    )


def part_energies(powers: Powers, device: Device, work: Work) -> dict[str, Any]:
    """Energy in uJ of each of `PARTS` in one period; NaN where the work does not fit into it."""
    period_ms = 1e3 * device.period_s
    busy_ms = np.where(work.busy_ms <= period_ms, work.busy_ms, np.nan)
    waiting_ms = np.minimum(1e3 * device.collect_s, period_ms - busy_ms)
    energies = {
        "sensor": sensor_mW(device.sensor) * 1e3 * device.collect_s,
        "waiting": powers.waiting_mW * waiting_ms,
        "front_end": powers.active_mW * work.features_ms,
        "network": powers.active_mW * work.network_ms,
        # Whoever sends waits until it is sent, and keeps up a connection all the time.
        "radio": kept_uJ(device) + work.send_uJ + powers.waiting_mW * work.send_ms,
        "wake_up": powers.active_mW * work.wake_ms,
        "rest": powers.resting_mW * (period_ms - busy_ms - waiting_ms),
    }
    used = sum(uJ for name, uJ in energies.items() if name not in device.without)
    energies["regulator"] = used * (1 / device.efficiency - 1)
    return energies


def counted_uJ(energies: dict[str, Any], device: Device):
    """The sum of the parts that the device counts."""
    return sum(energies[name] for name in PARTS if name not in device.without)


def peak_mW(powers: Powers, device: Device):
    """The highest power: while it computes with its sensor on, or while it sends."""
    sending = 0.0
    if device.radio is not None and device.answer_bytes:
        link = radio(device.radio)
        sending = link.transmit_current.value * link.supply.value
    collecting = sensor_mW(device.sensor)
    return np.maximum(powers.active_mW + collecting, powers.waiting_mW + sending)


def sensor_mW(name: str | None) -> float:
    """Power of a sensor while it is on, 0 for none."""
    return 0.0 if name is None else sensors()[name].power_mW


def kept_uJ(device: Device) -> float:
    """What keeping up the connection takes in one period."""
    if device.radio is None or device.connection == "made":
        return 0.0
    return upkeep_uJ(device.radio, device.period_s)
