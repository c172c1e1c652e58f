"""Explorer: the activations of a model in one arena, operator by operator."""

from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.graph.core.ir import Graph
from tinylab.graph.memory import MemoryPlan, plan

__all__ = ["ArenaMoment", "arena_explorer"]

STRATEGIES = {
    "greedy_by_size": "largest first",
    "best_fit": "in order, best fit",
    "exact": "search for the smallest",
}


@dataclass(frozen=True)
class ArenaMoment:
    """A memory plan, looked at while one operator runs."""

    plan: MemoryPlan
    op: int
    kind: str

    @property
    def alive(self) -> list[bool]:
        """Which allocations are in use during the operator."""
        return [spot.first_op <= self.op <= spot.last_op for spot in self.plan.allocations]

    @property
    def live_bytes(self) -> int:
        """Bytes in use during the operator."""
        return self.plan.live_bytes()[self.op]


class _View:
    """A box for each buffer: as wide as its life, as high as its bytes, at its offset."""

    def __init__(self, kinds: list[str]):
        self._kinds = kinds

    def figure(self) -> go.Figure:
        count = len(self._kinds)
        figure = theme.figure(height_px=470, y="offset in the arena (kB)")
        figure.add_bar(
            offset=0,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            showlegend=False,
            hovertemplate="%{customdata}<extra></extra>",
        )
        for index, name in enumerate(("the arena", "in use at once, at most")):
            line = theme.series(index + 1)["line"]
            figure.add_scatter(x=[-0.5, count - 0.5], mode="lines", name=name, line=line)
        figure.add_shape(
            type="rect",
            yref="paper",
            y0=0,
            y1=1,
            line={"color": theme.BLACK, "width": 2},
            layer="above",
        )
        return figure.update_layout(
            bargap=0,
            uniformtext={"minsize": 11, "mode": "hide"},
            margin_b=130,
            xaxis={
                "range": [-0.5, count - 0.5],
                "tickvals": list(range(count)),
                "ticktext": [f"{i} {kind}" for i, kind in enumerate(self._kinds)],
                "tickangle": -45,
            },
            yaxis={"rangemode": "tozero"},
        )

    def update(self, figure: go.Figure, result: ArenaMoment) -> None:
        boxes, arena, bound = figure.data
        spots = result.plan.allocations
        boxes.x = [spot.first_op - 0.46 for spot in spots]
        boxes.width = [spot.last_op - spot.first_op + 0.92 for spot in spots]
        boxes.base = [spot.offset_bytes / 1e3 for spot in spots]
        boxes.y = [spot.size_bytes / 1e3 for spot in spots]
        boxes.text = [f"{spot.size_bytes / 1e3:.3g} kB" for spot in spots]
        boxes.customdata = [f"{spot.name}: {spot.size_bytes:,} bytes" for spot in spots]
        boxes.marker.color = [theme.BLUE if alive else theme.FADED for alive in result.alive]
        boxes.textfont.color = [theme.PAPER if alive else theme.INK for alive in result.alive]
        arena.y = [result.plan.arena_bytes / 1e3] * 2
        bound.y = [result.plan.lower_bound_bytes / 1e3] * 2
        figure.layout.shapes[0].x0, figure.layout.shapes[0].x1 = result.op - 0.5, result.op + 0.5


def _summary(result: ArenaMoment) -> str:
    arena, bound = result.plan.arena_bytes, result.plan.lower_bound_bytes
    verdict = (
        "which no plan can beat"
        if result.plan.optimal
        else f"{arena / bound - 1:.1%} above the bound"
    )
    return (
        f"The arena takes {arena:,} bytes, {verdict}: {bound:,} bytes are in use at once, at most."
        f" While operator {result.op}, {result.kind}, runs, {result.live_bytes:,} bytes are in use,"
        f" in {sum(result.alive)} buffers."
    )


def arena_explorer(graph: Graph) -> Explorer:
    """Watch a graph's activations share one block of memory under three planners."""
    kinds = [op.kind for op in graph.ops]

    @cache
    def planned(strategy: str, in_place: bool) -> MemoryPlan:
        return plan(graph, strategy=strategy, in_place=in_place)

    for strategy in STRATEGIES:  # planned before the first move, so that no move waits
        planned(strategy, True), planned(strategy, False)

    def compute(op: int, strategy: str, in_place: bool) -> ArenaMoment:
        return ArenaMoment(planned(strategy, in_place), op, kinds[op])

    controls = [
        Slider("op", "Operator", 0, len(kinds) - 1, 1, 0),
        Dropdown("strategy", "Planner", tuple(STRATEGIES), "exact", tuple(STRATEGIES.values())),
        Toggle("in_place", "Work in place where possible", True),
    ]
    return Explorer(
        "The arena over time",
        controls,
        compute,
        _View(kinds),
        _summary,
        source="modelled: exact sizes of this model's int8 activations, without a runtime's own"
        " structures",
    )
