"""The budget of a whole device: everything that the battery pays for in one period.

In: a board, what its model and front end take, and a `Device` that says what happens around them.
Out: a `DeviceBudget` with one `BudgetPart` for each: the sensor, waiting while sound or light is
collected, features, network, radio, waking up, resting, and the regulator. Each part can be left
out, which is shown.

A look begins with waking up; then the sensor collects; then the processor computes; then it sends.
If that does not fit into the period one after the other, it computes while the next look is
collected.
"""

from dataclasses import dataclass, field

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import at_least, fraction, one_of, positive, whole
from tinylab.cost.catalogue.sensors import front_ends, sensors
from tinylab.cost.device.pulse import Pulse, pulse
from tinylab.cost.partition.radio import duty_cycled_s, transmit, upkeep_uJ
from tinylab.cost.partition.radio import radio as known_radio
from tinylab.cost.power.battery import BatteryLife, battery, battery_life
from tinylab.cost.power.clocked import active_power_mW, rest_power_mW
from tinylab.cost.timing.predict import latency
from tinylab.cost.timing.workload import Workload
from tinylab.graph.core.ir import Graph

__all__ = ["PARTS", "BudgetPart", "Device", "DeviceBudget", "device_budget", "front_end_cycles"]

PARTS = {
    "sensor": "sensor",
    "waiting": "waiting while it collects",
    "front_end": "features",
    "network": "network",
    "radio": "radio",
    "wake_up": "waking up",
    "rest": "resting",
    "regulator": "regulator",
}
"""The parts of a budget and their names, in the order in which they are shown."""


@dataclass(frozen=True)
class Device:
    """What a device does in one period around its model.

    Parameters
    ----------
    period_s : float
        From one look to the next.
    sensor : str or None
        "microphone" or "camera"; None for a sensor that is not counted.
    collect_s : float
        How long sound or light is collected for one look.
    collecting : {"idle", "sleep"}
        What the processor does meanwhile: "sleep" needs a chip that records without it.
    features_cycles : float
        Of the front end, for one look; see `front_end_cycles`.
    radio : str or None
    answer_bytes : int
        Sent after each look; 0 sends nothing. A connection is kept up all the time.
    rest : {"sleep", "idle"}
    efficiency : float
        Of the regulator between battery and device.
    without : frozenset of str
        Parts that are not counted: keys of `PARTS`.
    """

    period_s: float
    sensor: str | None = "microphone"
    collect_s: float = 1.0
    collecting: str = "idle"
    features_cycles: float = 0.0
    radio: str | None = None
    answer_bytes: int = 0
    rest: str = "sleep"
    efficiency: float = 0.9
    without: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self):
        positive("period_s", self.period_s, "s")
        at_least("collect_s", self.collect_s, 0, "s")
        at_least("features_cycles", self.features_cycles, 0)
        whole("answer_bytes", self.answer_bytes, 0)
        fraction("efficiency", self.efficiency)
        one_of("collecting", self.collecting, ("idle", "sleep"))
        one_of("rest", self.rest, ("idle", "sleep"))
        if self.sensor is not None:
            one_of("sensor", self.sensor, sensors())
        for part in self.without:
            one_of("without", part, PARTS)
        if self.answer_bytes and self.radio is None:
            raise ValueError("answer_bytes needs a radio to send them over")
        if self.collect_s > self.period_s:
            raise ValueError(
                f"collect_s of {self.collect_s:g} s must be at most period_s, {self.period_s:g} s"
            )


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
        return next(one for one in self.parts if one.name == name)


def device_budget(
    model: Graph | Workload,
    on: str | Board,
    device: Device,
    *,
    source: str = "cr2032",
    clock_MHz: float | None = None,
    stack: str | None = None,
) -> DeviceBudget:
    """Add up what a device takes from its battery.

    Parameters
    ----------
    model, on, clock_MHz, stack
        As for `tinylab.cost.latency`.
    device : Device
    source : str
        The battery.

    Raises
    ------
    ValueError
        As `latency`; a power that is not published for this board; work that does not fit into the
        period.
    """
    place = board(on)
    time = latency(model, place, clock_MHz=clock_MHz, stack=stack)
    return budget_of(place, time.cycles, device, source, time.clock_MHz)


