"""The usual measures of forgetting, computed from a matrix of scores.

Row i of the matrix is measured after learning task i, column j on task j. Higher is better.
"""

import numpy as np

__all__ = ["average_score", "backward_transfer", "forgetting"]


def average_score(matrix: np.ndarray) -> float:
    """Mean score over all tasks after the last was learned (Lopez-Paz and Ranzato 2017, ACC)."""
    return float(_square(matrix)[-1].mean())


def backward_transfer(matrix: np.ndarray) -> float:
    """Mean change on the earlier tasks since each was learned (Lopez-Paz and Ranzato 2017, BWT).

    Negative: they were forgotten. Positive: later tasks helped them.
    """
    matrix = _square(matrix)
    learned, kept = np.diag(matrix), matrix[-1]
    return float(np.mean((kept - learned)[:-1]))


def forgetting(matrix: np.ndarray) -> float:
    """Mean loss on the earlier tasks from the best ever to the end (Chaudhry et al. 2018).

    The best is taken over all rows before the last, so it also counts what was gained and lost
    again.
    """
    matrix = _square(matrix)
    return float(np.mean(matrix[:-1, :-1].max(axis=0) - matrix[-1, :-1]))


def _square(matrix: np.ndarray) -> np.ndarray:
    matrix = np.asarray(matrix, np.float64)
    if matrix.ndim != 2 or len(set(matrix.shape)) != 1 or len(matrix) < 2:
        raise ValueError(f"pass a square matrix of two tasks or more, not shape {matrix.shape}")
    return matrix
