"""transpose: the axes in another order."""

from collections.abc import Iterator

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _order(reader: Reader) -> list[int]:
    rank = len(reader.tensor(0).shape)
    order = [axis % max(rank, 1) for axis in reader.integers(1, "order of axes")]
    reader.require(sorted(order) == list(range(rank)), f"its order of axes is {order}")
    return order


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    return (tuple(reader.tensor(0).shape[axis] for axis in _order(reader)),)


def _moves(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    yield Move(0, inputs[0].transpose(_order(reader)), 0, outputs[0])


OPERATOR = movement_operator("transpose", _shapes, _moves, options="TransposeOptions")
