"""A model on boards it never ran on, beside what companies published of the same benchmark.

Published rows are of the benchmark's reference model. Another model's rank among them says what
its work costs on such a board, not that it would win: accuracy belongs to the comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tinylab.benchmark.rules import Task
from tinylab.cost import Measurement, boards, energy, latency, measurements, workload
from tinylab.graph import Graph

__all__ = ["Standing", "published_rows", "standings"]


@dataclass(frozen=True)
class Standing:
    """One inference of a model on one board.

    Attributes
    ----------
    board, core, stack : str
    latency_ms, low_ms, high_ms : float
        With the interval of 90 %.
    energy_uJ, low_uJ, high_uJ : float or None
        None where the board's power is not published.
    kind : str
        "modelled", or "published" where this network was measured there.
    rank, best_rank, worst_rank : int
        The rank it would have beside the published rows of the same benchmark on the same core, 1
        for the fastest; at the ends of the interval, too. A row of its own, or of the same figure,
        does not count against it.
    rows : int
        How many rows those are; 0 where none is published.
    """

    board: str
    core: str
    stack: str
    latency_ms: float
    low_ms: float
    high_ms: float
    energy_uJ: float | None
    low_uJ: float | None
    high_uJ: float | None
    kind: str
    rank: int
    best_rank: int
    worst_rank: int
    rows: int

    def __str__(self) -> str:
        text = (
            f"{self.board} ({self.core}, {self.stack}): {_short(self.latency_ms)} ms"
            f" ({_short(self.low_ms)} to {_short(self.high_ms)})"
        )
        if self.energy_uJ is not None:
            ends = f"{_short(self.low_uJ)} to {_short(self.high_uJ)}"
            text += f", {_short(self.energy_uJ)} uJ ({ends})"
        text += f", {self.kind}"
        if not self.rows:
            return f"{text}; no row is published for this core"
        rank = str(self.rank)
        if self.best_rank < self.worst_rank:
            rank += f" ({self.best_rank} to {self.worst_rank})"
        return f"{text}; rank {rank} beside {self.rows} published rows of this core"


def _short(value: float) -> str:
    """Three digits, and no powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def published_rows(task: Task, core: str | None = None) -> tuple[Measurement, ...]:
    """What was published of a benchmark's reference model, each result once, the fastest first."""
    rows = (
        row
        for row in measurements()
        if row.benchmark == task.id
        and row.model == "reference"
        and not row.note.startswith("repeats")
        and core in (None, row.core)
    )
    return tuple(sorted(rows, key=lambda row: row.latency_ms))


def standings(model: Graph, task: Task, on: Sequence[str] | None = None) -> tuple[Standing, ...]:
    """A model on every board whose latency can be modelled, the fastest first.

    Parameters
    ----------
    model : Graph
    task : Task
    on : sequence of str, optional
        Ids of boards; by default all of the catalogue, and those are left out that have no
        calibrated stack for the model's precision. A board asked for by name is never left out.

    Raises
    ------
    ValueError
        An unknown board, or one asked for that cannot be modelled.
    UnsupportedOperatorError
        An operator whose cost is not known.
    """
    asked = workload(model)
    rows = []
    for board in boards() if on is None else on:
        try:
            rows.append(_standing(asked, task, board))
        except ValueError:
            if on is not None:
                raise
    return tuple(sorted(rows, key=lambda one: one.latency_ms))


def _standing(asked, task: Task, board: str) -> Standing:
    time, core = latency(asked, board), boards()[board].core
    published = [row.latency_ms for row in published_rows(task, core)]
    ends = (time.latency_ms, time.low_ms, time.high_ms)
    if time.kind == "published":  # it is one of them
        ends = (time.low_ms,) * 3
    rank, best, worst = (1 + sum(other < own for other in published) for own in ends)
    try:
        used = energy(asked, board)
    except ValueError:  # the board's power is not published
        joules = (None, None, None)
    else:
        joules = (used.energy_uJ, used.low_uJ, used.high_uJ)
    return Standing(
        time.board,
        core,
        time.stack,
        time.latency_ms,
        time.low_ms,
        time.high_ms,
        *joules,
        time.kind,
        rank,
        best,
        worst,
        len(published),
    )
