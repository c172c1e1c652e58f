"""What each layer of a program became: its kernel, and why a faster one did not apply."""

from dataclasses import dataclass
from math import prod

from tinylab.deploy.codegen.floors import least_cycles
from tinylab.graph import count
from tinylab.graph.memory.lifetimes import find_buffers
from tinylab.graph.memory.planner import lower_bound

_COLUMNS = "{:>4}  {:<18} {:>14} {:>12} {:>14}  {:<28} {}"


@dataclass(frozen=True)
class LayerKernel:
    """One operator of a program.

    Parameters
    ----------
    op : int
        Its index in the program's graph.
    kind : str
    output_shape : tuple of int
    macs : int
        Multiply-accumulates of one inference.
    kernel : str
        The C functions it calls; empty if it costs nothing.
    reason : str
        Why it takes a plain kernel although DSP kernels were asked for; else empty.
    least_cycles : int
        Of its inner loop and of scaling its outputs, see `least_cycles`; 0 if not counted.
    """

    op: int
    kind: str
    output_shape: tuple[int, ...]
    macs: int
    kernel: str
    reason: str
    least_cycles: int = 0


@dataclass(frozen=True)
class ProgramReport:
    """A program in numbers; `str()` of it is a table.

    Parameters
    ----------
    name, kernels : str
    arena_bytes : int
        RAM for activations and for the scratch memory of kernels.
    live_bytes : int
        The most activations that are alive at once: without scratch memory, no arena can be less.
    state_bytes : int
        RAM for what outlives an inference.
    weight_bytes : int
        Flash for weights and tables, without code.
    arena_is_optimal : bool
        Whether the arena is proved to be the smallest for these buffers; if not, the search for a
        better plan was cut short.
    layers : tuple of LayerKernel
    """

    name: str
    kernels: str
    arena_bytes: int
    live_bytes: int
    state_bytes: int
    weight_bytes: int
    arena_is_optimal: bool
    layers: tuple[LayerKernel, ...]

    @property
    def plain_layers(self) -> tuple[LayerKernel, ...]:
        """Layers that take a plain kernel although DSP kernels were asked for."""
        return tuple(layer for layer in self.layers if layer.reason)

    def __str__(self) -> str:
        share = self.arena_bytes / max(self.live_bytes, 1) - 1
        proof = "" if self.arena_is_optimal else "; the search for a smaller one was cut short"
        head = (
            f"{self.name}, {self.kernels} kernels\n"
            f"arena {self.arena_bytes:,} bytes ({share:.1%} above the {self.live_bytes:,} that are "
            f"alive at once{proof}), state {self.state_bytes:,}, weights {self.weight_bytes:,}"
        )
        rows = [
            _COLUMNS.format("op", "kind", "output", "MACs", "least cycles", "kernel", "why not DSP")
        ]
        for layer in self.layers:
            shape = "x".join(map(str, layer.output_shape[1:]))
            least = f"{layer.least_cycles:,}" if layer.least_cycles else ""
            cells = (layer.op, layer.kind, shape, f"{layer.macs:,}", least, layer.kernel or "none")
            rows.append(_COLUMNS.format(*cells, layer.reason).rstrip())
        return "\n".join([head, *rows])


def _least(program, row) -> int:
    functions = [call.function for call in program.calls.get(row.index, ())]
    return least_cycles(functions[0], row.macs, prod(row.output_shape)) if functions else 0


def describe(program) -> ProgramReport:
    """The report of a `CProgram`."""
    rows = count(program.graph).per_op
    layers = tuple(
        LayerKernel(
            op=row.index,
            kind=row.kind,
            output_shape=row.output_shape,
            macs=row.macs,
            kernel=", ".join(dict.fromkeys(c.function for c in program.calls.get(row.index, ()))),
            reason=program.plain_reasons.get(row.index, ""),
            least_cycles=_least(program, row),
        )
        for row in rows
    )
    return ProgramReport(
        name=program.name,
        kernels=program.kernels,
        arena_bytes=program.arena_bytes,
        live_bytes=lower_bound(find_buffers(program.graph)),
        state_bytes=program.state_bytes,
        weight_bytes=program.weight_bytes,
        arena_is_optimal=program.plan.optimal,
        layers=layers,
    )
