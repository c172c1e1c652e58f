"""softmax of 16-bit activations: two tables in place of exp() and of the division."""

from collections.abc import Callable
from math import exp, prod

import numpy as np

from tinylab.graph.lowering import Call, Constant, Reader

_ENTRIES = 513  # the last one serves the slope only


def _table(function: Callable[[float], float], low: float, high: float) -> np.ndarray:
    """int16 values of a function, shifted so that the straight lines between them err little."""
    step = (high - low) / (_ENTRIES - 1)
    exact = [function(low + i * step) * 32768 for i in range(_ENTRIES)]
    middles = [function(low + (i + 0.5) * step) * 32768 for i in range(_ENTRIES - 1)]
    entries = []
    for here, following, middle in zip(exact, exact[1:], middles, strict=False):
        line = _rounded((following + _rounded(here)) / 2)
        entries.append(_rounded(here) - _rounded((line - _rounded(middle)) / 2))
    return np.clip([*entries, _rounded(exact[-1])], -32768, 32767).astype(np.int16)


def _rounded(x: float) -> int:
    """Halves away from zero."""
    return int(x + 0.5) if x >= 0 else -int(0.5 - x)


def wide_softmax_call(reader: Reader, beta: float) -> Call:
    """A call of `nn_softmax_s16`."""
    source, output = reader.activation(0, ("int16",)), reader.output(("int16",))
    affine = reader.affine(output)
    sound = affine.zero_point == 0 and abs(affine.scale * 32768 - 1) < 1e-3
    reader.require(sound, "its output must have the scale 1/32768 and the zero point 0")
    factor = reader.multiplier(beta * reader.affine(source).scale * 65535 / 10)
    reader.require(factor.shift < 15, "its input scale is too large")
    tables = (
        Constant(f"exponential_{reader.index}", _table(exp, -10, 0)),
        Constant(f"reciprocal_{reader.index}", _table(lambda x: 1 / (1 + x), 0, 1)),
    )
    return Call(
        function="nn_softmax_s16",
        kernel="s16/softmax_s16.c",
        structure="nn_normalize_s16",
        parameters={
            "rows": prod(source.shape[:-1]),
            "size": source.shape[-1],
            **factor.fields(),
            "exponential": tables[0].symbol,
            "reciprocal": tables[1].symbol,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=tables,
    )
