"""What a deployed model costs on a board, as JSON and as a page."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from tinylab.cost import Board, active_power_mW
from tinylab.deploy.codegen import CProgram
from tinylab.deploy.codegen.layers import LayerKernel
from tinylab.deploy.emulator import Emulation
from tinylab.files import replacing


@dataclass(frozen=True)
class LayerCost:
    """One layer: its kernel, why no faster one applies, its share of the instructions, its cycles,
    and the fewest that its kernel can take (0 if not counted)."""

    op: int
    kind: str
    output_shape: tuple[int, ...]
    macs: int
    kernel: str
    reason: str
    instructions: int
    cycles: int
    least_cycles: int


@dataclass(frozen=True)
class DeploymentReport:
    """A model on a board.

    Parameters
    ----------
    model, board, board_name, core, kernels : str
    accuracy : float or None
        Of the generated C, on `accuracy_examples` examples; None without data.
    arena_bytes, live_bytes, state_bytes, stack_bytes : int
        RAM: the arena, the least it could be, what outlives an inference, and the most of the
        stack that was used (measured on the emulated Cortex-M4).
    weight_bytes, flash_bytes : int
        Weights and tables; and all of the program, measured in the same way.
    sram_bytes, board_flash_bytes : int or None
        What the board has.
    instructions, cycles : int
        Of one inference on a Cortex-M4 (instructions measured, cycles modelled).
    clock_MHz : float
    cycle_factor : str
        From emulated cycles to those of a real chip, with its range and source.
    latency_ms, latency_low_ms, latency_high_ms : float or None
        Modelled with that factor, None if the board's core is not a Cortex-M4.
    energy_uJ, energy_low_uJ, energy_high_uJ : float or None
        None if the latency or the board's power is not known.
    layers : tuple of LayerCost
    notes : tuple of str
        What was left out, and why.
    """

    model: str
    board: str
    board_name: str
    core: str
    kernels: str
    accuracy: float | None
    accuracy_examples: int
    arena_bytes: int
    live_bytes: int
    state_bytes: int
    stack_bytes: int
    weight_bytes: int
    flash_bytes: int
    sram_bytes: int | None
    board_flash_bytes: int | None
    instructions: int
    cycles: int
    clock_MHz: float
    cycle_factor: str
    latency_ms: float | None
    latency_low_ms: float | None
    latency_high_ms: float | None
    energy_uJ: float | None
    energy_low_uJ: float | None
    energy_high_uJ: float | None
    layers: tuple[LayerCost, ...]
    notes: tuple[str, ...]


def make_report(
    program: CProgram, board: Board, emulation: Emulation, accuracy: float | None, examples: int
) -> DeploymentReport:
    """Collect what is known.

    Raises
    ------
    ValueError
        The program does not fit the board's memory.
    """
    summary, notes = program.report(), []
    ram = emulation.ram_bytes + emulation.stack_bytes
    sizes = [None if size is None else int(size.value * 1024) for size in (board.sram, board.flash)]
    _check_fits(board, ram, emulation.total_flash_bytes, sizes)
    clock = board.clock(None)
    times: list[float | None] = [None] * 3
    if board.core == "Cortex-M4":
        times = [emulation.latency_ms(clock), *emulation.latency_range_ms(clock)]
    else:
        notes.append(f"no latency: cycles are those of a Cortex-M4, and this is a {board.core}")
    power = float(active_power_mW(board, clock)) if board.operating_points else None
    if power is None:
        notes.append("no energy: the board's power is not published")
    if accuracy is None:
        notes.append("no accuracy: no data were given")
    notes += [f"layer {layer.op}, {layer.kind}: {layer.reason}" for layer in summary.plain_layers]
    energies = [None if t is None or power is None else t * power for t in times]
    return DeploymentReport(
        model=program.name,
        board=board.id,
        board_name=board.name,
        core=board.core,
        kernels=program.kernels,
        accuracy=accuracy,
        accuracy_examples=examples,
        arena_bytes=program.arena_bytes,
        live_bytes=summary.live_bytes,
        state_bytes=program.state_bytes,
        stack_bytes=emulation.stack_bytes,
        weight_bytes=program.weight_bytes,
        flash_bytes=emulation.total_flash_bytes,
        sram_bytes=sizes[0],
        board_flash_bytes=sizes[1],
        instructions=emulation.instructions,
        cycles=emulation.cycles,
        clock_MHz=clock,
        cycle_factor=str(emulation.cycle_factor),
        latency_ms=times[0],
        latency_low_ms=times[1],
        latency_high_ms=times[2],
        energy_uJ=energies[0],
        energy_low_uJ=energies[1],
        energy_high_uJ=energies[2],
        layers=_layers(summary.layers, emulation),
        notes=tuple(notes),
    )


def write_report(report: DeploymentReport, folder: Path) -> list[Path]:
    """Write `report.json` and `report.html` into `folder`."""
    loader = PackageLoader("tinylab.deploy.export", "templates")
    pages = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
    texts = {
        "report.json": json.dumps(asdict(report), indent=2) + "\n",
        "report.html": pages.get_template("report.html.j2").render(report=report) + "\n",
    }
    for name, text in texts.items():
        with replacing(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def summary(report: DeploymentReport) -> str:
    """A few lines for a terminal."""
    lines = [
        f"{report.model} on {report.board_name} ({report.core}), {report.kernels} kernels",
        f"RAM {report.arena_bytes + report.state_bytes + report.stack_bytes:,} bytes, flash "
        f"{report.flash_bytes:,}",
    ]
    if report.accuracy is not None:
        lines.append(f"accuracy {report.accuracy:.1%} of {report.accuracy_examples} examples")
    if report.latency_ms is not None:
        ends = f"{report.latency_low_ms:.2f} to {report.latency_high_ms:.2f}"
        lines.append(f"latency {report.latency_ms:.2f} ms ({ends}), modelled")
        lines.append(f"from emulated cycles to those of a real chip: {report.cycle_factor}")
    if report.energy_uJ is not None:
        ends = f"{report.energy_low_uJ:.0f} to {report.energy_high_uJ:.0f}"
        lines.append(f"energy {report.energy_uJ:.0f} uJ ({ends}), modelled")
    return "\n".join([*lines, *report.notes])


def _check_fits(board: Board, ram: int, flash: int, sizes: list[int | None]) -> None:
    for what, needed, size in (("RAM", ram, sizes[0]), ("flash", flash, sizes[1])):
        if size is not None and needed > size:
            raise ValueError(
                f"the program needs {needed:,} bytes of {what}, and {board.name} has {size:,}; "
                "take a smaller model or a larger board"
            )


def _layers(layers: tuple[LayerKernel, ...], emulation: Emulation) -> tuple[LayerCost, ...]:
    profiles = {row.op: row.profile for row in emulation.per_op}
    return tuple(
        LayerCost(
            op=layer.op,
            kind=layer.kind,
            output_shape=layer.output_shape,
            macs=layer.macs,
            kernel=layer.kernel,
            reason=layer.reason,
            instructions=profiles[layer.op].instructions if layer.op in profiles else 0,
            cycles=profiles[layer.op].cycles if layer.op in profiles else 0,
            least_cycles=layer.least_cycles,
        )
        for layer in layers
    )
