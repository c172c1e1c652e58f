"""Heuristics that give every buffer an offset, so that no two that are alive at once overlap."""

from collections.abc import Sequence

from tinylab.graph.memory.lifetimes import Buffer


def greedy_by_size(buffers: Sequence[Buffer], alignment_bytes: int) -> list[int]:
    """Largest first, each at the lowest offset where it fits (TensorFlow Lite Micro's planner;
    Pisarchyk and Lee 2020, "Efficient Memory Management for Deep Neural Net Inference")."""
    order = sorted(range(len(buffers)), key=lambda i: (-buffers[i].size_bytes, i))
    return place_in_order(buffers, order, alignment_bytes)


def best_fit(buffers: Sequence[Buffer], alignment_bytes: int) -> list[int]:
    """In the order of execution, each into the smallest gap that holds it, as an allocator that
    sees one request after the other would."""
    order = sorted(range(len(buffers)), key=lambda i: (buffers[i].first_op, i))
    return place_in_order(buffers, order, alignment_bytes, smallest_gap=True)


def two_ends(buffers: Sequence[Buffer], alignment_bytes: int, lower_bound_bytes: int) -> list[int]:
    """In the order of execution, tensors in turn at the lower and at the upper end of the bound.

    In a chain of operators every tensor meets only the one before and the one after it, so that
    this needs no more than the largest two neighbours together.
    """
    order = sorted(range(len(buffers)), key=lambda i: (buffers[i].first_op, i))
    top = aligned(lower_bound_bytes, alignment_bytes)
    offsets = [0 for _ in buffers]
    placed: list[int] = []
    at_the_top = False
    for index in order:
        size = buffers[index].size_bytes
        gaps = _gaps_around(buffers, offsets, placed, index, alignment_bytes)
        fitting = [start for start, end in gaps if end - start >= size]
        offsets[index] = fitting[0]
        if buffers[index].tensors:
            high = [(start, int(min(end, top) - size) // alignment_bytes) for start, end in gaps]
            below = [at * alignment_bytes for start, at in high if at * alignment_bytes >= start]
            if at_the_top and below:
                offsets[index] = below[-1]
            at_the_top = not at_the_top
        placed.append(index)
    return offsets


def place_in_order(
    buffers: Sequence[Buffer],
    order: Sequence[int],
    alignment_bytes: int,
    *,
    smallest_gap: bool = False,
) -> list[int]:
    """Place buffers one after the other around those placed before.

    Parameters
    ----------
    buffers : sequence of Buffer
    order : sequence of int
        Indices into `buffers`.
    alignment_bytes : int
        Every offset is a multiple of it.
    smallest_gap : bool
        Take the smallest sufficient gap instead of the lowest.

    Returns
    -------
    list of int
        One offset in bytes a buffer, in the order of `buffers`.
    """
    offsets = [0 for _ in buffers]
    placed: list[int] = []
    for index in order:
        gaps = _gaps_around(buffers, offsets, placed, index, alignment_bytes)
        fitting = [gap for gap in gaps if gap[1] - gap[0] >= buffers[index].size_bytes]
        chosen = min(fitting, key=lambda gap: gap[1] - gap[0]) if smallest_gap else fitting[0]
        offsets[index] = chosen[0]
        placed.append(index)
    return offsets


def aligned(offset: int, alignment_bytes: int) -> int:
    """The next multiple of `alignment_bytes`."""
    return -(-offset // alignment_bytes) * alignment_bytes


def _gaps_around(
    buffers: Sequence[Buffer],
    offsets: Sequence[int],
    placed: Sequence[int],
    index: int,
    alignment_bytes: int,
) -> list[tuple[int, float]]:
    """Free stretches for a buffer among those placed that are alive with it."""
    taken = sorted(
        (offsets[other], offsets[other] + buffers[other].size_bytes)
        for other in placed
        if buffers[other].overlaps(buffers[index])
    )
    return _gaps(taken, alignment_bytes)


def _gaps(taken: list[tuple[int, int]], alignment_bytes: int) -> list[tuple[int, float]]:
    """Free stretches below, between and above the taken ones, by rising offset."""
    gaps, top = [], 0
    for start, end in taken:
        if start > top:
            gaps.append((top, start))
        top = max(top, aligned(end, alignment_bytes))
    return [*gaps, (top, float("inf"))]
