"""Heart monitors of several sizes as they were measured: what the challenge's explorer reads."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinylab.cache import read_results

__all__ = ["HeartbeatRow", "HeartbeatWidths", "measured_widths"]

PATH = Path(__file__).parent / "data" / "heartbeat_widths.json"


@dataclass(frozen=True)
class HeartbeatRow:
    """A monitor of one width, in int8.

    Parameters
    ----------
    width : int
        Channels of its first convolutions.
    macro_f1 : tuple of float
        On hidden patients, for each seed.
    recall : tuple of tuples of float
        Of each class, for each seed.
    flash_bytes, arena_bytes, macs : int
    workload : tuple of float
        In the order of `tinylab.cost.FEATURES`.
    """

    width: int
    macro_f1: tuple[float, ...]
    recall: tuple[tuple[float, ...], ...]
    flash_bytes: int
    arena_bytes: int
    macs: int
    workload: tuple[float, ...]


@dataclass(frozen=True)
class HeartbeatWidths:
    """Monitors from small to large, measured on the same beats of hidden patients."""

    rows: tuple[HeartbeatRow, ...]
    beats: int
    patients: int


@cache
def measured_widths() -> HeartbeatWidths:
    """The bundled table, as `tinylab train heartbeat-widths` wrote it."""
    return read_results(json.loads(PATH.read_text(encoding="utf-8")), HeartbeatWidths)
