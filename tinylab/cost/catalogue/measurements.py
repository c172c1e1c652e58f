"""The published measurements that the cost model is calibrated on."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tinylab.cost.catalogue.checks import positive
from tinylab.cost.catalogue.quantity import DATA

OWN = "measured"
"""The round of a measurement that was not published."""
SINGLE_MODEL_HARDWARE = ("FPGA", "ANPU")


@dataclass(frozen=True)
class Measurement:
    """One measured latency, and energy where it was measured.

    Parameters
    ----------
    board, core, stack, version : str
        Where it ran: the board's id, the core (with its accelerator), the software stack's family
        and version.
    benchmark : str
        "kws", "vww", "ic" or "ad".
    clock_MHz, latency_ms : float
    energy_uJ, energy_latency_ms : float or None
        Of one inference, and how long it took while the energy was measured.
    precision : str
        "int8", "fp16" or "fp32".
    model : str
        "reference" for the benchmark's own model; other models' sizes are not known here.
    round, division, submitter : str
        The round of MLPerf Tiny and who submitted; "measured" for one's own.
    supply_V : float or None
        During the energy measurement.
    note : str
        Why to treat it with care; "repeats v1.0" for a resubmission of old figures.

    Raises
    ------
    ValueError
        A latency, clock, energy or supply that is not a positive, finite number.
    """

    board: str
    core: str
    stack: str
    benchmark: str
    clock_MHz: float | None
    latency_ms: float
    version: str = ""
    energy_uJ: float | None = None
    energy_latency_ms: float | None = None
    precision: str = "int8"
    model: str = "reference"
    round: str = OWN
    division: str = ""
    submitter: str = ""
    supply_V: float | None = None
    note: str = ""

    def __post_init__(self):
        where = f"of {self.benchmark} on {self.board}"
        positive(f"latency_ms {where}", self.latency_ms)
        for name in ("clock_MHz", "energy_uJ", "energy_latency_ms", "supply_V"):
            if getattr(self, name) is not None:
                positive(f"{name} {where}", getattr(self, name))

    @property
    def stack_name(self) -> str:
        return f"{self.stack} {self.version}".strip()

    @property
    def cycles(self) -> float:
        """Of one inference; a ValueError where the clock is not known."""
        if self.clock_MHz is None:
            raise ValueError(f"{self.board} with {self.stack_name}: the clock is not published")
        return self.latency_ms * 1e3 * self.clock_MHz

    @property
    def power_mW(self) -> float | None:
        """Mean power while it ran, where the energy was measured and is sound."""
        if self.energy_uJ is None or self.note.startswith("energy not usable"):
            return None
        return self.energy_uJ / (self.energy_latency_ms or self.latency_ms)

    @property
    def source(self) -> str:
        if self.round == OWN:
            return OWN
        return f"MLPerf Tiny {self.round}, {self.submitter}"


@cache
def measurements() -> tuple[Measurement, ...]:
    """All published results of MLPerf Tiny v0.5 to v1.2 that give a latency (kind: `published`).

    Source: github.com/mlcommons/tiny_results_v0.5 to v1.2.
    """
    with (DATA / "measurements.csv").open(newline="") as stream:
        return tuple(map(_from_row, csv.DictReader(stream)))


def comparable(measured: Iterable[Measurement] | None = None) -> tuple[Measurement, ...]:
    """Those of known models at a known clock, each once: what a latency model can learn from.

    Hardware that was laid out for a single model (on an FPGA) is left out: it has no cost per
    operator that another model would share.
    """
    measured = measurements() if measured is None else measured
    return tuple(
        measurement
        for measurement in measured
        if measurement.model == "reference"
        and measurement.clock_MHz
        and measurement.core not in SINGLE_MODEL_HARDWARE
        and not measurement.note.startswith("repeats")
    )


def _from_row(row: dict[str, str]) -> Measurement:
    numbers = ("clock_MHz", "supply_V", "latency_ms", "energy_uJ", "energy_latency_ms")
    values: dict[str, Any] = dict(row)
    values |= {name: float(row[name]) if row[name] else None for name in numbers}
    return Measurement(**values)
