"""The roofline: is a layer bound by the multiplier or by memory?

After Williams, Waterman and Patterson (2009): a layer that performs I multiply-accumulates per byte
it moves cannot run faster than min(peak rate, I x bandwidth).
"""

from dataclasses import dataclass
from functools import cache

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.quantity import Quantity, read
from tinylab.cost.timing.calibration import LatencyModel
from tinylab.cost.timing.predict import choose_stack
from tinylab.cost.timing.workload import op_features, workload
from tinylab.graph.core.ir import Graph
from tinylab.graph.counting import count


@dataclass(frozen=True)
class RooflinePoint:
    """One layer.

    Parameters
    ----------
    index : int
    kind : str
    macs : int
    bytes_moved : int
        Weights, biases, inputs and outputs, each once: the least possible.
    intensity : float
        Multiply-accumulates per byte.
    bound_macs_per_s : float
        The roof above it.
    modelled_macs_per_s : float
        What the latency model expects of the software stack.
    bound_by : str
        "memory" or "compute".
    """

    index: int
    kind: str
    macs: int
    bytes_moved: int
    intensity: float
    bound_macs_per_s: float
    modelled_macs_per_s: float
    bound_by: str


@dataclass(frozen=True)
class Roofline:
    """A board's roof and a model's layers under it.

    Parameters
    ----------
    peak_macs_per_s, bandwidth_bytes_per_s : float
    ridge_macs_per_byte : float
        The intensity from which a layer can reach the peak.
    points : tuple of RooflinePoint
        The layers with multiply-accumulates.
    board, stack : str
    clock_MHz : float
    kind, source : str
    """

    peak_macs_per_s: float
    bandwidth_bytes_per_s: float
    ridge_macs_per_byte: float
    points: tuple[RooflinePoint, ...]
    board: str
    stack: str
    clock_MHz: float
    kind: str
    source: str


@cache
def cores() -> dict[str, dict[str, Quantity]]:
    """Of each core: "peak_macs_per_cycle" and "bytes_per_cycle" of 8-bit work (`datasheet`)."""
    return read("cores.json")


def roofline(
    graph: Graph,
    on: str | Board,
    *,
    stack: str | None = None,
    clock_MHz: float | None = None,
    calibration: LatencyModel | None = None,
) -> Roofline:
    """Place a model's layers under a board's roof; parameters as for `latency`.

    Raises
    ------
    ValueError
        As `latency`, or the core's peak is not documented; the message lists those that are.
    """
    place = board(on)
    if place.core not in cores():
        raise ValueError(
            f"no peak rate of {place.core} ({place.id}) is documented; known are"
            f" {', '.join(cores())}"
        )
    clock = place.clock(clock_MHz)
    core = cores()[place.core]
    peak = core["peak_macs_per_cycle"].value * clock * 1e6
    bandwidth = core["bytes_per_cycle"].value * clock * 1e6
    asked = workload(graph)
    choice = choose_stack(place, asked.precision, stack, calibration)
    scale = choice.board_factor * choice.pull_factor(asked)
    points = []
    for op in count(graph).per_op:
        if not op.macs:
            continue
        moved = op.weight_bytes + op.bias_bytes + op.input_bytes + op.output_bytes
        intensity = op.macs / moved
        cycles = op_features(op) @ choice.fit.cycles_per_unit * scale
        points.append(
            RooflinePoint(
                index=op.index,
                kind=op.kind,
                macs=op.macs,
                bytes_moved=moved,
                intensity=intensity,
                bound_macs_per_s=min(peak, intensity * bandwidth),
                modelled_macs_per_s=op.macs * clock * 1e6 / float(cycles),
                bound_by="memory" if intensity * bandwidth < peak else "compute",
            )
        )
    return Roofline(
        peak_macs_per_s=peak,
        bandwidth_bytes_per_s=bandwidth,
        ridge_macs_per_byte=peak / bandwidth,
        points=tuple(points),
        board=place.id,
        stack=choice.fit.key.stack_name,
        clock_MHz=clock,
        kind="modelled",
        source=core["peak_macs_per_cycle"].source,
    )
