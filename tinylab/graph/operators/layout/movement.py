"""Operators that move elements, described once as views of arrays.

A view of numpy is a start and a stride an axis. So the same description that moves the elements in
numpy tells the C kernel `nn_move` where to read and where to write.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tinylab.graph.core.ir import OPAQUE_TYPES, PACKED_BITS, Tensor
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.record import Operator, Shape
from tinylab.graph.operators.step import Step
from tinylab.graph.operators.strides import MAX_AXES, collapsed, filled


@dataclass(frozen=True, eq=False)
class Move:
    """From a view of input `source` to a view of output `target`, both of one shape."""

    source: int
    source_view: np.ndarray
    target: int
    target_view: np.ndarray


Moves = Callable[[Reader, list[np.ndarray], list[np.ndarray]], Iterator[Move]]


def movement_operator(
    kind: str,
    shapes: Callable[[Reader], tuple[Shape, ...]],
    moves: Moves,
    *,
    options: str = "",
    fills: bool = False,
    keeps_channels: bool = False,
) -> Operator:
    """The record of an operator that moves elements.

    Parameters
    ----------
    kind : str
    shapes : callable
        The shape rule.
    moves : callable
        `moves(reader, inputs, outputs)` gives the moves between arrays of the tensors' shapes.
    options : str
        See `Operator`.
    fills : bool
        Whether the output is first filled with real zero.
    keeps_channels : bool
        See `Operator`.
    """

    def reference(step: Step) -> tuple[np.ndarray, ...]:
        inputs = [np.asarray(x) for x in step.inputs if x is not None]
        dtypes = [_numpy_type(step.graph.tensors[i]) for i in step.op.outputs]
        rule = zip(shapes(step), dtypes, step.op.outputs, strict=True)
        outputs = [np.full(s, _zero(step.graph.tensors[i]), d) for s, d, i in rule]
        for move in moves(step, inputs, outputs):
            move.target_view[...] = move.source_view
        return tuple(outputs)

    def lower(reader: Reader, target: Target) -> tuple[Call, ...]:
        return _calls(reader, moves, fills)

    return Operator(
        kind=kind,
        shapes=shapes,
        reference=reference,
        lower=lower,
        options=options,
        keeps_channels=keeps_channels,
    )


def _numpy_type(tensor: Tensor) -> str:
    return "int8" if tensor.dtype in PACKED_BITS else tensor.dtype


def _zero(tensor: Tensor) -> int:
    """What is stored for real zero."""
    return 0 if tensor.quantization is None else int(tensor.quantization.zero_point[0])


def _calls(reader: Reader, moves: Moves, fills: bool) -> tuple[Call, ...]:
    inputs = [_stand_in(reader, i) for i in reader.op.inputs if i >= 0]
    outputs = [_stand_in(reader, i) for i in reader.op.outputs]
    calls = [_fill_call(reader)] if fills else []
    for move in moves(reader, inputs, outputs):
        if move.target_view.size:
            origins = inputs[move.source], outputs[move.target]
            calls.append(_move_call(reader, move, *origins))
    return tuple(calls)


def _stand_in(reader: Reader, index: int) -> np.ndarray:
    """An array with the tensor's shape and strides, but no memory behind it."""
    tensor = reader.graph.tensors[index]
    known = tensor.dtype not in OPAQUE_TYPES and tensor.dtype not in PACKED_BITS
    reader.require(known, f"{tensor.name!r} is {tensor.dtype}, which cannot be moved")
    reader.require(0 < tensor.stored_bytes < 2**31, f"{tensor.name!r} has the size {tensor.shape}")
    item = np.dtype(tensor.dtype).itemsize
    strides = np.cumprod((item, *tensor.shape[:0:-1]))[::-1] if tensor.shape else ()
    base = np.empty(1, tensor.dtype)
    return np.lib.stride_tricks.as_strided(base, tensor.shape, tuple(strides), writeable=True)


def _start(view: np.ndarray, origin: np.ndarray) -> int:
    return view.__array_interface__["data"][0] - origin.__array_interface__["data"][0]


def _move_call(reader: Reader, move: Move, source: np.ndarray, target: np.ndarray) -> Call:
    item = target.itemsize
    reader.require(source.itemsize == item, "its input and output differ in type")
    view = np.broadcast_to(move.source_view, move.target_view.shape)
    walks = [[*array.strides, 1] for array in (view, move.target_view)]
    sizes, (steps_from, steps_to) = collapsed([*view.shape, item], walks)
    run = 1
    if sizes and steps_from[-1] == steps_to[-1] == 1:
        run, steps_from, steps_to = sizes.pop(), steps_from[:-1], steps_to[:-1]
    reader.require(len(sizes) <= MAX_AXES, f"it needs more than {MAX_AXES} axes")
    index_in = [i for i in reader.op.inputs if i >= 0][move.source]
    return Call(
        function="nn_move",
        kernel="move.c",
        structure="nn_movement",
        parameters={
            "run": run,
            "sizes": filled(sizes, 1),
            "from": filled(steps_from, 0),
            "to": filled(steps_to, 0),
            "from_start": _start(move.source_view, source),
            "to_start": _start(move.target_view, target),
        },
        inputs=(index_in,),
        output=reader.op.outputs[move.target],
    )


def _fill_call(reader: Reader) -> Call:
    tensor = reader.result()
    item = np.dtype(tensor.dtype).itemsize
    value = _zero(tensor)
    reader.require(item == 1 or value == 0, "it fills with a number that is not zero")
    return Call(
        function="nn_fill",
        kernel="fill.c",
        structure="nn_filling",
        parameters={"bytes": tensor.stored_bytes, "value": value},
        inputs=(),
        output=reader.op.outputs[0],
    )
