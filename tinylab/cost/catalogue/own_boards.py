"""Your own boards: a `boards.toml` in, entries and measurements like the shipped ones out.

    default = "school_board"             # optional: the board explorers begin with

    [school_board]
    core = "Cortex-M4"                   # as in the shipped catalogue
    clock_MHz = 100
    supply_V = 3.3                       # all further keys are optional
    active_mW = 41.0                     # board power while a model runs
    idle_mW = 12.0                       # between inferences, clocks running
    sleep_uA = 10.0

    [[school_board.measured]]
    model = "kws"                        # kws, vww, ic, ad or sww of MLPerf Tiny
    stack = "TFLM CMSIS-NN"
    latency_ms = 60.0

It lies in your work folder, or beside the README for a whole course; `TINYLAB_BOARDS` names
another.
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from tinylab import paths
from tinylab.cost.catalogue.checks import at_least, positive
from tinylab.cost.catalogue.measurements import OWN, Measurement
from tinylab.cost.catalogue.quantity import Quantity
from tinylab.files import read_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["FILE_NAME", "OwnCatalogue", "entry", "own_catalogue", "own_path"]

FILE_NAME = "boards.toml"
NUMBERS = {
    "clock_MHz": "MHz",
    "lowest_clock_MHz": "MHz",
    "sram_KiB": "KiB",
    "flash_KiB": "KiB",
    "supply_V": "V",
    "active_mW": "mW",
    "idle_mW": "mW",
    "sleep_uA": "uA",
    "wakeup_ms": "ms",
}
NETWORKS = ("kws", "vww", "ic", "ad", "sww")
"""The models of MLPerf Tiny, whose amounts of work are known."""
TEXTS = ("name", "soc", "core", "regulator", "sleep_mode", "sleep_retains", "note")
MEASURED = ("model", "stack", "version", "latency_ms", "energy_uJ", "clock_MHz")
CORES = {"Cortex-M4F": "Cortex-M4", "Cortex-M7F": "Cortex-M7"}
"""Spellings of data sheets, and what the catalogue calls these cores."""


@dataclass(frozen=True, eq=False)
class OwnCatalogue:
    """What a `boards.toml` adds; empty where there is none.

    Parameters
    ----------
    boards : mapping of id to dict
        In the form of the shipped catalogue.
    measurements : tuple of Measurement
    default : str
        The id of the board to begin with, or empty.
    """

    boards: Mapping[str, dict] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    default: str = ""


NOTHING = OwnCatalogue()


def own_path() -> Path:
    """The `boards.toml` in use: that of `TINYLAB_BOARDS`, of the work folder, or of the course."""
    if "TINYLAB_BOARDS" in os.environ:
        return Path(os.environ["TINYLAB_BOARDS"])
    mine = paths.work_dir() / FILE_NAME
    shared = paths.PROJECT / FILE_NAME
    return shared if shared.is_file() and not mine.is_file() else mine


def own_catalogue() -> OwnCatalogue:
    """What your `boards.toml` holds now; what has changed in it counts at once.

    Raises
    ------
    OSError
        It is there and cannot be read.
    ValueError
        With one sentence on the first entry that cannot be used.
    """
    path = own_path()
    try:
        text = read_text(path)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error
    return NOTHING if text is None else _read(path, text)


@lru_cache(maxsize=8)  # by its content: times of files lie where the clock was set, or on a stick
def _read(path: Path, text: str) -> OwnCatalogue:
    try:
        listed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error
    default = listed.pop("default", "")
    if not isinstance(default, str):
        raise ValueError(f"{path.name}: default must be the name of a board, not {default!r}")
    boards, measured = {}, []
    for name, values in listed.items():
        if not isinstance(values, dict) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError(
                f"{path.name}: {name!r} must be a table [name] of lower-case letters, digits and _"
            )
        where = f"{path.name}, [{name}]"
        rows = _tables(where, name, values.pop("measured", []))
        boards[name] = entry(where, name, values)
        supply_V = values.get("supply_V")
        measured += [_measurement(where, name, boards[name], supply_V, row) for row in rows]
    return OwnCatalogue(MappingProxyType(boards), tuple(measured), default)


def _tables(where: str, name: str, rows) -> list[dict]:
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    raise ValueError(
        f"{where}: each measurement is a table of its own, [[{name}.measured]] with two brackets"
    )


def entry(where: str, name: str, values: dict) -> dict:
    """A board in the form of the shipped catalogue."""
    unknown = set(values) - {*NUMBERS, *TEXTS}
    if unknown:
        known = ", ".join((*TEXTS, *NUMBERS, "measured"))
        raise ValueError(f"{where}: {', '.join(sorted(unknown))} is no key; there are {known}")
    for key in ("core", "clock_MHz"):
        if key not in values:
            raise ValueError(f"{where}: {key} is missing")
    _check_texts(where, values, TEXTS)
    given = {
        k: Quantity(_number(where, k, v), NUMBERS[k], OWN, where)
        for k, v in values.items()
        if k in NUMBERS
    }
    slow_MHz = min(1.0, given["clock_MHz"].value)
    lowest = Quantity(slow_MHz, "MHz", "modelled", "lowest clock offered here")
    for less, more in (("lowest_clock_MHz", "clock_MHz"), ("idle_mW", "active_mW")):
        if {less, more} <= set(given) and given[less].value > given[more].value:
            raise ValueError(
                f"{where}: {less} must be at most {more}, {given[more].value:g}, not"
                f" {given[less].value:g}"
            )
    return {
        "name": values.get("name", name),
        "soc": values.get("soc", name),
        "core": CORES.get(values["core"], values["core"]),
        "accelerator": "",
        "clock_max": given["clock_MHz"],
        "clock_min": given.get("lowest_clock_MHz", lowest),
        "sram": given.get("sram_KiB"),
        "flash": given.get("flash_KiB"),
        "operating_points": _points(values, given),
        "sleep": _sleep(where, values, given),
        "idle_power": given.get("idle_mW"),
        "note": values.get("note", "Your own board."),
        "timing_as": "",
    }


def _check_texts(where: str, values: dict, keys: tuple[str, ...]) -> None:
    for key in keys:
        if not isinstance(values.get(key, ""), str):
            raise ValueError(f"{where}: {key} must be text in quotes, not {values[key]!r}")


def _number(where: str, key: str, value) -> float:
    check = at_least if key in ("sleep_uA", "idle_mW", "wakeup_ms") else positive
    return float(check(f"{where}: {key}", value))


def _points(values: dict, given: dict) -> list[dict]:
    if "active_mW" not in given:
        return []
    return [
        {
            "clock_MHz": given["clock_MHz"].value,
            "active_power": given["active_mW"],
            "supply": given.get("supply_V"),
            "regulator": values.get("regulator", "not stated"),
            "scope": "board",
        }
    ]


def _sleep(where: str, values: dict, given: dict) -> dict | None:
    if "sleep_uA" not in given:
        return None
    if "supply_V" not in given:
        raise ValueError(f"{where}: sleep_uA needs supply_V beside it, to become a power")
    assumed = Quantity(0.1, "ms", "modelled", "assumed: clocks and supplies settle")
    return {
        "current": given["sleep_uA"],
        "supply": given["supply_V"],
        "mode": values.get("sleep_mode", "sleep"),
        "retains": values.get("sleep_retains", "all of its memory"),
        "wakeup": given.get("wakeup_ms", assumed),
        "scope": "board",
    }


def _measurement(
    where: str, name: str, board: dict, supply_V: float | None, row: dict
) -> Measurement:
    if row.get("model") not in (None, *NETWORKS):
        known = ", ".join(NETWORKS)
        raise ValueError(f"{where}, measured: model must be one of {known}, not {row['model']!r}")
    unknown = set(row) - set(MEASURED)
    missing = {"model", "stack", "latency_ms"} - set(row)
    if unknown or missing:
        wrong = f"{sorted(unknown)[0]} is no key" if unknown else f"{sorted(missing)[0]} is missing"
        raise ValueError(f"{where}, measured: {wrong}; there are {', '.join(MEASURED)}")
    _check_texts(f"{where}, measured", row, ("stack", "version"))
    highest = board["clock_max"]
    clock_MHz = positive(f"{where}, measured: clock_MHz", row.get("clock_MHz", highest.value))
    if clock_MHz > highest.value:
        raise ValueError(
            f"{where}, measured: clock_MHz must be at most the board's {highest.value:g}, not"
            f" {clock_MHz:g}"
        )
    return Measurement(
        board=name,
        core=board["core"],
        stack=row["stack"],
        version=row.get("version", ""),
        benchmark=row["model"],
        clock_MHz=float(clock_MHz),
        latency_ms=row["latency_ms"],
        energy_uJ=row.get("energy_uJ"),
        supply_V=supply_V,
    )
