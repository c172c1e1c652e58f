"""space_to_depth and depth_to_space: blocks of an image become channels, and back."""

from collections.abc import Iterator

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _block(reader: Reader) -> int:
    size = reader.number("block_size")
    reader.require(0 < size < 2**10, f"its block size is {size}")
    return size


def _to_depth(reader: Reader) -> tuple[tuple[int, ...], ...]:
    n, height, width, depth = reader.tensor(0).shape
    size = _block(reader)
    reader.require(height % size == width % size == 0, f"blocks of {size} do not fit")
    return ((n, height // size, width // size, depth * size * size),)


def _space_to_depth(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    size, (n, height, width, depth) = _block(reader), outputs[0].shape
    inner = depth // size // size
    blocks = inputs[0].reshape(n, height, size, width, size, inner).transpose(0, 1, 3, 2, 4, 5)
    yield Move(0, blocks, 0, outputs[0].reshape(n, height, width, size, size, inner))


def _to_space(reader: Reader) -> tuple[tuple[int, ...], ...]:
    n, height, width, depth = reader.tensor(0).shape
    size = _block(reader)
    reader.require(depth % (size * size) == 0, f"blocks of {size} do not fit")
    return ((n, height * size, width * size, depth // size // size),)


def _depth_to_space(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    size, (n, height, width, depth) = _block(reader), inputs[0].shape
    inner = depth // size // size
    blocks = inputs[0].reshape(n, height, width, size, size, inner).transpose(0, 1, 3, 2, 4, 5)
    yield Move(0, blocks, 0, outputs[0].reshape(n, height, size, width, size, inner))


OPERATORS = (
    movement_operator("space_to_depth", _to_depth, _space_to_depth, options="SpaceToDepthOptions"),
    movement_operator("depth_to_space", _to_space, _depth_to_space, options="DepthToSpaceOptions"),
)
