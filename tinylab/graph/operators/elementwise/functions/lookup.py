"""table: what the pass "fuse table" makes of a function between dequantize and quantize."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.lowering.checks import BYTES
from tinylab.graph.operators.elementwise.functions.table import look_up, table_call
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step


def _reference(step: Step) -> np.ndarray:
    return look_up(step.inputs[1], step.inputs[0])


def _lower(reader: Reader, target: Target) -> Call:
    reader.activation(0, BYTES)
    output = reader.output(BYTES)
    table = reader.constant(1, "table", output.dtype)
    reader.require(table.shape == (256,), f"its table has the shape {table.shape}")
    return table_call(reader, table)


OPERATOR = Operator(
    kind="table",
    shapes=same_shape,
    in_place="elementwise",
    reference=_reference,
    lower=_lower,
    keeps_channels=True,
)
