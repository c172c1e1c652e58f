"""reshape, squeeze, expand_dims: another shape for the same bytes."""

from collections.abc import Iterator
from dataclasses import replace
from math import prod

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    source, target = reader.tensor(0), reader.result()
    shape = _asked_shape(reader) or target.shape
    reader.require(
        source.elements == prod(shape),
        f"{source.shape} and {shape} differ in the number of elements",
    )
    return (shape,)


def _asked_shape(reader: Reader) -> tuple[int, ...] | None:
    """What the second input of a reshape says, if it is known by now; -1 is what is left over."""
    asked = reader.optional_tensor(1)
    if reader.op.kind != "reshape" or asked is None or not asked.is_constant:
        return None
    sizes = [int(size) for size in np.ravel(asked.values)]
    rest = prod(size for size in sizes if size != -1)
    reader.require(sizes.count(-1) <= 1 and rest > 0, f"it asks for the shape {sizes}")
    return tuple(reader.tensor(0).elements // rest if size == -1 else size for size in sizes)


def _moves(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    yield Move(0, np.reshape(inputs[0], outputs[0].shape), 0, outputs[0])


OPERATORS = tuple(
    replace(movement_operator(kind, _shapes, _moves, options=options), in_place="view")
    for kind, options in (
        ("reshape", "ReshapeOptions"),
        ("squeeze", "SqueezeOptions"),
        ("expand_dims", "ExpandDimsOptions"),
    )
)
