"""The accuracy of a compressed classifier, as every study of compression measures it."""

import numpy as np

from tinylab.scoring.classification import accuracy

__all__ = ["measured_accuracy"]


def measured_accuracy(model, x: np.ndarray, y: np.ndarray) -> float:
    """Share of right answers, 0 to 1, of a Keras classifier on x (n, ...) with labels y (n,)."""
    return accuracy(y, model.predict(x, batch_size=250, verbose=0))
