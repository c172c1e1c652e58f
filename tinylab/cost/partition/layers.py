"""What each operator of a model costs on a board, and how many bytes cross a cut between two."""

from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.power.clocked import active_power_mW
from tinylab.cost.timing.calibration import LatencyModel
from tinylab.cost.timing.predict import choose_stack
from tinylab.cost.timing.workload import operator_features, workload
from tinylab.graph.core.ir import Graph


@dataclass(frozen=True, eq=False)
class LayerCosts:
    """Modelled latency of every operator on one board.

    Parameters
    ----------
    latency_ms : ndarray of float64, shape (operators,)
        Their sum is the latency of the whole model.
    power_mW : float or None
        While the model runs; None where it is not published.
    board, stack : str
    clock_MHz : float
    kind : str
        "modelled".
    """

    latency_ms: np.ndarray
    power_mW: float | None
    board: str
    stack: str
    clock_MHz: float
    kind: str


def layer_costs(
    graph: Graph,
    on: str | Board,
    *,
    stack: str | None = None,
    clock_MHz: float | None = None,
    calibration: LatencyModel | None = None,
) -> LayerCosts:
    """Latency of every operator; parameters as for `latency`.

    Raises
    ------
    ValueError
        As `latency`: unknown board or stack, a clock out of range, a core without measurements.
    """
    target = board(on)
    clock = target.clock(clock_MHz)
    asked = workload(graph)
    choice = choose_stack(target, asked.precision, stack, calibration)
    full, live = operator_features(graph)
    amounts = live if choice.fit.skips_dead_channels else full
    plain = amounts @ choice.fit.cycles_per_unit * choice.board_factor
    cycles = plain * choice.pull_factor(asked)
    return LayerCosts(
        latency_ms=cycles / (clock * 1e3),
        power_mW=_or_none(active_power_mW, target, clock),
        board=target.id,
        stack=choice.fit.key.stack_name,
        clock_MHz=clock,
        kind="modelled",
    )


def cut_bytes(graph: Graph) -> np.ndarray:
    """Bytes of activations that cross each cut, int64, shape (operators + 1,).

    A cut at k lies before operator k: what was written before it and is read after it has to cross.
    The first value is the size of the inputs, the last that of the outputs.
    """
    end = len(graph.ops)
    born = dict.fromkeys(graph.inputs, 0)
    last = dict.fromkeys(graph.inputs, 0)
    for step, op in enumerate(graph.ops):
        born.update((tensor, step + 1) for tensor in op.outputs)
        last.update((tensor, step) for tensor in op.inputs if tensor in born)
    last.update((tensor, end) for tensor in graph.outputs if tensor in born)
    crossing = np.zeros(end + 1, np.int64)
    for tensor, until in last.items():
        crossing[born[tensor] : until + 1] += graph.tensors[tensor].stored_bytes
    return crossing


def _or_none(power, target: Board, clock_MHz: float) -> float | None:
    """The board's power, or None where it is not published."""
    try:
        return float(power(target, clock_MHz))
    except ValueError:
        return None
