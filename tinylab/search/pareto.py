"""Which networks are worth a look: fronts, and how much of the plane they cover.

In: points of two or more costs, all to be made small. Out: masks and areas; numpy alone.
"""

import numpy as np

__all__ = ["hypervolume", "non_dominated"]


def non_dominated(points) -> np.ndarray:
    """Which points no other point beats: as good everywhere and better somewhere.

    Parameters
    ----------
    points : array_like, shape (n, costs)
        Less is better. Equal points do not beat each other.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    points = _checked(points)
    if points.shape[1] == 2:
        return _non_dominated_of_two(*points.T)
    kept = np.ones(len(points), bool)
    for at, point in enumerate(points):
        beats = np.all(points <= point, axis=1) & np.any(points < point, axis=1)
        kept[at] = not beats.any()
    return kept


def _non_dominated_of_two(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The same for two costs by sorting: a slider asks it of a thousand networks at every move."""
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    first = np.searchsorted(x, x)  # of those with the same x, the one with the least y
    least = np.minimum.accumulate(np.concatenate([[np.inf], y]))  # of all with a smaller x
    kept = np.empty(len(x), bool)
    kept[order] = (y == y[first]) & ((first == 0) | (y < least[first]))
    return kept


def hypervolume(points, reference) -> float:
    """Area between two costs' front and a reference point that is worse than all that counts.

    Parameters
    ----------
    points : array_like, shape (n, 2)
        Less is better; a point that is not better than the reference in both adds nothing.
    reference : array_like, shape (2,)
    """
    points = _checked(points)
    if points.shape[1] != 2:
        raise ValueError(f"pass points of two costs, not of {points.shape[1]}")
    right, top = map(float, reference)
    points = points[(points[:, 0] < right) & (points[:, 1] < top)]
    area = 0.0
    for x, y in points[np.lexsort((points[:, 1], points[:, 0]))]:
        if y < top:
            area += (right - x) * (top - y)
            top = y
    return float(area)


def _checked(points) -> np.ndarray:
    points = np.asarray(points, float)
    if points.ndim != 2 or np.isnan(points).any():
        raise ValueError(f"points must be numbers of shape (n, costs), not {points.shape}")
    return points
