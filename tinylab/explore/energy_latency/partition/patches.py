"""Explorer: patch-based inference, peak memory against multiply-accumulates done twice."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.cost import boards
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control
from tinylab.explore.widget.controls import Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.graph.core.ir import Graph
from tinylab.graph.memory.patches import Patch, PatchPlan, patchable_depth, plan_patches

__all__ = ["Patching", "patches_explorer"]

GRIDS = (1, 2, 3, 4, 6)
DEEPEST = 12
BOARDS = 6  # those of the least memory


@dataclass(frozen=True)
class Patching:
    """One plan among all that were made."""

    plan: PatchPlan
    others: tuple[PatchPlan, ...]
    board: str
    sram_bytes: float

    @property
    def extra(self) -> float:
        """Share of the multiply-accumulates that is done again."""
        return _extra(self.plan)


class _View:
    """Left what each patch reads of the picture; right peak memory against work done again."""

    def __init__(self, shape: tuple[int, ...]):
        self._rows, self._columns = shape[1:3]

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=470, legend_rows=2)
        line = {"color": theme.BLUE, "width": 1.5}
        figure.add_scatter(mode="lines", name="what the patches read", line=line, opacity=0.6)
        figure.add_scatter(
            mode="lines",
            name="one of them",
            line={"color": theme.VERMILION, "width": 3},
            fill="toself",
            fillcolor="rgba(213,94,0,0.15)",
        )
        right = {"xaxis": "x2", "yaxis": "y2"}
        figure.add_scatter(mode="markers", name="other plans", **right, **theme.series(4))
        figure.add_scatter(**right, **theme.highlight())
        figure.add_scatter(
            mode="lines",
            name="SRAM of the board",
            line={"color": theme.BLACK, "dash": "dash"},
            **right,
        )
        side = {"showgrid": False, "ticks": "outside"}
        return figure.update_layout(
            xaxis={
                "domain": [0, 0.4],
                "title": "column (pixels)",
                "range": [-2, self._columns + 2],
                **side,
            },
            yaxis={"title": "row (pixels)", "range": [self._rows + 2, -2], **side},
            xaxis2={
                "domain": [0.54, 1],
                "title": "multiply-accumulates done again (%)",
                "anchor": "y2",
                "rangemode": "tozero",
            },
            yaxis2={"title": "peak SRAM (kB)", "anchor": "x2", "rangemode": "tozero"},
        )

    def update(self, figure: go.Figure, result: Patching) -> None:
        all_patches, one, others, here, sram = figure.data
        patches = result.plan.patches
        outlines = [_outline(patch) for patch in patches]
        all_patches.x = [x for xs, _ in outlines for x in (*xs, None)]
        all_patches.y = [y for _, ys in outlines for y in (*ys, None)]
        one.x, one.y = outlines[len(outlines) // 2]
        others.x = [100 * _extra(plan) for plan in result.others]
        others.y = [plan.peak_bytes / 1e3 for plan in result.others]
        others.text = [
            f"{plan.depth} operators, {plan.grid} x {plan.grid}" for plan in result.others
        ]
        here.x, here.y = [100 * result.extra], [result.plan.peak_bytes / 1e3]
        sram.x = [0, 100 * max(map(_extra, result.others))]
        sram.y = [result.sram_bytes / 1e3] * 2


def _extra(plan: PatchPlan) -> float:
    return plan.extra_macs / plan.whole_macs


def _outline(patch: Patch) -> tuple[list[int], list[int]]:
    """The rectangle that a patch reads, as a closed line."""
    row, column = patch.rows[0], patch.columns[0]
    left, right, top, bottom = column.start, column.stop, row.start, row.stop
    return [left, right, right, left, left], [top, top, bottom, bottom, top]


def _summary(result: Patching) -> str:
    plan = result.plan
    fits = "fits" if plan.peak_bytes <= result.sram_bytes else "does not fit"
    first = f"The first {plan.depth} operators" if plan.depth > 1 else "The first operator"
    grid = f"{plan.grid} x {plan.grid}"
    patches = f"{grid} patches" if plan.grid > 1 else "one patch, the whole picture"
    limit = "in the patches" if plan.stage_bytes >= plan.rest_bytes else "after them"
    return (
        f"{first} on {patches}: at most"
        f" {plan.peak_bytes:,} bytes are in use at once ({limit}) instead of"
        f" {plan.whole_peak_bytes:,}, for {result.extra:.1%} more multiply-accumulates. That {fits}"
        f" into the {result.sram_bytes / 1024:.0f} KiB of {result.board}, if the program itself"
        f" takes none."
    )


def patches_explorer(graph: Graph) -> Explorer:
    """Choose how deep and how finely a model's first operators are cut into patches.

    Parameters
    ----------
    graph : Graph
        That begins with two or more convolutions in a row.
    """
    depths = tuple(range(1, min(patchable_depth(graph), DEEPEST) + 1))
    plans = {
        (depth, grid, resident): plan_patches(
            graph, depth=depth, grid=grid, input_resident=resident
        )
        for depth in depths
        for grid in GRIDS
        if grid <= min(graph.tensors[graph.ops[depth - 1].outputs[0]].shape[1:3])
        for resident in (True, False)
    }
    grids = sorted({grid for _, grid, _ in plans})
    known = sorted((one for one in boards().values() if one.sram), key=lambda one: one.sram.value)
    small = {one.id: one for one in known[:BOARDS]}

    def compute(depth: int, grid: int, resident: bool, board: str) -> Patching:
        finest = max(one for at, one, _ in plans if at == depth and one <= grid)
        others = tuple(plan for key, plan in plans.items() if key[2] == resident)
        chosen_board = small[board]
        chosen = plans[depth, finest, resident]
        return Patching(chosen, others, chosen_board.name, 1024 * chosen_board.sram.value)

    controls = [
        Steps("depth", "Operators on patches", depths, depths[-1] // 2),
        Steps("grid", "Patches along each side", grids, grids[1]),
        Toggle("resident", "The whole picture lies in SRAM", True),
        board_control({key: one.name for key, one in small.items()}),
    ]
    return Explorer(
        "A picture in patches",
        controls,
        compute,
        _View(graph.tensors[graph.inputs[0]].shape),
        _summary,
        source="modelled: exact sizes and counts of your model's int8 operators, without a"
        " runtime's own structures",
    )
