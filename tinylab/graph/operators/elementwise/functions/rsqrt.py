"""rsqrt: one divided by the square root, as in layer normalization."""

from math import sqrt

import numpy as np

from tinylab.graph.core.fixed_point import Multiplier, requantize_twice
from tinylab.graph.lowering import Reader
from tinylab.graph.operators.elementwise.functions.table import stored_values, table_operator

_HALF_ROOT_OF_TWO = 1518500250
_EXTRA_BITS = 20


def _product(a: int, b: int) -> int:
    """round(a * b / 2**31), halves up."""
    return (a * b + (1 << 30)) >> 31


def _inverse_root(value: int) -> Multiplier:
    """1 / sqrt(value) by five steps of Newton's method on 32 bits, 28 of them behind the point."""
    if value <= 1:
        return Multiplier(2**31 - 1, 0)
    pairs = (32 - value.bit_length() - 1) // 2 - 1
    half = ((value << 2 * pairs >> 1) + 1) >> 1
    x = 1 << 28
    for _ in range(5):
        square = _product(x, x)
        cube = _product(square, x) << 6
        x = (_product((1 << 28) + (1 << 27), x) - _product(half, cube)) << 3
    return Multiplier(_product(x, _HALF_ROOT_OF_TWO), pairs - 11)


def _table(reader: Reader) -> np.ndarray:
    source, target = reader.activation(), reader.output()
    before, after = reader.affine(source), reader.affine(target)
    factor = reader.multiplier(1 / (sqrt(before.scale) * after.scale))
    factor = Multiplier(factor.mantissa, factor.shift - _EXTRA_BITS)
    reader.require(-31 <= factor.shift < 12, "its scales differ too much")
    entries = []
    for value in (stored_values(source.dtype) - before.zero_point).tolist():
        if value <= 0:  # no real number: the largest, as for a value that was rounded to zero
            entries.append(127)
            continue
        root = _inverse_root(value)
        root = Multiplier(root.mantissa, root.shift + _EXTRA_BITS)
        small = requantize_twice(np.array(1), [root])
        stored = requantize_twice(small, [factor]).item() + after.zero_point
        entries.append(min(max(stored, -128), 127))
    return np.array(entries, np.int8)


def _real(x: np.ndarray) -> np.ndarray:
    return 1 / np.sqrt(x)


OPERATOR = table_operator("rsqrt", _table, _real)
