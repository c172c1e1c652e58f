"""The smallest arena there is, by branch and bound, for graphs of a few dozen tensors."""

from collections.abc import Sequence

from tinylab.graph.memory.lifetimes import Buffer
from tinylab.graph.memory.planners import aligned


def branch_and_bound(
    buffers: Sequence[Buffer],
    alignment_bytes: int,
    *,
    start: Sequence[int],
    lower_bound_bytes: int,
    max_nodes: int,
) -> tuple[list[int], bool]:
    """Search the orders in which buffers can be stacked, and prove the best.

    In some best plan, sorted by offset, every buffer rests on the highest one below it that is
    alive at the same time. So it suffices to try the orders in which offsets do not fall, and to
    put each buffer on top of what it collides with.

    Parameters
    ----------
    buffers : sequence of Buffer
    alignment_bytes : int
    start : sequence of int
        Offsets of a valid plan, to be beaten.
    lower_bound_bytes : int
        The search ends as soon as it is reached.
    max_nodes : int
        Give up the proof after this many placements.

    Returns
    -------
    offsets : list of int
    proved : bool
        False when the search was cut short.
    """
    search = _Search(buffers, alignment_bytes, start, lower_bound_bytes, max_nodes)
    proved = search.run()
    return search.best, proved


class _Search:
    def __init__(self, buffers, alignment_bytes, start, lower_bound_bytes, max_nodes):
        self._buffers = buffers
        self._alignment = alignment_bytes
        self._goal = lower_bound_bytes
        self._nodes_left = max_nodes
        self.best = list(start)
        self._best_peak = _peak(buffers, start)
        self._rivals = [
            [j for j, other in enumerate(buffers) if j != i and other.overlaps(buffer)]
            for i, buffer in enumerate(buffers)
        ]

    def run(self) -> bool:
        """Whether `best` is now proved to be the smallest."""
        if self._best_peak > self._goal:
            self._extend({}, 0, 0, -1)
        return self._best_peak <= self._goal or self._nodes_left > 0

    def _extend(self, placed: dict[int, int], peak: int, floor: int, last: int) -> None:
        if len(placed) == len(self._buffers):
            self.best = [placed[i] for i in range(len(self._buffers))]
            self._best_peak = peak
            return
        moves = sorted(self._moves(placed, floor, last))
        if not moves or self._bound(placed, floor) >= self._best_peak:
            return
        for offset, minus_size, index in moves:
            self._nodes_left -= 1
            if self._nodes_left <= 0 or self._best_peak <= self._goal:
                return
            top = max(peak, offset - minus_size)
            if top < self._best_peak:
                placed[index] = offset
                self._extend(placed, top, offset, index)
                del placed[index]

    def _moves(self, placed: dict[int, int], floor: int, last: int):
        """Offset, minus size and index of every buffer that may come next."""
        for index, buffer in enumerate(self._buffers):
            if index in placed:
                continue
            offset = self._rest(placed, index)
            if offset > floor or (offset == floor and index > last):
                yield offset, -buffer.size_bytes, index

    def _rest(self, placed: dict[int, int], index: int) -> int:
        tops = (placed[j] + self._buffers[j].size_bytes for j in self._rivals[index] if j in placed)
        return aligned(max(tops, default=0), self._alignment)

    def _bound(self, placed: dict[int, int], floor: int) -> int:
        """No completion of this partial plan is smaller: every buffer still to come lies above the
        floor and its rivals, and those alive at one operator stand on each other."""
        waiting: dict[int, int] = {}
        lowest: dict[int, int] = {}
        for index, buffer in enumerate(self._buffers):
            if index in placed:
                continue
            rest = max(floor, self._rest(placed, index))
            for step in range(buffer.first_op, buffer.last_op + 1):
                waiting[step] = waiting.get(step, 0) + buffer.size_bytes
                lowest[step] = min(lowest.get(step, rest), rest)
        return max((lowest[step] + size for step, size in waiting.items()), default=0)


def _peak(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    return max((o + b.size_bytes for o, b in zip(offsets, buffers, strict=True)), default=0)
