"""tile and broadcast_to: repetitions."""

from collections.abc import Iterator

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.layout.movement import Move, movement_operator


def _tiled(reader: Reader) -> tuple[tuple[int, ...], ...]:
    times, shape = reader.integers(1, "repetitions"), reader.tensor(0).shape
    reader.require(len(times) == len(shape) and min(times, default=1) > 0, f"it repeats {times}")
    return (tuple(n * size for n, size in zip(times, shape, strict=True)),)


def _tile(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    times, shape = reader.integers(1, "repetitions"), inputs[0].shape
    blocks = [n for pair in zip(times, shape, strict=True) for n in pair]
    source = inputs[0][tuple(i for _ in shape for i in (None, slice(None)))]
    yield Move(0, np.broadcast_to(source, blocks), 0, outputs[0].reshape(blocks))


def _broadcast(reader: Reader) -> tuple[tuple[int, ...], ...]:
    shape = tuple(reader.integers(1, "shape"))
    try:
        fits = np.broadcast_shapes(shape, reader.tensor(0).shape) == shape
    except ValueError:
        fits = False
    reader.require(fits, f"{reader.tensor(0).shape} does not become {shape}")
    return (shape,)


def _repeat(reader: Reader, inputs: list, outputs: list) -> Iterator[Move]:
    yield Move(0, np.broadcast_to(inputs[0], outputs[0].shape), 0, outputs[0])


OPERATORS = (
    movement_operator("tile", _tiled, _tile, options="TileOptions"),
    movement_operator("broadcast_to", _broadcast, _repeat, options="BroadcastToOptions"),
)
