"""Arm Ethos-U: what a neural processing unit beside the Cortex-M would make of a model.

In: an int8 `.tflite` model. Out: an `NpuEstimate` with cycles, memory and the place of each
operator, as
Arm's compiler Vela predicts them. Vela ends its process on some models, so it runs in one of its
own.
"""

import csv
import importlib.util
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinylab.deploy.toolchain import run_tool
from tinylab.graph import Graph
from tinylab.graph.writer import write_tflite

_INSTALL = "the ethos-u-vela wheel is missing: pip install ethos-u-vela==5.2.0"
_WORKER = "import sys; from ethosu.vela.vela import main; sys.exit(main())"
_SYSTEMS = {
    "u55": "Ethos_U55_High_End_Embedded",
    "u65": "Ethos_U65_Embedded",
    "u85": "Ethos_U85_SYS_Flash_High",
}
_UNITS = {"u55": (32, 64, 128, 256), "u65": (256, 512), "u85": (128, 256, 512, 1024, 2048)}
ACCELERATORS = tuple(f"ethos-{core}-{macs}" for core, sizes in _UNITS.items() for macs in sizes)
"""The core, and how many multiply-accumulates it does in a cycle."""


@dataclass(frozen=True)
class NpuOp:
    """One operator after Vela's own rewriting.

    Parameters
    ----------
    name, kind : str
    target : str
        "NPU", or "CPU" for what the accelerator cannot do.
    cycles, macs : int
    utilization_pct : float
        Share of the multipliers that are busy.
    """

    name: str
    kind: str
    target: str
    cycles: int
    macs: int
    utilization_pct: float


@dataclass(frozen=True)
class NpuEstimate:
    """Vela's prediction for one inference (modelled, not measured).

    Parameters
    ----------
    accelerator, system : str
        The core, and Vela's description of the memories around it.
    clock_MHz : float
    cycles : int
    latency_ms : float
    inferences_per_second : float
        0 if nothing runs on the accelerator.
    sram_bytes, flash_bytes : int
    macs : int
    per_op : tuple of NpuOp
    """

    accelerator: str
    system: str
    clock_MHz: float
    cycles: int
    latency_ms: float
    inferences_per_second: float
    sram_bytes: int
    flash_bytes: int
    macs: int
    per_op: tuple[NpuOp, ...]
    kind: str = "modelled"

    @property
    def npu_share(self) -> float:
        """Share of the operators that run on the accelerator."""
        on_npu = sum(op.target == "NPU" for op in self.per_op)
        return on_npu / len(self.per_op) if self.per_op else 0.0


def estimate(model: Graph | str | Path | bytes, accelerator: str = "ethos-u55-128") -> NpuEstimate:
    """Compile a model for an Ethos-U and read off what it would take.

    Parameters
    ----------
    model : Graph, or path or content of a `.tflite` file
        Weights stay in flash, activations in SRAM.
    accelerator : str
        One of `ACCELERATORS`.

    Returns
    -------
    NpuEstimate

    Raises
    ------
    ValueError
        Unknown accelerator.
    RuntimeError
        The wheel is missing, or Vela refuses the model.
    """
    if accelerator not in ACCELERATORS:
        raise ValueError(
            f"accelerator must be one of {', '.join(ACCELERATORS)}, not {accelerator!r}"
        )
    if importlib.util.find_spec("ethosu") is None:
        raise RuntimeError(_INSTALL)
    system = _SYSTEMS[accelerator.split("-")[1]]
    with tempfile.TemporaryDirectory(prefix="tinylab-") as name:
        folder = Path(name)
        (folder / "model.tflite").write_bytes(_content(model))
        _compile(folder, accelerator, system)
        return _read(folder, accelerator, system)


def _content(model: Graph | str | Path | bytes) -> bytes:
    if isinstance(model, Graph):
        return write_tflite(model)
    return model if isinstance(model, bytes) else Path(model).read_bytes()


def _compile(folder: Path, accelerator: str, system: str) -> None:
    command = [
        *(sys.executable, "-c", _WORKER, str(folder / "model.tflite")),
        *("--accelerator-config", accelerator, "--config", "Arm/vela.ini"),
        *("--system-config", system, "--memory-mode", "Shared_Sram"),
        *("--output-dir", str(folder), "--verbose-performance"),
    ]
    done = run_tool(command, "Vela")
    if done.returncode or not list(folder.glob("*_summary_*.csv")):
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        errors = [line for line in lines if re.search("error|fail", line, re.IGNORECASE)] or lines
        reason = errors[0].strip() if errors else f"it ended with code {done.returncode}"
        raise RuntimeError(f"Vela cannot compile this model: {reason}")


def _read(folder: Path, accelerator: str, system: str) -> NpuEstimate:
    summary = _rows(next(iter(folder.glob("*_summary_*.csv"))))[0]
    layers = [row for path in folder.glob("*_per-layer.csv") for row in _rows(path)]
    memory = {
        name: round(1024 * float(summary[f"{name}_memory_used"]))
        for name in ("sram", "on_chip_flash", "off_chip_flash")
    }
    seconds = float(summary["inference_time"])
    return NpuEstimate(
        accelerator=accelerator,
        system=system,
        clock_MHz=float(summary["core_clock"]) / 1e6,
        cycles=round(float(summary["cycles_total"])),
        latency_ms=seconds * 1e3,
        inferences_per_second=1 / seconds if seconds else 0.0,
        sram_bytes=memory["sram"],
        flash_bytes=memory["on_chip_flash"] + memory["off_chip_flash"],
        macs=round(float(summary["nn_macs"])),
        per_op=tuple(map(_op, layers)),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _op(row: dict[str, str]) -> NpuOp:
    return NpuOp(
        name=row["Name"],
        kind=row["NNG Operator"],
        target=row["Target"],
        cycles=round(float(row["Op Cycles"])),
        macs=round(float(row["MAC Count"])),
        utilization_pct=float(row["Util% (MAC)"]),
    )
