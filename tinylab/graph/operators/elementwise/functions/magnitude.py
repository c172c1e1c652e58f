"""abs: on bytes, a table with a change of scale."""

import numpy as np

from tinylab.graph.core.fixed_point import requantize_twice
from tinylab.graph.lowering import Reader
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.elementwise.functions.table import stored_values, table_operator


def _table(reader: Reader) -> np.ndarray:
    source, target = reader.activation(0, BYTES), reader.output(BYTES)
    before, after = reader.affine(source), reader.affine(target)
    size = np.abs(stored_values(source.dtype) - before.zero_point)
    if before.scale != after.scale:
        size = requantize_twice(size, [reader.multiplier(before.scale / after.scale)])
    ends = np.iinfo(target.dtype)
    return np.clip(size + after.zero_point, ends.min, ends.max).astype(target.dtype)


OPERATOR = table_operator("abs", _table, np.abs, options="AbsOptions")
