"""What it costs to send and to receive data, instead of working on it where it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil
from types import MappingProxyType

from tinylab.cost.catalogue.checks import at_least, fraction, whole
from tinylab.cost.catalogue.quantity import Quantity, pick, read

CONNECTIONS = ("kept", "made")
"""A connection is kept up between messages, or made anew for each."""
_SLOW_SYMBOL_MS = 16.0


@dataclass(frozen=True)
class LoraModem:
    """Settings that a LoRa frame's time on air depends on; the coding rate is 4 / (4 + this)."""

    spreading_factor: int
    bandwidth_kHz: float
    coding_rate: int
    preamble_symbols: int
    receive_window_symbols: int


@dataclass(frozen=True)
class Radio:
    """A radio link.

    Parameters
    ----------
    id, name : str
    transmit_current, receive_current : Quantity, mA
    supply : Quantity, V
    rate : Quantity, kbit/s
        On the air.
    packet_payload, packet_overhead : Quantity, B
        The most user data in one packet, and what surrounds it.
    packet_gap : Quantity, us
        Spent listening for each packet: spaces, backoff, acknowledgement.
    startup_energy : Quantity, uJ
    startup_time : Quantity, ms
        From asleep to the first packet.
    joins : bool
        Whether starting up makes the connection, too; without, starting up is a matter of
        microseconds, and a connection is there already.
    duty_cycle : Quantity, share
        Of the time that the device may be on the air by law; 1 where there is no limit.
    upkeep_energy : Quantity, uJ
        To keep a connection up, each `upkeep_interval`.
    upkeep_interval : Quantity, s
    lora : LoraModem or None
    """

    id: str
    name: str
    transmit_current: Quantity
    receive_current: Quantity
    supply: Quantity
    rate: Quantity
    packet_payload: Quantity
    packet_overhead: Quantity
    packet_gap: Quantity
    startup_energy: Quantity
    startup_time: Quantity
    joins: bool
    duty_cycle: Quantity
    upkeep_energy: Quantity
    upkeep_interval: Quantity
    lora: LoraModem | None = None


@dataclass(frozen=True)
class RadioCost:
    """Cost of one message.

    Parameters
    ----------
    energy_uJ, time_ms : float
        In all.
    startup_uJ, transmit_uJ, receive_uJ : float
        Its parts.
    energy_per_bit_nJ : float
        Of user data.
    packets : int
    radio : str
    kind : str
        "modelled".
    """

    energy_uJ: float
    time_ms: float
    startup_uJ: float
    transmit_uJ: float
    receive_uJ: float
    energy_per_bit_nJ: float
    packets: int
    radio: str
    kind: str


@cache
def radios() -> Mapping[str, Radio]:
    """All radios by id."""
    return MappingProxyType(
        {name: _radio(name, values) for name, values in read("radios.json").items()}
    )


def radio(name: "str | Radio") -> Radio:
    """One radio by id; a `Radio` passes through.

    Raises
    ------
    ValueError
        An unknown radio; the message lists the known ones.
    """
    return name if isinstance(name, Radio) else pick("radio", name, radios())


def starts(over: str | Radio, connection: str) -> bool:
    """Whether a message begins with starting up: not where that would join what is joined."""
    return connection == "made" or not radio(over).joins


def transmit(
    payload_bytes: int, over: str | Radio, *, start: bool = True, delivery: float = 1.0
) -> RadioCost:
    """Energy and time to send one message, at the device.

    Parameters
    ----------
    payload_bytes : int
        User data; split into packets as needed.
    over : str or Radio
    start : bool
        Whether the radio has to start up first.
    delivery : float
        Share of packets that arrive, above 0 up to 1; lost ones are sent again, so each is sent
        1 / delivery times on average.

    Raises
    ------
    ValueError
        An unknown radio, less than one byte, or a delivery outside (0, 1].
    """
    link = radio(over)
    fraction("delivery", delivery)
    packets, air_ms = _packets(link, payload_bytes)
    listen_ms = packets * _listen_ms(link)
    return _cost(
        link,
        payload_bytes,
        packets,
        sending_ms=air_ms / delivery,
        hearing_ms=listen_ms / delivery,
        start=start,
    )


