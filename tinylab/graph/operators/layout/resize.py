"""resize_nearest_neighbor and resize_bilinear: an image of another size."""

from dataclasses import replace

import numpy as np

from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step

_COPIED = ("int8", "uint8", "int16", "float32")
_BITS = 10  # behind the point of a position between two pixels


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    size = reader.integers(1, "size")
    reader.require(len(size) == 2 and all(0 < n < 2**12 for n in size), f"its size is {size}")
    return ((1, *size, reader.image(reader.tensor(0))[2]),)


def _nearest(reader: Reader, axis: int) -> np.ndarray:
    """Which row or column of the input each one of the output shows."""
    size, image = reader.result().shape[axis], reader.tensor(0).shape[axis]
    corners = bool(reader.option("align_corners")) and size > 1
    scale = np.float32((image - 1) / (size - 1) if corners else image / size)
    offset = np.float32(0.5 if reader.option("half_pixel_centers") else 0)
    at = (np.arange(size, dtype=np.float32) + offset) * scale
    nearest = np.floor(at + np.float32(0.5)) if corners else np.floor(at)
    return np.clip(nearest, 0, image - 1).astype(np.int16)


def _between(reader: Reader, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two neighbours of each row or column, and how far the second is reached, of 1,024."""
    size, image = reader.result().shape[axis], reader.tensor(0).shape[axis]
    whole = 1 << _BITS
    if reader.option("align_corners") and size > 1:
        scale = (whole * (image - 1) + (size - 1) // 2) // (size - 1)
    else:
        scale = (whole * image + size // 2) // size
    at = np.arange(size, dtype=np.int64) * scale
    if reader.option("half_pixel_centers"):
        at = at + scale // 2 - whole // 2
    lower = np.clip(np.trunc(at / whole).astype(np.int64), 0, image - 1)
    upper = np.clip(np.trunc((at + whole - 1) / whole).astype(np.int64), 0, image - 1)
    share = at - lower * whole
    return lower.astype(np.int16), upper.astype(np.int16), share.astype(np.int16)


def _positions(reader: Reader, axis: int) -> np.ndarray:
    """Where each row or column lies in the input, in single precision as LiteRT computes it."""
    size, image = reader.result().shape[axis], reader.tensor(0).shape[axis]
    corners = bool(reader.option("align_corners")) and size > 1
    scale = np.float32((image - 1) / (size - 1) if corners else image / size)
    at = np.arange(size, dtype=np.float32)
    if reader.option("half_pixel_centers"):
        return (at + np.float32(0.5)) * scale - np.float32(0.5)
    return at * scale


def _real_between(step: Step, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two neighbours of each row or column, and the share of the second."""
    at, last = _positions(step, axis), step.tensor(0).shape[axis] - 1
    lower = np.maximum(np.floor(at), 0).astype(int)
    upper = np.minimum(np.ceil(at), last).astype(int)
    return lower, upper, at.astype(np.float64) - lower


def _show_nearest(step: Step) -> np.ndarray:
    return step.inputs[0][:, _nearest(step, 1)][:, :, _nearest(step, 2)]


def _interpolate(step: Step) -> np.ndarray:
    between = _between if step.quantized else _real_between
    rows, columns = (between(step, axis) for axis in (1, 2))
    kind, whole = (np.int64, 1 << _BITS) if step.quantized else (np.float64, 1)
    x = step.inputs[0].astype(kind)
    share_y, share_x = (part[2].astype(kind)[:, None] for part in (rows, columns))
    upper, lower = (
        x[0][row][:, columns[0]] * (whole - share_x) + x[0][row][:, columns[1]] * share_x
        for row in rows[:2]
    )
    total = upper * (whole - share_y[:, None]) + lower * share_y[:, None]
    if not step.quantized:
        return total
    half = np.where(total > 0, 1 << 19, -(1 << 19))
    return np.trunc((total + half) / (1 << 20)).astype(step.result().dtype)


def _lower_nearest(reader: Reader, target: Target) -> Call:
    """The kernel copies bytes, so any type will do."""
    source, output = reader.activation(0, _COPIED), reader.output(_COPIED)
    reader.require(source.dtype == output.dtype, "its input and output differ in type")
    if source.dtype != "float32":
        reader.same_scale(source, output)
    tables = [Constant(f"{name}_{reader.index}", _nearest(reader, axis))
              for axis, name in ((1, "rows"), (2, "columns"))]  # fmt: skip
    item = np.dtype(source.dtype).itemsize
    return _call(reader, "nn_resize_nearest", "nn_nearest", tables, item)


def _lower_bilinear(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        reader.output(("float32",))
        real = [Constant(f"{name}_{reader.index}", _positions(reader, axis))
                for axis, name in ((1, "rows"), (2, "columns"))]  # fmt: skip
        call = _call(reader, "nn_resize_bilinear_f32", "nn_bilinear_f32", real)
        return replace(call, kernel="f32/resize_bilinear_f32.c")
    reader.same_scale(reader.activation(), reader.output())
    tables = [
        Constant(f"{name}_{reader.index}", np.stack(_between(reader, axis), axis=1), "nn_between")
        for axis, name in ((1, "rows"), (2, "columns"))
    ]
    return _call(reader, "nn_resize_bilinear", "nn_bilinear", tables)


def _call(
    reader: Reader, function: str, structure: str, tables: list[Constant], item: int = 1
) -> Call:
    """A call of a kernel of `resize.c`; `item` bytes count as as many channels."""
    before, after = (
        (*shape[:2], shape[2] * item)
        for shape in (reader.image(reader.tensor(0)), reader.image(reader.result()))
    )
    return Call(
        function=function,
        kernel="resize.c",
        structure=structure,
        parameters={
            "input_shape": before,
            "output_shape": after,
            "rows": tables[0].symbol,
            "columns": tables[1].symbol,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=tuple(tables),
    )


OPERATORS = (
    Operator(
        kind="resize_nearest_neighbor",
        shapes=_shapes,
        reference=_show_nearest,
        lower=_lower_nearest,
        options="ResizeNearestNeighborOptions",
        version=3,
        keeps_channels=True,
    ),
    Operator(
        kind="resize_bilinear",
        shapes=_shapes,
        reference=_interpolate,
        lower=_lower_bilinear,
        options="ResizeBilinearOptions",
        version=3,
        keeps_channels=True,
    ),
)
