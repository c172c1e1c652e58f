"""pad: a border of real zeros."""

from collections.abc import Iterator

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _amounts(reader: Reader) -> list[tuple[int, int]]:
    """Before and behind each axis."""
    flat = reader.integers(1, "amounts")
    reader.require(len(flat) == 2 * len(reader.tensor(0).shape), f"its amounts are {flat}")
    reader.require(all(0 <= n < 2**15 for n in flat), f"its amounts are {flat}")
    return list(zip(flat[::2], flat[1::2], strict=True))


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    pairs = zip(reader.tensor(0).shape, _amounts(reader), strict=True)
    return (tuple(size + sum(amounts) for size, amounts in pairs),)


def _moves(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    if reader.tensor(0).quantization is not None:
        reader.same_scale(reader.tensor(0), reader.result())
    pairs = zip(inputs[0].shape, _amounts(reader), strict=True)
    inner = tuple(slice(before, before + size) for size, (before, _) in pairs)
    yield Move(0, inputs[0], 0, outputs[0][(*inner, ...)])


OPERATOR = movement_operator(
    "pad", _shapes, _moves, options="PadOptions", fills=True, keeps_channels=True
)
