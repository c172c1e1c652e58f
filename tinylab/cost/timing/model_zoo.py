"""Published latencies of networks that the calibration has never seen: those of a model zoo.

MLPerf Tiny has four networks, tuned by the companies that submit. Here are others, in the default
settings of one stack. They are not used for calibration: they say how far it carries.
"""

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np

from tinylab.cost.catalogue.quantity import DATA
from tinylab.cost.timing.workload import FEATURES, Workload

__all__ = ["ZooResult", "zoo_results"]

STACK = "X-CUBE-AI"


@dataclass(frozen=True)
class ZooResult:
    """One published latency of one network.

    Parameters
    ----------
    family : str
        Networks of one design.
    network : str
    resolution : str
        Of its input.
    board, stack : str
    clock_MHz, latency_ms : float
    work : Workload
        Counted from the published model file.
    kind, source : str
        Of the latency.
    """

    family: str
    network: str
    resolution: str
    board: str
    stack: str
    clock_MHz: float
    latency_ms: float
    work: Workload
    kind: str
    source: str


@cache
def zoo_results() -> tuple[ZooResult, ...]:
    """All of them."""
    with (DATA / "model_zoo.csv").open(newline="") as stream:
        return tuple(map(_from_row, csv.DictReader(stream)))


def _from_row(row: dict[str, str]) -> ZooResult:
    amounts = np.array([float(row[name]) for name in FEATURES])
    name = f"{row['network']}, {row['resolution']}"
    return ZooResult(
        family=row["family"],
        network=row["network"],
        resolution=row["resolution"],
        board=row["board"],
        stack=f"{STACK} {row['version']}",
        clock_MHz=float(row["clock_MHz"]),
        latency_ms=float(row["latency_ms"]),
        work=Workload(name, "int8", int(amounts[:3].sum()), amounts, amounts),
        kind=row["kind"],
        source=row["source"],
    )
