"""Explorer: what the arithmetic and the memory accesses of a model cost in energy."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.cost import HorowitzEnergy, board, default_board, energy, horowitz, workload
from tinylab.cost.power.horowitz import PRECISIONS
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Dropdown, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount
from tinylab.graph.core.ir import Graph

__all__ = ["EnergyBreakdown", "horowitz_explorer"]

PARTS = {
    "arithmetic": lambda op: op.arithmetic_uJ,
    "reading weights": lambda op: op.weights_uJ,
    "moving activations": lambda op: op.activations_uJ,
}


@dataclass(frozen=True)
class EnergyBreakdown:
    """Horowitz's energy of a model, beside what a board takes for it."""

    bare: HorowitzEnergy
    board: str
    board_uJ: float


class _View:
    """A bar for each operator, in three parts."""

    def __init__(self, kinds: list[str]):
        self._labels = [f"{index} {kind}" for index, kind in enumerate(kinds)]

    def figure(self) -> go.Figure:
        figure = theme.figure(y="energy (uJ)", height_px=450)
        for index, name in enumerate(PARTS):
            figure.add_bar(x=self._labels, name=name, **theme.bar(index))
        return figure.update_layout(
            barmode="stack", margin_b=130, xaxis={"tickangle": -45, "dtick": 1}
        )

    def update(self, figure: go.Figure, result: EnergyBreakdown) -> None:
        for trace, part in zip(figure.data, PARTS.values()):
            trace.y = [part(op) for op in result.bare.per_op]


def _summary(result: EnergyBreakdown) -> str:
    bare = result.bare
    return (
        f"{amount(bare.total_uJ)} uJ an inference: {bare.arithmetic_uJ / bare.total_uJ:.0%} for"
        f" arithmetic, {bare.weights_uJ / bare.total_uJ:.0%} for weights,"
        f" {bare.activations_uJ / bare.total_uJ:.0%} for activations. {result.board} takes"
        f" {amount(result.board_uJ)} uJ for this model in int8,"
        f" {amount(result.board_uJ / bare.total_uJ)} times as much."
    )


def horowitz_explorer(graph: Graph) -> Explorer:
    """Split a model's energy into arithmetic and memory, at 45 nm, operator by operator."""
    asked = workload(graph)
    names = usable_boards(asked, rest=None)
    taken_uJ = {key: energy(asked, key).energy_uJ for key in names}

    def compute(precision: str, weights_in: str, reuse: bool, compare: str) -> EnergyBreakdown:
        bare = horowitz(graph, precision=precision, weights_in=weights_in, reuse=reuse)
        return EnergyBreakdown(bare, board(compare).name, taken_uJ[compare])

    controls = [
        Dropdown("precision", "Precision", PRECISIONS, "int8"),
        Dropdown("weights_in", "Weights come from", ("sram", "dram"), "sram", ("SRAM", "DRAM")),
        Toggle("reuse", "Read each value once an operator", True),
        board_control(names, name="compare", label="Compare with", start=default_board()),
    ]
    source = horowitz(graph)
    return Explorer(
        "Where the energy goes",
        controls,
        compute,
        _View([op.kind for op in source.per_op]),
        _summary,
        source=f"published: {source.source}, energy of the bare operations; modelled: the board's"
        f" energy",
    )
