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
        taken = sorted(
            (offsets[other], offsets[other] + buffers[other].size_bytes)
            for other in placed
            if buffers[other].overlaps(buffers[index])
        )
        gaps = _gaps(taken, alignment_bytes)
        fitting = [gap for gap in gaps if gap[1] - gap[0] >= buffers[index].size_bytes]
        chosen = min(fitting, key=lambda gap: gap[1] - gap[0]) if smallest_gap else fitting[0]
        offsets[index] = chosen[0]
        placed.append(index)
    return offsets


def aligned(offset: int, alignment_bytes: int) -> int:
    """The next multiple of `alignment_bytes`."""
    return -(-offset // alignment_bytes) * alignment_bytes


def _gaps(taken: list[tuple[int, int]], alignment_bytes: int) -> list[tuple[int, float]]:
    """Free stretches below, between and above the taken ones, by rising offset."""
    gaps, top = [], 0
    for start, end in taken:
        if start > top:
            gaps.append((top, start))
        top = max(top, aligned(end, alignment_bytes))
    return [*gaps, (top, float("inf"))]
