"""shape, fill, cast and others that a compiler computes ahead of time, from what it knows."""

from math import prod

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step


def _rank(reader: Reader) -> tuple[tuple[int, ...], ...]:
    return ((len(reader.tensor(0).shape),),)


def _shape(step: Step) -> np.ndarray:
    return np.array(step.tensor(0).shape, step.result().dtype)


def _filled_shape(reader: Reader) -> tuple[tuple[int, ...], ...]:
    shape = tuple(reader.integers(0, "shape"))
    reader.require(all(n >= 0 for n in shape) and prod(shape) < 2**24, f"it fills {shape}")
    return (shape,)


def _fill(step: Step) -> np.ndarray:
    return np.full(_filled_shape(step)[0], step.inputs[1], step.inputs[1].dtype)


def _cast(step: Step) -> np.ndarray:
    return np.asarray(step.inputs[0]).astype(step.result().dtype)


def _product(step: Step) -> np.ndarray:
    axes = tuple(step.integers(1, "axes"))
    keep = bool(step.option("keep_dims"))
    return np.prod(step.inputs[0], axis=axes, keepdims=keep, dtype=step.inputs[0].dtype)


def _zeros(step: Step) -> np.ndarray:
    return np.zeros(step.tensor(0).shape, step.result().dtype)


OPERATORS = (
    Operator(
        kind="shape", shapes=_rank, reference=_shape, options="ShapeOptions", needs_shape_only=True
    ),
    Operator(kind="fill", shapes=_filled_shape, reference=_fill, options="FillOptions"),
    Operator(kind="cast", shapes=same_shape, reference=_cast, options="CastOptions"),
    Operator(kind="reduce_prod", reference=_product, options="ReducerOptions"),
    Operator(
        kind="zeros_like",
        shapes=same_shape,
        reference=_zeros,
        options="ZerosLikeOptions",
        needs_shape_only=True,
    ),
)