def budget_of(
    place: Board, cycles: float, device: Device, source: str, clock_MHz: float
) -> DeviceBudget:
    """The kernel of `device_budget`, for a network whose cycles are known."""
    period_ms = 1e3 * device.period_s
    network_ms, features_ms = cycles / clock_MHz / 1e3, device.features_cycles / clock_MHz / 1e3
    sent = None
    if device.answer_bytes and device.radio is not None:
        sent = transmit(device.answer_bytes, device.radio, start=True)
    send_ms = sent.time_ms if sent else 0.0
    wake_ms = place.sleep.wakeup.value if device.rest == "sleep" and place.sleep else 0.0
    working_ms = wake_ms + network_ms + features_ms + send_ms
    if working_ms > period_ms:
        raise ValueError(
            f"{working_ms:.3g} ms of work do not fit into period_s of {device.period_s:g} s:"
            " take a longer period or a faster clock"
        )
    waiting_ms = min(1e3 * device.collect_s, period_ms - working_ms)
    active = float(active_power_mW(place, clock_MHz))
    waiting = float(rest_power_mW(place, device.collecting, clock_MHz)) if waiting_ms else 0.0
    resting = float(rest_power_mW(place, device.rest, clock_MHz))
    sensor = _sensor_mW(device.sensor)
    energies = {
        "sensor": sensor * 1e3 * device.collect_s,
        "waiting": waiting * waiting_ms,
        "front_end": active * features_ms,
        "network": active * network_ms,
        "radio": _radio_uJ(device, sent, waiting * send_ms),
        "wake_up": active * wake_ms,
        "rest": resting * (period_ms - working_ms - waiting_ms),
    }
    peak_mW = max(active + sensor, waiting + _sending_mW(device))
    return _assemble(place, energies, device, source, clock_MHz, peak_mW, working_ms, sent)


def _assemble(place, energies, device, source, clock_MHz, peak_mW, busy_ms, sent) -> DeviceBudget:
    used = sum(uJ for name, uJ in energies.items() if name not in device.without)
    energies["regulator"] = used * (1 / device.efficiency - 1)
    lossless = "regulator" in device.without
    total = used if lossless else used + energies["regulator"]
    period_ms = 1e3 * device.period_s
    parts = tuple(
        BudgetPart(name, energies[name], energies[name] / period_ms, name not in device.without)
        for name in PARTS
    )
    average, cell = total / period_ms, battery(source)
    efficiency = 1.0 if lossless else device.efficiency
    fits = average <= cell.max_power_mW
    return DeviceBudget(
        parts=parts,
        average_power_mW=average,
        energy_uJ=total,
        look_uJ=total * (1 - (0.0 if "rest" in device.without else energies["rest"]) / used),
        busy_ms=busy_ms,
        period_ms=period_ms,
        clock_MHz=clock_MHz,
        pulse=pulse(peak_mW / efficiency, busy_ms, cell),
        life=battery_life(average, cell, converter_efficiency=1.0) if fits else None,
        least_period_s=duty_cycled_s(sent) if sent else 0.0,
        board=place.id,
        battery=cell.id,
    )


def front_end_cycles(application: str, frames: int = 1) -> float:
    """Cycles of the features of one look (`modelled`, on a Cortex-M4; other cores will differ).

    Parameters
    ----------
    application : {"keyword_spotting", "anomaly_detection"}
    frames : int
        Of the anomaly detector's spectrogram; the keyword front end always takes one second.
    """
    one_of("application", application, front_ends())
    each = front_ends()[application].cycles.value
    return each * (1 if application == "keyword_spotting" else whole("frames", frames, 1))


def _sensor_mW(name: str | None) -> float:
    return 0.0 if name is None else sensors()[name].power_mW


def _radio_uJ(device: Device, sent, waiting_uJ: float) -> float:
    """The message, the connection that is kept up, and the processor that waits meanwhile."""
    if device.radio is None:
        return 0.0
    kept = upkeep_uJ(device.radio, device.period_s)
    return kept + (sent.energy_uJ + waiting_uJ if sent else 0.0)


def _sending_mW(device: Device) -> float:
    if device.radio is None or not device.answer_bytes:
        return 0.0
    link = known_radio(device.radio)
    return link.transmit_current.value * link.supply.value
