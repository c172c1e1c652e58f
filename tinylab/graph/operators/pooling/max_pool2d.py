"""max_pool2d: the largest value of a window."""

import numpy as np

from tinylab.graph.operators.pooling.pool import lower_pool, pool_shapes, pool_size
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step
from tinylab.graph.operators.weighted.window import windows


def _reference(step: Step) -> np.ndarray:
    lowest = np.iinfo(np.int64).min if step.quantized else -np.inf
    return step.finish(windows(step, step.value(0), pool_size(step), lowest).max(axis=(2, 3)))


OPERATOR = Operator(
    kind="max_pool2d",
    shapes=pool_shapes,
    reference=_reference,
    lower=lower_pool,
    options="Pool2DOptions",
    fuses_activation=True,
    keeps_channels=True,
)
