"""logistic, tanh, elu and other curves: on bytes, tables of their real functions."""

import numpy as np

from tinylab.graph.operators.elementwise.table import real_table, table_operator


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _elu(x: np.ndarray) -> np.ndarray:
    return np.where(x < 0, np.expm1(x), x)


def _operator(kind, function, **more):
    return table_operator(kind, real_table(function), function, **more)


OPERATORS = (
    _operator("logistic", _logistic),
    _operator("tanh", np.tanh),
    _operator("elu", _elu),
    _operator("exp", np.exp, options="ExpOptions"),
    _operator("log", np.log),
)
