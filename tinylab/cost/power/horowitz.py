"""The energy that arithmetic and memory alone would take, after Horowitz (ISSCC 2014).

His figures are those of the bare operation in a 45 nm process. In the published results a plain
microcontroller spends 800 to 14,000 times as much per multiply-accumulate, one with an accelerator
on
its chip 430 times and up, a neural accelerator 10 to 120 times: the processor fetches and decodes
an instruction for one or two of them, moves each operand through a register file, and keeps flash,
clock tree and supply running meanwhile.
"""

from dataclasses import dataclass
from functools import cache

from tinylab.cost.catalogue.measurements import comparable
from tinylab.cost.catalogue.quantity import Quantity, read
from tinylab.cost.timing.workload import benchmarks
from tinylab.graph.core.ir import Graph
from tinylab.graph.counting import OpFootprint, count

PRECISIONS = ("int8", "fp16", "fp32")
_BYTES = {"int8": 1, "fp16": 2, "fp32": 4}


@dataclass(frozen=True)
class OpEnergy:
    """Energy of one operator's arithmetic and memory accesses."""

    index: int
    kind: str
    arithmetic_uJ: float
    weights_uJ: float
    activations_uJ: float

    @property
    def total_uJ(self) -> float:
        return self.arithmetic_uJ + self.weights_uJ + self.activations_uJ


@dataclass(frozen=True)
class HorowitzEnergy:
    """Energy of one inference's arithmetic and memory accesses.

    Parameters
    ----------
    arithmetic_uJ, weights_uJ, activations_uJ, total_uJ : float
    per_op : tuple of OpEnergy
    precision, weights_in : str
    kind, source : str
    """

    arithmetic_uJ: float
    weights_uJ: float
    activations_uJ: float
    total_uJ: float
    per_op: tuple[OpEnergy, ...]
    precision: str
    weights_in: str
    kind: str
    source: str


@dataclass(frozen=True)
class MacEnergy:
    """What a board spent per multiply-accumulate of a published result.

    `ratio` is that over Horowitz's figure for the arithmetic alone.
    """

    board: str
    core: str
    stack: str
    benchmark: str
    energy_pJ: float
    ratio: float
    kind: str
    source: str


def published_mac_energies() -> tuple[MacEnergy, ...]:
    """Energy per multiply-accumulate of every published 8-bit result with a sound energy."""
    arithmetic = mac_pJ("int8")
    energies = []
    for measurement in comparable():
        if measurement.energy_uJ and measurement.power_mW and measurement.precision == "int8":
            energy_pJ = measurement.energy_uJ * 1e6 / benchmarks()[measurement.benchmark].macs
            energies.append(
                MacEnergy(
                    board=measurement.board,
                    core=measurement.core,
                    stack=measurement.stack_name,
                    benchmark=measurement.benchmark,
                    energy_pJ=energy_pJ,
                    ratio=energy_pJ / arithmetic,
                    kind="published",
                    source=measurement.source,
                )
            )
    return tuple(energies)


@cache
def operation_energies() -> dict[str, Quantity]:
    """pJ per operation, by name, and per 32-bit read of memory ("sram_32bit", "dram_32bit")."""
    listed = read("horowitz.json")
    return {**listed["operations"], **listed["memory"]}


def mac_pJ(precision: str) -> float:
    """One multiply-accumulate: a multiplication and an addition of the precision.

    An 8-bit product is accumulated at 8 bits here, as in the published table: 0.23 pJ.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}; known are {', '.join(PRECISIONS)}")
    values = operation_energies()
    return values[f"{precision}_multiply"].value + values[f"{precision}_add"].value


def horowitz(
    graph: Graph,
    *,
    precision: str = "int8",
    weights_in: str = "sram",
    reuse: bool = True,
) -> HorowitzEnergy:
    """Energy of one inference by Horowitz's figures.

    Parameters
    ----------
    graph : Graph
        Its shapes are used; the element size is that of `precision`.
    precision : str
        "int8", "fp16" or "fp32".
    weights_in : str
        "sram" or "dram". Activations are in SRAM.
    reuse : bool
        True: each weight and each activation crosses to memory once per operator, the least
        possible. False: each multiply-accumulate fetches both its operands, the most.
    """
    if weights_in not in ("sram", "dram"):
        raise ValueError(f"weights_in must be 'sram' or 'dram', not {weights_in!r}")
    per_mac = mac_pJ(precision)
    values = operation_energies()
    weight_byte = values[f"{weights_in}_32bit"].value / 4
    activation_byte = values["sram_32bit"].value / 4
    per_op = []
    for op in count(graph).per_op:
        weights, activations = _accesses(op, reuse)
        size = _BYTES[precision]
        per_op.append(
            OpEnergy(
                index=op.index,
                kind=op.kind,
                arithmetic_uJ=op.macs * per_mac * 1e-6,
                weights_uJ=weights * size * weight_byte * 1e-6,
                activations_uJ=activations * size * activation_byte * 1e-6,
            )
        )
    arithmetic_uJ = sum(op.arithmetic_uJ for op in per_op)
    weights_uJ = sum(op.weights_uJ for op in per_op)
    activations_uJ = sum(op.activations_uJ for op in per_op)
    return HorowitzEnergy(
        arithmetic_uJ=arithmetic_uJ,
        weights_uJ=weights_uJ,
        activations_uJ=activations_uJ,
        total_uJ=arithmetic_uJ + weights_uJ + activations_uJ,
        per_op=tuple(per_op),
        precision=precision,
        weights_in=weights_in,
        kind="modelled",
        source=values["int8_add"].source,
    )


def _accesses(op: OpFootprint, reuse: bool) -> tuple[int, int]:
    """Weights and activations that cross to memory."""
    if reuse or not op.macs:
        return op.parameters, op.input_elements + op.output_elements
    return op.macs, op.macs + op.output_elements
