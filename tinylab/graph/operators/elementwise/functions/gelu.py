"""gelu: x times the probability that a normal number lies below x (Hendrycks and Gimpel 2016)."""

import numpy as np
from scipy.special import erf

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.elementwise.functions.table import look_up, real_table, table_call
from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step


def _exact(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def _approximate(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _table(reader: Reader) -> np.ndarray:
    return real_table(_approximate if reader.option("approximate") else _exact)(reader)


def _reference(step: Step) -> np.ndarray:
    if step.quantized:
        return look_up(_table(step), step.inputs[0])
    return (_approximate if step.option("approximate") else _exact)(step.value(0))


def _lower(reader: Reader, target: Target) -> Call:
    return table_call(reader, _table(reader))


OPERATOR = Operator(
    kind="gelu",
    shapes=same_shape,
    in_place="elementwise",
    reference=_reference,
    lower=_lower,
    options="GeluOptions",
    version=2,
    keeps_channels=True,
)
