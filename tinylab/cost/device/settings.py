"""What a device does around its model: a `Device`, and the parts of its budget by name."""

from dataclasses import dataclass, field

from tinylab.cost.catalogue.checks import at_least, fraction, one_of, positive, whole
from tinylab.cost.catalogue.sensors import front_ends, sensors
from tinylab.cost.power.radio import CONNECTIONS, radio

__all__ = ["PARTS", "Device", "front_end_cycles"]

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
        Sent after each look; 0 sends nothing.
    connection : {"kept", "made"}
        "kept": up all the time. "made": made for each message, for radios of which it is known what
        that takes.
    delivery : float
        Share of packets that arrive; lost ones are sent again.
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
    connection: str = "kept"
    delivery: float = 1.0
    rest: str = "sleep"
    efficiency: float = 0.9
    without: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self):
        positive("period_s", self.period_s, "s")
        at_least("collect_s", self.collect_s, 0, "s")
        at_least("features_cycles", self.features_cycles, 0)
        whole("answer_bytes", self.answer_bytes, 0)
        fraction("efficiency", self.efficiency)
        fraction("delivery", self.delivery)
        one_of("collecting", self.collecting, ("idle", "sleep"))
        one_of("rest", self.rest, ("idle", "sleep"))
        one_of("connection", self.connection, CONNECTIONS)
        if self.sensor is not None:
            one_of("sensor", self.sensor, sensors())
        for part in self.without:
            one_of("without", part, PARTS)
        if self.collect_s > self.period_s:
            raise ValueError(
                f"collect_s of {self.collect_s:g} s must be at most period_s, {self.period_s:g} s"
            )
        self._check_radio()

    def _check_radio(self) -> None:
        if self.radio is None:
            if self.answer_bytes:
                raise ValueError("answer_bytes needs a radio to send them over")
        elif self.connection == "made" and not radio(self.radio).joins:
            raise ValueError(
                f"connection must be 'kept' with {self.radio}: what making one takes is not known"
            )


def front_end_cycles(application: str, frames: int | None = None) -> float:
    """Cycles of the features of one look (`modelled`, on a Cortex-M4; other cores will differ).

    Parameters
    ----------
    application : {"keyword_spotting", "anomaly_detection"}
    frames : int, optional
        Of the spectrogram; by default those of one second of sound for the keyword front end, and
        one for the anomaly detector's. A device that listens all the time keeps old frames, and
        computes the new ones only.
    """
    one_of("application", application, front_ends())
    front_end = front_ends()[application]
    count = front_end.frames if frames is None else whole("frames", frames, 1)
    return front_end.cycles.value * count
