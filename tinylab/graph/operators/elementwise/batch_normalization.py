"""batch_normalization: what Keras graphs hold before it is folded away."""

import numpy as np

from tinylab.graph.operators.record import Operator, same_shape
from tinylab.graph.operators.step import Step


def _reference(step: Step) -> np.ndarray:
    gamma, beta, mean, variance = (step.value(i) for i in range(1, 5))
    scale = gamma / np.sqrt(variance + step.option("epsilon"))
    return (step.value(0) - mean) * scale + beta


OPERATOR = Operator(kind="batch_normalization", shapes=same_shape, reference=_reference)
