"""Functions of one byte: a table of 256 answers is all a device needs.

The table is filled here, with the arithmetic of LiteRT's reference kernels, so whatever the
function costs, the device only looks it up.
"""

from collections.abc import Callable

import numpy as np

from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step

_FLOAT_KERNELS = (
    *("relu", "relu6", "relu_n1_to_1", "logistic", "tanh", "elu", "exp"),
    *("neg", "abs", "square", "hard_swish"),
)
Table = Callable[[Reader], np.ndarray]
Wide = tuple[Callable[[Step], np.ndarray], Callable[[Reader], Call]]


def stored_values(dtype: str) -> np.ndarray:
    """All values of a byte, the smallest first, as int64."""
    ends = np.iinfo(dtype)
    return np.arange(ends.min, ends.max + 1)


def real_table(function: Callable[[np.ndarray], np.ndarray]) -> Table:
    """The table of a function of real numbers, in single precision as LiteRT fills it."""

    def make(reader: Reader) -> np.ndarray:
        source, target = reader.activation(0, BYTES), reader.output(BYTES)
        before, after = reader.affine(source), reader.affine(target)
        steps = (stored_values(source.dtype) - before.zero_point).astype(np.float32)
        with np.errstate(all="ignore"):
            real = function(np.float32(before.scale) * steps).astype(np.float32)
            stored = real * (np.float32(1) / np.float32(after.scale))
            rounded = np.trunc(stored + np.copysign(np.float32(0.5), stored)) + after.zero_point
        ends = np.iinfo(target.dtype)
        stored = np.nan_to_num(np.clip(rounded, ends.min, ends.max), nan=ends.min)
        return stored.astype(target.dtype)

    return make


def look_up(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The table's answers for stored values of any shape."""
    return table[x.astype(np.int64) - np.iinfo(x.dtype).min]


def table_call(reader: Reader, table: np.ndarray) -> Call:
    """A call of `nn_lookup`."""
    source = reader.tensor(0)
    entries = Constant(f"table_{reader.index}", _by_byte(table, source.dtype))
    return Call(
        function="nn_lookup",
        kernel="lookup.c",
        structure="nn_table",
        parameters={"size": source.elements, "entries": entries.symbol},
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=(entries,),
    )


def _by_byte(table: np.ndarray, dtype: str) -> np.ndarray:
    """Entry i answers the byte i, whatever number the byte stands for."""
    bytes_ = stored_values(dtype).astype(dtype).view(np.uint8)
    entries = np.empty(256, np.int8)
    entries[bytes_] = table.view(np.int8)
    return entries


def _float_call(reader: Reader) -> Call:
    """A call of `nn_<kind>_f32`."""
    reader.output(("float32",))
    return Call(
        function=f"nn_{reader.op.kind}_f32",
        kernel="f32/unary_f32.c",
        structure="nn_unary_f32",
        parameters={"size": reader.tensor(0).elements},
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def table_operator(
    kind: str,
    table: Table,
    real: Callable[[np.ndarray], np.ndarray],
    *,
    options: str = "",
    keeps_channels: bool = True,
    wide: Wide | None = None,
) -> Operator:
    """The record of a function of one element.

    Parameters
    ----------
    kind : str
    table : callable
        `table(reader)` gives the 256 answers, the smallest input first.
    real : callable
        The function on real numbers, for float graphs.
    options : str
        See `Operator`.
    keeps_channels : bool
        See `Operator`.
    wide : tuple of callable, optional
        The numpy result and the call on 16 bits.
    """

    def reference(step: Step) -> np.ndarray:
        if step.quantized and step.tensor(0).dtype == "int16" and wide is not None:
            return wide[0](step)
        if step.quantized:
            return look_up(table(step), step.inputs[0])
        with np.errstate(all="ignore"):
            return real(step.value(0))

    def lower(reader: Reader, target: Target) -> Call:
        if reader.tensor(0).dtype == "float32" and kind in _FLOAT_KERNELS:
            return _float_call(reader)
        if reader.tensor(0).dtype == "int16" and wide is not None:
            return wide[1](reader)
        return table_call(reader, table(reader))

    return Operator(
        kind=kind,
        shapes=same_shape,
        in_place="elementwise",
        reference=reference,
        lower=lower,
        options=options,
        keeps_channels=keeps_channels,
    )
