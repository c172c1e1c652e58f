"""leaky_relu: negative values are multiplied by a small number."""

import numpy as np

from tinylab.graph.core.fixed_point import requantize_twice
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.elementwise.functions.table import look_up, stored_values, table_call
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step


def _table(reader: Reader) -> np.ndarray:
    source, target = reader.activation(0, BYTES), reader.output(BYTES)
    before, after = reader.affine(source), reader.affine(target)
    alpha = float(reader.option("alpha", 0.0))
    reader.require(0 <= alpha <= 1e3, f"its alpha is {alpha}")
    steps = stored_values(source.dtype) - before.zero_point
    parts = [
        requantize_twice(steps, [reader.multiplier(before.scale * factor / after.scale)])
        for factor in (1.0, float(np.float32(alpha)))
    ]
    ends = np.iinfo(target.dtype)
    stored = np.where(steps >= 0, *parts) + after.zero_point
    return np.clip(stored, ends.min, ends.max).astype(target.dtype)


def _reference(step: Step) -> np.ndarray:
    if step.quantized:
        return look_up(_table(step), step.inputs[0])
    x = step.value(0)
    return np.where(x >= 0, x, x * step.option("alpha", 0.0))


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return _float_call(reader)
    return table_call(reader, _table(reader))


def _float_call(reader: Reader) -> Call:
    reader.output(("float32",))
    return Call(
        function="nn_leaky_relu_f32",
        kernel="f32/leaky_relu_f32.c",
        structure="nn_leaky_f32",
        parameters={
            "size": reader.tensor(0).elements,
            "alpha": float(reader.option("alpha", 0.0)),
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


OPERATOR = Operator(
    kind="leaky_relu",
    shapes=same_shape,
    in_place="elementwise",
    reference=_reference,
    lower=_lower,
    options="LeakyReluOptions",
    keeps_channels=True,
)
