"""logistic, tanh, elu and other curves: on bytes, tables of their real functions.

Converters leave `neg`, `square`, `sqrt` and the like between dequantize and quantize, where they
become tables too.
"""

import numpy as np

from tinylab.graph.operators.elementwise.functions.curves_wide import wide_curve, wide_curve_call
from tinylab.graph.operators.elementwise.functions.table import real_table, table_operator


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _elu(x: np.ndarray) -> np.ndarray:
    return np.where(x < 0, np.expm1(x), x)


def _operator(kind, function, **more):
    return table_operator(kind, real_table(function), function, **more)


def _root(x: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(x, 0))


OPERATORS = (
    _operator("logistic", _logistic, wide=(wide_curve, wide_curve_call)),
    _operator("tanh", np.tanh, wide=(wide_curve, wide_curve_call)),
    _operator("elu", _elu),
    _operator("exp", np.exp, options="ExpOptions"),
    _operator("log", np.log),
    _operator("neg", np.negative, options="NegOptions"),
    _operator("square", np.square, options="SquareOptions"),
    _operator("sqrt", _root),
    _operator("sin", np.sin),
    _operator("cos", np.cos, options="CosOptions"),
    _operator("floor", np.floor),
    _operator("ceil", np.ceil),
    _operator("round", np.rint),
)
