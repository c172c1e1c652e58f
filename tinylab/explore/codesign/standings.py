"""Explorer: your model on boards you do not own, among what was published of its benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.benchmark.rules import Task
from tinylab.benchmark.standings import Standing, published_rows, standings
from tinylab.cost import Measurement, boards, default_board
from tinylab.cost.timing.predict import OPEN_STACKS
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount, count
from tinylab.graph import Graph

__all__ = ["Neighbours", "standings_explorer"]

EVERY = "all"
STACKS = {"all": "all of them", "open": "those anybody can install", "closed": "makers' own"}


@dataclass(frozen=True)
class Neighbours:
    """One board's standing, and the published rows that are shown.

    Attributes
    ----------
    standing : Standing
    name : str
        The board's.
    rows : tuple of Measurement
        Published rows with an energy, after the filters.
    faster : int
        How many published rows of the same core, after the filters, are faster.
    same_core : int
        How many of that core there are, after the filters.
    """

    standing: Standing
    name: str
    rows: tuple[Measurement, ...]
    faster: int
    same_core: int


class _View:
    """Latency against energy, both logarithmic: published rows, all boards, the chosen one."""

    def __init__(self, own: Sequence[Standing]):
        self._own = [one for one in own if one.energy_uJ is not None]

    def figure(self) -> go.Figure:
        figure = theme.figure(x="latency (ms)", y="energy of an inference (uJ)", legend_rows=2)
        figure.add_scatter(mode="markers", name="published, reference model", **theme.series(1))
        figure.add_scatter(
            x=[one.latency_ms for one in self._own],
            y=[one.energy_uJ for one in self._own],
            mode="markers",
            name="your model on each board",
            **theme.series(0),
        )
        spread = {"type": "data", "symmetric": False, "color": theme.BLACK, "thickness": 1.5}
        figure.add_scatter(**theme.highlight(), error_x=spread, error_y=spread)
        axis = {"type": "log", "dtick": 1, "tickformat": ",~g"}
        return figure.update_layout(xaxis=axis, yaxis=axis)

    def update(self, figure: go.Figure, result: Neighbours) -> None:
        published, _, here = figure.data
        published.x = [one.latency_ms for one in result.rows]
        published.y = [one.energy_uJ for one in result.rows]
        published.text = [f"{one.board}, {one.stack_name}" for one in result.rows]
        own = result.standing
        here.x, here.y = [own.latency_ms], [own.energy_uJ]
        here.error_x.array = [own.high_ms - own.latency_ms]
        here.error_x.arrayminus = [own.latency_ms - own.low_ms]
        here.error_y.array = [own.high_uJ - own.energy_uJ]
        here.error_y.arrayminus = [own.energy_uJ - own.low_uJ]


def _summary(result: Neighbours) -> str:
    own = result.standing
    text = (
        f"On {result.name} with {own.stack}: {amount(own.latency_ms)} ms ({amount(own.low_ms)} to"
        f" {amount(own.high_ms)}) and {amount(own.energy_uJ)} uJ ({amount(own.low_uJ)} to"
        f" {amount(own.high_uJ)}), {own.kind}."
    )
    if not result.same_core:
        return f"{text} No row of these was published for {own.core}."
    return (
        f"{text} Faster in the list for {own.core}: {result.faster} of"
        f" {count(result.same_core, 'row')}; with an energy, of all cores: {len(result.rows)}."
    )


def standings_explorer(model: Graph, task: Task) -> Explorer:
    """Place a model among the published results of its benchmark.

    Parameters
    ----------
    model : Graph
    task : Task
        The benchmark whose published rows are shown; its rows are of the reference model.
    """
    own = [one for one in standings(model, task) if one.energy_uJ is not None]
    by_board = {one.board: one for one in own}
    every = published_rows(task)
    rounds = tuple(sorted({one.round for one in every}))

    def compute(board_id: str, round_name: str, stack: str) -> Neighbours:
        chosen = by_board[board_id]
        shown = [one for one in every if _kept(one, round_name, stack)]
        core = np.array([one.latency_ms for one in shown if one.core == chosen.core])
        with_energy = tuple(one for one in shown if one.power_mW is not None)
        faster = int(
            np.sum(core < chosen.low_ms if chosen.kind == "published" else core < chosen.latency_ms)
        )
        return Neighbours(chosen, boards()[board_id].name, with_energy, faster, core.size)

    start = default_board() if default_board() in by_board else own[0].board
    names = [boards()[board].name for board in by_board]
    controls = [
        Dropdown("board_id", "Your model on", tuple(by_board), start, names),
        Dropdown("round_name", "Published in", (EVERY, *rounds), EVERY, ("any round", *rounds)),
        Dropdown("stack", "Software stacks", tuple(STACKS), EVERY, tuple(STACKS.values())),
    ]
    return Explorer(
        "Your model among the published results",
        controls,
        compute,
        _View(own),
        _summary,
        source="published: MLPerf Tiny v0.5 to v1.2; your model: modelled by tinylab.cost",
    )


def _kept(one: Measurement, round_name: str, stack: str) -> bool:
    is_open = one.stack_name in OPEN_STACKS or one.stack in OPEN_STACKS
    in_round = round_name in (EVERY, one.round)
    return in_round and (stack == EVERY or is_open == (stack == "open"))
