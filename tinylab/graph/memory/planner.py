"""The verb `plan`: from a graph to offsets in one arena."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinylab.graph.core.ir import Graph
from tinylab.graph.memory.exact import branch_and_bound
from tinylab.graph.memory.lifetimes import Buffer, find_buffers
from tinylab.graph.memory.planners import best_fit, greedy_by_size, two_ends

STRATEGIES = ("greedy_by_size", "best_fit", "exact")
_SEARCH_WORK = 4_000_000  # about 2 s; a node of the search costs the square of the buffers


@dataclass(frozen=True)
class Allocation:
    """Where one buffer lives, and during which operators (both ends included).

    `tensors` are the graph's tensors that share it, none for a kernel's scratch memory.
    """

    name: str
    tensors: tuple[int, ...]
    offset_bytes: int
    size_bytes: int
    first_op: int
    last_op: int


@dataclass(frozen=True)
class MemoryPlan:
    """An arena and the buffers in it.

    Parameters
    ----------
    arena_bytes : int
        The size of the block of memory.
    lower_bound_bytes : int
        The most bytes that are alive at once: no plan can need less.
    allocations : tuple of Allocation
    strategy : str
    optimal : bool
        Whether `arena_bytes` is proved to be the smallest for these buffers and this alignment.
    state_bytes : int
        Bytes that outlive the inference and live beside the arena: variables, and the memory of
        recurrent layers.
    """

    arena_bytes: int
    lower_bound_bytes: int
    allocations: tuple[Allocation, ...]
    strategy: str
    optimal: bool
    state_bytes: int = 0

    def offset_of(self, tensor: int) -> int:
        """Offset of a tensor in bytes; KeyError for a constant."""
        for allocation in self.allocations:
            if tensor in allocation.tensors:
                return allocation.offset_bytes
        raise KeyError(f"tensor {tensor} is not in the arena")

    def scratch_offset_of(self, op: int) -> int | None:
        """Offset of the working memory of operator `op`, None if it has none."""
        for allocation in self.allocations:
            if not allocation.tensors and allocation.first_op == op:
                return allocation.offset_bytes
        return None

    def live_bytes(self) -> tuple[int, ...]:
        """Bytes alive during each operator."""
        return _live_bytes(self.allocations)


def plan(
    graph: Graph,
    *,
    strategy: str = "exact",
    alignment_bytes: int = 4,
    in_place: bool = True,
    scratch_bytes: Mapping[int, int] | None = None,
) -> MemoryPlan:
    """Lay out a graph's activations in one arena.

    Parameters
    ----------
    graph : Graph
    strategy : str
        "greedy_by_size", "best_fit", or "exact" (the best of both and of one that works from two
        ends, improved by branch and bound; `MemoryPlan.optimal` tells whether the search could
        finish).
    alignment_bytes : int
        Every offset is a multiple of it; 4 is a Cortex-M word.
    in_place : bool
        Let reshapes and elementwise operators work in their input's memory.
    scratch_bytes : mapping of int to int, optional
        Working memory a kernel needs while it runs, by operator index.

    Returns
    -------
    MemoryPlan

    Examples
    --------
    >>> plan(read_tflite("kws.tflite")).arena_bytes  # doctest: +SKIP
    16000
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, not {strategy!r}")
    if alignment_bytes < 1:
        raise ValueError(f"alignment_bytes must be at least 1, not {alignment_bytes}")
    buffers = find_buffers(graph, in_place=in_place, scratch_bytes=scratch_bytes)
    bound = lower_bound(buffers)
    if strategy == "greedy_by_size":
        offsets, optimal = greedy_by_size(buffers, alignment_bytes), False
    elif strategy == "best_fit":
        offsets, optimal = best_fit(buffers, alignment_bytes), False
    else:
        offsets, optimal = _exact(buffers, alignment_bytes, bound)
    arena = _arena_bytes(buffers, offsets)
    allocations = tuple(
        Allocation(b.name, b.tensors, offset, b.size_bytes, b.first_op, b.last_op)
        for b, offset in zip(buffers, offsets, strict=True)
    )
    proved = optimal or arena == bound
    return MemoryPlan(arena, bound, allocations, strategy, proved, graph.state_bytes)


def lower_bound(buffers: Sequence[Buffer]) -> int:
    """The most bytes of `buffers` that are alive during one operator."""
    return max(_live_bytes(buffers), default=0)


def _exact(buffers, alignment_bytes: int, bound: int) -> tuple[list[int], bool]:
    plans = [heuristic(buffers, alignment_bytes) for heuristic in (greedy_by_size, best_fit)]
    plans.append(two_ends(buffers, alignment_bytes, bound))
    return branch_and_bound(
        buffers,
        alignment_bytes,
        start=min(plans, key=lambda offsets: _arena_bytes(buffers, offsets)),
        lower_bound_bytes=bound,
        max_nodes=_SEARCH_WORK // len(buffers) ** 2 if buffers else 1,
    )


def _arena_bytes(buffers, offsets) -> int:
    return max((o + b.size_bytes for o, b in zip(offsets, buffers, strict=True)), default=0)


def _live_bytes(buffers) -> tuple[int, ...]:
    steps = max((buffer.last_op for buffer in buffers), default=-1) + 1
    change = [0] * (steps + 1)
    for buffer in buffers:
        change[buffer.first_op] += buffer.size_bytes
        change[buffer.last_op + 1] -= buffer.size_bytes
    alive, total = [], 0
    for step in change[:-1]:
        total += step
        alive.append(total)
    return tuple(alive)
