"""The roofline: which of four roofs holds a layer down?

After Williams, Waterman and Patterson (2009): a layer cannot run faster than the multiplier, nor
than memory brings its data. On a microcontroller there are two memories. Weights come from *flash*,
which waits: a line of some bytes takes one cycle and its wait states, and a slower clock has fewer
of those. Activations lie in *SRAM*, and all of it passes through the core's *data port*. And before
any of them, a kernel needs *issue slots*: loads, sign extensions and loop counters take turns with
the multiplications.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.checks import one_of
from tinylab.cost.catalogue.quantity import read
from tinylab.cost.timing.calibration import LatencyModel
from tinylab.cost.timing.predict import choose_stack
from tinylab.cost.timing.workload import op_features, workload
from tinylab.graph.core.ir import Graph
from tinylab.graph.counting import OpFootprint, count

KERNELS = {
    "multiplier": "a perfect kernel: the multiplier never waits",
    "dsp": "kernels with the DSP instructions",
    "plain": "plain C",
}
"""What a layer's instructions are taken to be."""
ROOFS = ("multiplier", "issue slots", "flash", "data port")


@dataclass(frozen=True)
class RooflinePoint:
    """One layer.

    Parameters
    ----------
    index : int
    kind : str
    macs, flash_bytes, sram_bytes : int
        Weights and biases; inputs and outputs; each once, the least possible.
    roofs_macs_per_s : dict of str to float
        The rate that each of `ROOFS` allows; a roof that is not known is missing.
    modelled_macs_per_s : float
        What the latency model expects of the software stack.
    """

    index: int
    kind: str
    macs: int
    flash_bytes: int
    sram_bytes: int
    roofs_macs_per_s: dict[str, float]
    modelled_macs_per_s: float

    @property
    def flash_intensity(self) -> float:
        """Multiply-accumulates for each byte of weights; infinite without weights."""
        return self.macs / self.flash_bytes if self.flash_bytes else math.inf

    @property
    def port_intensity(self) -> float:
        """Multiply-accumulates for each byte, from either memory."""
        return self.macs / (self.flash_bytes + self.sram_bytes)

    @property
    def bound_by(self) -> str:
        """The lowest roof."""
        return min(self.roofs_macs_per_s, key=lambda roof: self.roofs_macs_per_s[roof])

    @property
    def bound_macs_per_s(self) -> float:
        """The rate that it allows."""
        return self.roofs_macs_per_s[self.bound_by]

    @property
    def memory_bound(self) -> bool:
        """Whether a memory is the lowest roof."""
        return self.bound_by in ("flash", "data port")


@dataclass(frozen=True)
class Roofline:
    """A board's roofs and a model's layers under them.

    Parameters
    ----------
    peak_macs_per_s : float
        Of the multiplier.
    flash_bytes_per_s : float or None
        None where the board's flash is not documented here; its roof is then left out.
    port_bytes_per_s : float
    wait_states : int or None
        Of the flash, at this clock.
    points : tuple of RooflinePoint
        The layers with multiply-accumulates.
    kernel : str
        Whose instructions were counted: a key of `KERNELS`; "multiplier" where those of the asked
        kernel are not known for this core.
    board, stack : str
    clock_MHz : float
    kind, source : str
    """

    peak_macs_per_s: float
    flash_bytes_per_s: float | None
    port_bytes_per_s: float
    wait_states: int | None
    points: tuple[RooflinePoint, ...]
    kernel: str
    board: str
    stack: str
    clock_MHz: float
    kind: str
    source: str


@cache
def cores() -> dict[str, dict[str, Any]]:
    """Of each core: its rates for 8-bit work, and instructions per MAC by kernel and layer."""
    return read("cores.json")


@cache
def flashes() -> dict[str, dict[str, Any]]:
    """Of each board whose flash is documented: MHz per wait state, and bytes of a line."""
    return read("flash.json")


def flash_rate(on: str | Board, clock_MHz: float) -> tuple[int, float] | None:
    """Wait states, and bytes per cycle, at a clock; None where the flash is not documented."""
    entry = flashes().get(board(on).id)
    if entry is None:
        return None
    step = entry["clock_per_wait_state"].value
    waits = max(math.ceil(clock_MHz / step - 1e-9) - 1, 0)
    return waits, entry["line"].value / (1 + waits)


def roofline(
    graph: Graph,
    on: str | Board,
    *,
    kernel: str = "dsp",
    stack: str | None = None,
    clock_MHz: float | None = None,
    calibration: LatencyModel | None = None,
) -> Roofline:
    """Place a model's layers under a board's roofs; other parameters as for `latency`.

    Parameters
    ----------
    kernel : str
        A key of `KERNELS`: whose instructions take the issue slots.

    Raises
    ------
    ValueError
        As `latency`, or the core's peak is not documented; the message lists those that are.
    """
    target = board(on)
    one_of("kernel", kernel, KERNELS)
    if target.core not in cores():
        raise ValueError(
            f"no peak rate of {target.core} ({target.id}) is documented; known are"
            f" {', '.join(cores())}"
        )
    clock, core = target.clock(clock_MHz), cores()[target.core]
    hertz, flash = clock * 1e6, flash_rate(target, clock)
    asked = workload(graph)
    choice = choose_stack(target, asked.precision, stack, calibration)
    each = choice.fit.cycles_per_unit * choice.board_factor * choice.pull_factor(asked)
    points = [
        RooflinePoint(
            index=op.index,
            kind=op.kind,
            macs=op.macs,
            flash_bytes=op.weight_bytes + op.bias_bytes,
            sram_bytes=op.input_bytes + op.output_bytes,
            roofs_macs_per_s=_roofs(op, core, kernel, hertz, flash),
            modelled_macs_per_s=op.macs * hertz / float(op_features(op) @ each),
        )
        for op in count(graph).per_op
        if op.macs
    ]
    return Roofline(
        peak_macs_per_s=core["peak_macs_per_cycle"].value * hertz,
        flash_bytes_per_s=flash[1] * hertz if flash else None,
        port_bytes_per_s=core["bytes_per_cycle"].value * hertz,
        wait_states=flash[0] if flash else None,
        points=tuple(points),
        kernel=kernel if kernel in core["instructions_per_mac"] else "multiplier",
        board=target.id,
        stack=choice.fit.key.stack_name,
        clock_MHz=clock,
        kind="modelled",
        source=core["peak_macs_per_cycle"].source,
    )


def _roofs(
    op: OpFootprint, core: dict[str, Any], kernel: str, hertz: float, flash: tuple | None
) -> dict[str, float]:
    """The rate that each roof allows a layer, in MAC/s."""
    weights = op.weight_bytes + op.bias_bytes
    moved = weights + op.input_bytes + op.output_bytes
    roofs = {
        "multiplier": core["peak_macs_per_cycle"].value * hertz,
        "data port": op.macs / moved * core["bytes_per_cycle"].value * hertz,
    }
    counted = core["instructions_per_mac"].get(kernel, {}).get(op.kind)
    if counted is not None:
        roofs["issue slots"] = core["issue_per_cycle"].value / counted.value * hertz
    if flash and weights:
        roofs["flash"] = op.macs / weights * flash[1] * hertz
    return roofs
