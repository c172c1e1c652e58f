"""A power trace: power against time, as a meter records it.

In: a CSV file of your own Joulescope, Otii or PPK2; or a board and a model, of which a trace is
*modelled*: published powers, predicted time, and some noise. Out: a `PowerTrace`, in which the
inferences stand out.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import fraction, positive, whole
from tinylab.cost.power.clocked import active_power_mW, rest_power_mW
from tinylab.cost.timing.predict import latency
from tinylab.cost.timing.workload import Workload
from tinylab.graph.core.ir import Graph

__all__ = ["PowerTrace", "modelled_power_trace", "read_power_trace"]

NOISE = 0.02
"""Standard deviation of a sample over the power (assumed; meters of 1 kHz show about as much)."""
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
MILLI = {"w": 1e3, "mw": 1.0, "uw": 1e-3, "a": 1e3, "ma": 1.0, "ua": 1e-3, "v": 1.0, "mv": 1e-3}


@dataclass(frozen=True, eq=False)
class PowerTrace:
    """Power against time; arrays of shape (samples,).

    Attributes
    ----------
    time_ms : float64 array
        Rising.
    power_mW : float64 array
    kind : str
        "modelled", or "measured" for a file of yours.
    source : str
    """

    time_ms: np.ndarray
    power_mW: np.ndarray
    kind: str
    source: str


def modelled_power_trace(
    model: Graph | Workload,
    on: str | Board,
    *,
    inferences: int = 5,
    busy_share: float = 0.4,
    samples_per_s: float = 1000.0,
    seed: int = 0,
) -> PowerTrace:
    """What a meter would show of a board that runs a model, waits, and runs it again.

    Parameters
    ----------
    model, on
        As for `latency`.
    inferences : int
    busy_share : float
        Of the time from one inference to the next.
    samples_per_s : float
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        As `latency`; the board's active or idle power is not published.
    """
    whole("inferences", inferences, 1)
    fraction("busy_share", busy_share)
    positive("samples_per_s", samples_per_s)
    target = board(on)
    time = latency(model, target)
    active = float(active_power_mW(target, time.clock_MHz))
    idle = float(rest_power_mW(target, "idle", time.clock_MHz))
    period_ms = time.latency_ms / busy_share
    lead_ms = period_ms - time.latency_ms
    count = int((inferences * period_ms + lead_ms) * samples_per_s / 1e3)
    at = np.arange(count) * 1e3 / samples_per_s
    busy = (at >= lead_ms) & (np.mod(at - lead_ms, period_ms) < time.latency_ms)
    level = np.where(busy, active, idle)
    noise = np.random.default_rng(seed).normal(0.0, NOISE, count)
    source = f"published powers of {target.name}, time predicted for {time.stack}, noise assumed"
    return PowerTrace(at, level * (1 + noise), "modelled", source)


def read_power_trace(path: str | Path, *, supply_V: float | None = None) -> PowerTrace:
    """Read the CSV file of a meter: Joulescope, Otii, Power Profiler Kit II, or one like them.

    The first row names the columns with their units, such as "Timestamp(ms),Current(uA)" or
    "time (s),current (A),voltage (V)". There must be a time, and a power or a current.

    Parameters
    ----------
    path : str or Path
    supply_V : float, optional
        For a file that has a current, and no voltage.

    Raises
    ------
    ValueError
        In one sentence, what the file lacks or where it cannot be read.
    """
    path = Path(path)
    names, table = _table(path)
    time_s = _column(names, table, ("time", "timestamp"), SECONDS)
    power = _column(names, table, ("power",), MILLI)
    if time_s is None:
        raise ValueError(f"{path.name}: no column is a time in s, ms or us; there are {names}")
    if power is None:
        power = _from_current(path.name, names, table, supply_V)
    if len(time_s) < 2 or np.any(np.diff(time_s) <= 0):
        raise ValueError(f"{path.name}: the time must rise from one row to the next")
    return PowerTrace(1e3 * (time_s - time_s[0]), power, "measured", path.name)


def _table(path: Path) -> tuple[list[str], np.ndarray]:
    text = path.read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) < 3:
        raise ValueError(f"{path.name}: a trace has a row of names and two or more rows of numbers")
    separator = max(",;\t", key=lines[0].count)
    names, *rows = csv.reader(lines, delimiter=separator)
    rows = [row[:-1] if len(row) > len(names) and not row[-1].strip() else row for row in rows]
    if any(len(row) != len(names) for row in rows):
        raise ValueError(
            f"{path.name}: every row needs {len(names)} numbers, one for each name, with a point"
            " for decimals"
        )
    try:
        table = np.array([[float(cell) for cell in row] for row in rows])
    except ValueError as error:
        raise ValueError(f"{path.name}: a cell is not a number ({error})") from error
    if not np.all(np.isfinite(table)):
        raise ValueError(f"{path.name}: every cell must be a finite number")
    return names, table


def _from_current(
    file: str, names: list[str], table: np.ndarray, supply_V: float | None
) -> np.ndarray:
    current_mA = _column(names, table, ("current",), MILLI)
    if current_mA is None:
        raise ValueError(f"{file}: no column is a power or a current; there are {names}")
    voltage = _column(names, table, ("voltage",), MILLI)
    if voltage is None:
        if supply_V is None:
            raise ValueError(f"{file}: it holds no voltage, so pass supply_V")
        voltage = positive("supply_V", supply_V, "V")
    return current_mA * voltage


def _column(names, table, words: tuple[str, ...], units: dict[str, float]) -> np.ndarray | None:
    """The first column of that kind, in s, mW, mA or V; None if there is none."""
    for at, name in enumerate(names):
        plain = name.lower().replace("µ", "u").replace("μ", "u")
        unit = plain.rsplit("(", 1)[-1].rstrip(") ").strip() if "(" in plain else ""
        unit = unit or plain.replace("_", " ").split()[-1]
        if any(word in plain for word in words) and unit in units:
            return table[:, at] * units[unit]
    return None
