"""Patch-based inference: the first operators run on one patch of the picture after another.

After Lin et al., "MCUNetV2: Memory-Efficient Patch-based Inference for Tiny Deep Learning" (2021).
The first activations of a vision network are its largest, and a patch of them is small. But each
patch also needs the margin of its neighbours that its kernels look into (the halo), so pixels near
the seams are computed more than once. In: a graph, how many operators, how many patches. Out: what
each patch reads, peak memory, and multiply-accumulates.
"""

from dataclasses import dataclass

from tinylab.graph.core.ir import Graph, Op, Tensor
from tinylab.graph.counting import count
from tinylab.graph.memory import plan

WINDOWED = ("conv2d", "depthwise_conv2d")
POINTWISE = ("relu", "relu6", "relu_n1_to_1")


@dataclass(frozen=True)
class Span:
    """Rows (or columns) start..stop of an activation, and how many rows of padding around them."""

    start: int
    stop: int
    pad_before: int = 0
    pad_after: int = 0

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def padded(self) -> int:
        return self.pad_before + self.size + self.pad_after


@dataclass(frozen=True)
class Patch:
    """One patch, level by level: level k is what operator k reads, the last what the stage writes.

    Parameters
    ----------
    rows, columns : tuple of Span, operators + 1 of them
    """

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]


@dataclass(frozen=True, eq=False)
class PatchPlan:
    """The cost of running the first `depth` operators on grid x grid patches.

    Parameters
    ----------
    depth, grid : int
    patches : tuple of Patch
        Row by row.
    peak_bytes : int
        The most activations alive at once; `stage_bytes` during the patches, `rest_bytes` after.
    stage_bytes, rest_bytes : int
    whole_peak_bytes : int
        Without patches.
    macs, whole_macs : int
        Of one inference, with and without patches.
    input_resident : bool
        Whether the whole input lies in memory during the stage, or arrives patch by patch.
    """

    depth: int
    grid: int
    patches: tuple[Patch, ...]
    peak_bytes: int
    stage_bytes: int
    rest_bytes: int
    whole_peak_bytes: int
    macs: int
    whole_macs: int
    input_resident: bool

    @property
    def extra_macs(self) -> int:
        """Computed again because patches overlap."""
        return self.macs - self.whole_macs


def input_span(
    start: int,
    stop: int,
    *,
    kernel: int,
    stride: int,
    size: int,
    pad_before: int,
    dilation: int = 1,
) -> Span:
    """What a sliding window reads to write outputs start..stop.

    Parameters
    ----------
    start, stop : int
        Of the output; stop is not included.
    kernel, stride, dilation : int
    size : int
        Of the whole input.
    pad_before : int
        Padding before the whole input's first element.

    Returns
    -------
    Span
        Clipped to the input; what lies outside is padding.

    Examples
    --------
    >>> input_span(0, 4, kernel=3, stride=1, size=8, pad_before=1)
    Span(start=0, stop=5, pad_before=1, pad_after=0)
    """
    first = start * stride - pad_before
    last = (stop - 1) * stride - pad_before + (kernel - 1) * dilation + 1
    return Span(max(first, 0), min(last, size), max(-first, 0), max(last - size, 0))


def patchable_depth(graph: Graph) -> int:
    """How many of the first operators can run patch by patch.

    They must be convolutions or activation functions on pictures, each reading what the one before
    wrote, and nobody else reading it.
    """
    if len(graph.inputs) != 1:
        return 0
    current, depth = graph.inputs[0], 0
    for op in graph.ops:
        chained = op.inputs[:1] == (current,) and len(graph.consumers(current)) == 1
        if not chained or current in graph.outputs or not _slides(graph, op):
            break
        current, depth = op.outputs[0], depth + 1
    return depth


def plan_patches(graph: Graph, *, depth: int, grid: int, input_resident: bool = True) -> PatchPlan:
    """Cost of running the first operators on patches.

    Memory counts what must be alive at once. In the stage: the input (all of it, or the patch's
    part if it arrives patch by patch), what the current operator reads and writes of the patch, and
    the stage's output, which all patches fill together. With one patch nothing changes.

    Parameters
    ----------
    graph : Graph
    depth : int
        Operators that run on patches, 1 to `patchable_depth(graph)`.
    grid : int
        Patches along each side; at most the rows and columns of the stage's output.
    input_resident : bool
        False where a camera or a decoder delivers the picture patch by patch.

    Raises
    ------
    ValueError
        A depth or a grid out of range; the message says what is possible.
    """
    _check(graph, depth, grid)
    levels = _levels(graph, depth)
    rows, columns = (_spans(graph, depth, grid, axis) for axis in (1, 2))
    patches = tuple(Patch(row, column) for row in rows for column in columns)
    live = plan(graph, strategy="greedy_by_size").live_bytes()
    footprint = count(graph)
    if grid == 1:
        stage, macs = max(live[:depth]), footprint.macs
    else:
        stage = _stage_bytes(levels, patches, input_resident)
        macs = footprint.macs + _extra_macs(footprint.per_op[:depth], patches)
    rest = max(live[depth:], default=0)
    return PatchPlan(
        depth=depth,
        grid=grid,
        patches=patches,
        peak_bytes=max(stage, rest),
        stage_bytes=stage,
        rest_bytes=rest,
        whole_peak_bytes=max(live),
        macs=macs,
        whole_macs=footprint.macs,
        input_resident=input_resident,
    )


