"""hard_swish: x * relu6(x + 3) / 6, on bytes with the 16-bit arithmetic of LiteRT's reference.

Howard et al. 2019, "Searching for MobileNetV3", section 5.2.
"""

import numpy as np

from tinylab.graph.core.fixed_point import Multiplier
from tinylab.graph.lowering import Reader
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.elementwise.functions.table import stored_values, table_operator


def _high_product(a: np.ndarray, b: int) -> np.ndarray:
    """round(a * b / 2**15) of 16-bit numbers, halves away from zero."""
    product = a * b
    return np.trunc((product + np.where(product >= 0, 1 << 14, 1 - (1 << 14))) / (1 << 15)).astype(
        np.int64
    )


def _saturated(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -(2**15), 2**15 - 1)


def _round_shift(x: np.ndarray, exponent: int) -> np.ndarray:
    """round(x / 2**exponent), halves away from zero."""
    if exponent <= 0:
        return x
    return (x + (1 << (exponent - 1)) - (x < 0)) >> exponent


def _sixteen_bits(factor: Multiplier) -> int:
    return min((factor.mantissa + (1 << 15)) >> 16, 2**15 - 1)


def _table(reader: Reader) -> np.ndarray:
    source, target = reader.activation(0, BYTES), reader.output(BYTES)
    before, after = reader.affine(source), reader.affine(target)
    fine = np.float32(1 / 128) * np.float32(before.scale)
    output = reader.multiplier(float(fine / np.float32(after.scale)))
    gate = reader.multiplier(float(fine / np.float32(3 / 32768)))
    reader.require(output.shift <= 0 and gate.shift < 16, "its scales differ too much")
    x = (stored_values(source.dtype) - before.zero_point) * 128
    share = x
    if gate.shift > 0:
        share = _saturated(share << (gate.shift - 1))
    share = _high_product(share, _sixteen_bits(gate))
    if gate.shift > 0:
        share = _saturated(share << 1)
    share = (_round_shift(share, -gate.shift) + (1 << 15)) >> 1
    product = share * _high_product(x, _sixteen_bits(output))
    stored = _round_shift(np.trunc(product / (1 << 15)).astype(np.int64), -output.shift)
    ends = np.iinfo(target.dtype)
    return np.clip(stored + after.zero_point, ends.min, ends.max).astype(target.dtype)


OPERATOR = table_operator(
    "hard_swish",
    _table,
    lambda x: x * np.clip(x + 3, 0, 6) / 6,
    options="HardSwishOptions",
)