def receive(payload_bytes: int, over: str | Radio, *, start: bool = True) -> RadioCost:
    """Energy and time to receive one message that was sent to this device, at the device.

    The radio listens for the packets' time on air and for the gap after each, in which its
    acknowledgement goes out (counted at the receive current, which is close to the other). A
    LoRaWAN device of class A is heard from only after it has spoken: it sends an empty frame for
    each packet that it receives.

    Parameters
    ----------
    payload_bytes, over, start
        As for `transmit`.

    Raises
    ------
    ValueError
        As for `transmit`.
    """
    link = radio(over)
    packets, air_ms = _packets(link, payload_bytes)
    asking_ms = packets * time_on_air_ms(link, 0) if link.lora else 0.0
    hearing_ms = air_ms + packets * _listen_ms(link)
    return _cost(
        link, payload_bytes, packets, sending_ms=asking_ms, hearing_ms=hearing_ms, start=start
    )


def receive_broadcast(payload_bytes: int, over: str | Radio, *, start: bool = True) -> RadioCost:
    """Energy and time to hear one message that is sent once for all devices.

    Nobody asks and nobody acknowledges, so nothing is sent again: a lost packet stays lost. What
    it takes to be awake at the right moment is not counted; that is `upkeep`.

    Parameters
    ----------
    payload_bytes, over, start
        As for `transmit`.
    """
    link = radio(over)
    packets, air_ms = _packets(link, payload_bytes)
    return _cost(link, payload_bytes, packets, sending_ms=0.0, hearing_ms=air_ms, start=start)


def upkeep_uJ(over: str | Radio, seconds: float) -> float:
    """Energy to keep a connection up for some seconds in which nothing is sent, in uJ."""
    link = radio(over)
    at_least("seconds", seconds, 0, "s")
    return link.upkeep_energy.value * seconds / link.upkeep_interval.value


def duty_cycled_s(cost: RadioCost) -> float:
    """Seconds that must pass before the device may send as much again: time on air / duty cycle."""
    link = radio(cost.radio)
    air_s = cost.transmit_uJ / (link.transmit_current.value * link.supply.value) / 1e3
    return air_s / link.duty_cycle.value


def _packets(link: Radio, payload_bytes: int) -> tuple[int, float]:
    """How many packets a message takes, and their time on air in ms."""
    whole("payload_bytes", payload_bytes, 1)
    largest = int(link.packet_payload.value)
    packets = ceil(payload_bytes / largest)
    last = payload_bytes - largest * (packets - 1)
    return packets, (packets - 1) * time_on_air_ms(link, largest) + time_on_air_ms(link, last)


def _cost(
    link: Radio,
    payload_bytes: int,
    packets: int,
    *,
    sending_ms: float,
    hearing_ms: float,
    start: bool,
) -> RadioCost:
    transmit_uJ = sending_ms * link.transmit_current.value * link.supply.value
    receive_uJ = hearing_ms * link.receive_current.value * link.supply.value
    startup_uJ = link.startup_energy.value if start else 0.0
    energy_uJ = startup_uJ + transmit_uJ + receive_uJ
    return RadioCost(
        energy_uJ=energy_uJ,
        time_ms=sending_ms + hearing_ms + (link.startup_time.value if start else 0.0),
        startup_uJ=startup_uJ,
        transmit_uJ=transmit_uJ,
        receive_uJ=receive_uJ,
        energy_per_bit_nJ=energy_uJ * 1e3 / (8 * payload_bytes),
        packets=packets,
        radio=link.id,
        kind="modelled",
    )


def time_on_air_ms(link: Radio, payload_bytes: int) -> float:
    """Time on air of one packet.

    For LoRa by the formula of the SX1276 datasheet, section 4.1.1.7 (explicit header, CRC).
    """
    size = payload_bytes + int(link.packet_overhead.value)
    if link.lora is None:
        return 8 * size / link.rate.value
    return lora_time_on_air_ms(link.lora, size)


def lora_time_on_air_ms(modem: LoraModem, size_bytes: int) -> float:
    """Time on air of a LoRa frame of `size_bytes`, headers included."""
    symbol_ms = _symbol_ms(modem)
    slow = 2 if symbol_ms > _SLOW_SYMBOL_MS else 0
    bits = 8 * size_bytes - 4 * modem.spreading_factor + 28 + 16
    blocks = max(ceil(bits / (4 * (modem.spreading_factor - slow))), 0)
    symbols = 8 + blocks * (modem.coding_rate + 4)
    return (modem.preamble_symbols + 4.25 + symbols) * symbol_ms


def _symbol_ms(modem: LoraModem) -> float:
    return 2**modem.spreading_factor / modem.bandwidth_kHz


def _listen_ms(link: Radio) -> float:
    if link.lora is None:
        return link.packet_gap.value / 1e3
    return link.lora.receive_window_symbols * _symbol_ms(link.lora)


def _radio(name: str, values: dict) -> Radio:
    modem = LoraModem(**values["lora"]) if values["lora"] else None
    return Radio(id=name, **{**values, "lora": modem})
