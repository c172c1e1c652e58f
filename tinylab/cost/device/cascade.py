"""A wake-up cascade: cheap stages listen all the time and wake the dearer ones.

In: in how many windows of a recording each stage ran. Out: the budget of the device that hears it.

The sound's level is checked in every window; only where it is loud enough are features computed,
and only where a small detector then finds speech does the keyword network run. Features of old
frames are kept, so a window that follows another needs its new frames only.
"""

from dataclasses import dataclass, replace

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import at_least, positive, whole
from tinylab.cost.catalogue.sensors import sound_level_cycles
from tinylab.cost.device.budget import DeviceBudget, budget_of
from tinylab.cost.device.settings import Device, front_end_cycles

__all__ = ["Cascade", "cascade_budget"]


@dataclass(frozen=True)
class Cascade:
    """How much each stage of a cascade has to do.

    Parameters
    ----------
    hop_s : float
        From one window to the next.
    windows : int
    frames : int
        Of the spectrogram, computed in all windows together.
    detected : int
        Windows in which the small detector ran.
    recognized : int
        Windows in which the keyword network ran.
    """

    hop_s: float
    windows: int
    frames: int
    detected: int
    recognized: int

    def __post_init__(self):
        positive("hop_s", self.hop_s, "s")
        whole("windows", self.windows, 1)
        for name in ("frames", "detected", "recognized"):
            whole(name, getattr(self, name), 0)


def cascade_budget(
    on: str | Board,
    work: Cascade,
    *,
    detector_cycles: float,
    network_cycles: float,
    device: Device | None = None,
    source: str = "cr2032",
    clock_MHz: float | None = None,
) -> DeviceBudget:
    """The budget of a device that listens without pause behind a cascade, on average.

    Parameters
    ----------
    on, source, clock_MHz
        As for `device_budget`.
    work : Cascade
    detector_cycles, network_cycles : float
        Of one run of the small detector, and of the keyword network.
    device : Device, optional
        How it rests, its regulator, and what is left out; its period and features are those of the
        cascade. By default a chip that records while it sleeps.

    Raises
    ------
    ValueError
        A hop in which all stages run takes longer than the hop; a power that is not published.
    """
    target = board(on)
    at_least("detector_cycles", detector_cycles, 0)
    at_least("network_cycles", network_cycles, 0)
    clock = target.clock(clock_MHz)
    level = sound_level_cycles().value * work.hop_s
    frame = front_end_cycles("keyword_spotting", 1)
    around = replace(
        device or Device(1.0, collecting="sleep"),
        period_s=work.hop_s,
        collect_s=work.hop_s,
        features_cycles=level + frame * work.frames / work.windows,
    )
    computing = detector_cycles * work.detected + network_cycles * work.recognized
    return budget_of(target, computing / work.windows, around, source, clock)
