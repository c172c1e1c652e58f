"""Choose a setting on validation examples: the best of a grid, and never one at its border.

In: values that are multiples of each other, and how good each is. Out: the trials, and the best.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Trial", "best_of", "tried"]

MOST_STEPS = 4  # beyond either end of the grid


@dataclass(frozen=True)
class Trial:
    """A value that was tried.

    Attributes
    ----------
    setting : str
        What it is the value of, such as "learning rate".
    value : float
    accuracy : float
        On validation examples, 0 to 1.
    """

    setting: str
    value: float
    accuracy: float


def tried(
    setting: str, grid: Sequence[float], accuracy: Callable[[float], float]
) -> tuple[Trial, ...]:
    """Try a grid, and go on beyond its end by the same factor while the best value lies there.

    Parameters
    ----------
    setting : str
    grid : sequence of float
        Two values or more, rising by a factor.
    accuracy : callable (value) -> float
        On validation examples.

    Returns
    -------
    tuple of Trial
        By value. The best is neither the first nor the last, but where four steps beyond the grid
        did not do; `best_of` warns of that.

    Raises
    ------
    ValueError
        If the grid does not rise, or begins at zero or below.
    """
    grid = tuple(grid)
    if len(grid) < 2 or grid[0] <= 0 or any(a >= b for a, b in zip(grid, grid[1:])):
        raise ValueError(f"a grid rises from above zero, with two values or more, not {grid}")
    factor = grid[1] / grid[0]
    trials = [Trial(setting, value, accuracy(value)) for value in grid]
    for _ in range(MOST_STEPS):
        best = _best(trials)
        if best is trials[0]:
            value = float(f"{best.value / factor:.3g}")
            trials.insert(0, Trial(setting, value, accuracy(value)))
        elif best is trials[-1]:
            value = float(f"{best.value * factor:.3g}")
            trials.append(Trial(setting, value, accuracy(value)))
    return tuple(trials)


def best_of(trials: Sequence[Trial]) -> float:
    """The value that was best, of equal ones the middle one.

    Warns
    -----
    UserWarning
        If it is the first or the last: a better one may lie beyond.
    """
    best = _best(trials)
    if best in (trials[0], trials[-1]):
        warnings.warn(
            f"the best {best.setting}, {best.value:g}, is at the border of what was tried: begin"
            " with another grid",
            stacklevel=2,
        )
    return best.value


def _best(trials: Sequence[Trial]) -> Trial:
    highest = max(one.accuracy for one in trials)
    equal = [one for one in trials if one.accuracy == highest]
    return equal[len(equal) // 2]