def _slides(graph: Graph, op: Op) -> bool:
    """Whether the operator works on a picture, on a window or on a pixel at a time."""
    if len(op.outputs) != 1:
        return False
    shapes = [graph.tensors[i].shape for i in (op.inputs[0], op.outputs[0])]
    if any(len(shape) != 4 or shape[0] != 1 or shape[1] * shape[2] < 2 for shape in shapes):
        return False
    return op.kind in WINDOWED or (op.kind in POINTWISE and shapes[0] == shapes[1])


def _check(graph: Graph, depth: int, grid: int) -> None:
    deepest = patchable_depth(graph)
    if not 1 <= depth <= deepest:
        raise ValueError(f"depth must be 1 to {deepest} for {graph.name}, not {depth}")
    shape = graph.tensors[graph.ops[depth - 1].outputs[0]].shape
    if not 1 <= grid <= min(shape[1:3]):
        raise ValueError(
            f"grid must be 1 to {min(shape[1:3])}, the side of what {depth} operators write, not"
            f" {grid}"
        )


def _levels(graph: Graph, depth: int) -> list[Tensor]:
    """The activations of the stage: its input, and what each operator writes."""
    return [
        graph.tensors[i] for i in (graph.inputs[0], *(op.outputs[0] for op in graph.ops[:depth]))
    ]


def _spans(graph: Graph, depth: int, grid: int, axis: int) -> list[tuple[Span, ...]]:
    """Along one axis, the spans of every patch at every level."""
    levels = _levels(graph, depth)
    side = levels[-1].shape[axis]
    edges = [round(side * i / grid) for i in range(grid + 1)]
    return [
        _backwards(graph, levels, axis, Span(start, stop)) for start, stop in zip(edges, edges[1:])
    ]


def _backwards(graph: Graph, levels: list[Tensor], axis: int, span: Span) -> tuple[Span, ...]:
    """From what a patch writes back to what it reads of the picture."""
    spans = [span]
    for level in reversed(range(len(levels) - 1)):
        needed = spans[0]
        spans.insert(0, _read_span(graph, graph.ops[level], axis, needed))
    return tuple(spans)


def _read_span(graph: Graph, op: Op, axis: int, needed: Span) -> Span:
    if op.kind in POINTWISE:
        return Span(needed.start, needed.stop)
    before, after = (graph.tensors[i].shape[axis] for i in (op.inputs[0], op.outputs[0]))
    side = "hw"[axis - 1]
    kernel = graph.tensors[op.inputs[1]].shape[axis]
    stride, dilation = op.integer(f"stride_{side}"), op.integer(f"dilation_{side}_factor", 1)
    missing = max((after - 1) * stride + (kernel - 1) * dilation + 1 - before, 0)
    return input_span(
        needed.start,
        needed.stop,
        kernel=kernel,
        stride=stride,
        dilation=dilation,
        size=before,
        pad_before=missing // 2,
    )


def _stage_bytes(levels: list[Tensor], patches: tuple[Patch, ...], input_resident: bool) -> int:
    """The most bytes alive during the stage, over all patches and operators."""
    picture, result = levels[0].stored_bytes, levels[-1].stored_bytes
    deepest, most = len(levels) - 1, 0
    for patch in patches:
        tiles = [_tile_bytes(*pair) for pair in zip(levels, patch.rows, patch.columns, strict=True)]
        tiles[-1] = 0  # written straight into the stage's output
        if input_resident:
            tiles[0] = 0  # read where it lies
        working = max(tiles[k] + tiles[k + 1] for k in range(deepest))
        most = max(most, working)
    return most + result + (picture if input_resident else 0)


def _tile_bytes(level: Tensor, row: Span, column: Span) -> int:
    return level.stored_bytes * row.size * column.size // (level.shape[1] * level.shape[2])


def _extra_macs(per_op, patches: tuple[Patch, ...]) -> int:
    """Multiply-accumulates beyond those of the whole: pixels that several patches compute."""
    extra = 0
    for level, op in enumerate(per_op, start=1):
        pixels = op.output_shape[1] * op.output_shape[2]
        computed = sum(patch.rows[level].size * patch.columns[level].size for patch in patches)
        extra += op.macs // pixels * (computed - pixels)
    return extra
