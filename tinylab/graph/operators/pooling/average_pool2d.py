"""average_pool2d: the mean of a window; only positions inside the image count."""

import numpy as np

from tinylab.graph.operators.pooling.pool import lower_pool, pool_shapes, pool_size
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step, scale_of
from tinylab.graph.operators.weighted.window import windows


def _reference(step: Step) -> np.ndarray:
    size = pool_size(step)
    x = step.inputs[0].astype(np.int64 if step.quantized else np.float64)
    sums = windows(step, x, size).sum(axis=(2, 3))
    counts = windows(step, np.ones_like(x), size).sum(axis=(2, 3))
    if not step.quantized:
        return step.finish(sums / counts)
    if step.option("halves_up"):
        stored = (sums + counts // 2) // counts
        return step.finish(stored - scale_of(step.result())[1])
    half = np.where(sums > 0, counts // 2, -(counts // 2))
    stored = np.trunc((sums + half) / counts).astype(np.int64)
    return step.finish(stored - scale_of(step.result())[1])


OPERATOR = Operator(
    kind="average_pool2d",
    shapes=pool_shapes,
    reference=_reference,
    lower=lower_pool,
    options="Pool2DOptions",
    fuses_activation=True,
    keeps_channels=True,
)
