"""relu, relu6 and relu_n1_to_1 as operators of their own: a clamp and a change of scale."""

import numpy as np

from tinylab.graph.core.fixed_point import requantize_twice
from tinylab.graph.lowering import Reader
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.elementwise.functions.table import stored_values, table_operator

_REAL = {"relu": (0.0, np.inf), "relu6": (0.0, 6.0), "relu_n1_to_1": (-1.0, 1.0)}


def rescaled(reader: Reader, activation: str) -> np.ndarray:
    """The table that changes scale and zero point, and clamps."""
    source, target = reader.activation(0, BYTES), reader.output(BYTES)
    before, after = reader.affine(source), reader.affine(target)
    factor = reader.multiplier(before.scale / after.scale)
    reader.require(factor.shift < 20, "its scales differ too much")
    limits = reader.limits(target, activation)
    stored = requantize_twice(stored_values(source.dtype) - before.zero_point, [factor])
    shifted = stored + after.zero_point
    return np.clip(shifted, limits["minimum"], limits["maximum"]).astype(target.dtype)


def _operator(kind: str):
    low, high = _REAL[kind]
    return table_operator(
        kind, lambda reader: rescaled(reader, kind), lambda x: np.clip(x, low, high)
    )


OPERATORS = tuple(_operator(kind) for kind in _REAL)
