"""False accepts in a long background: what a detector fires at when nobody said a keyword.

In: the scores of a model for each window of an hour or more without a keyword. Out: false accepts
an hour at a setting of the detector, with their interval. A stream of commands cannot show them:
it is short, and much of it is the commands' own time.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tinylab.scoring.intervals import Interval, poisson_interval
from tinylab.scoring.listening import smooth

__all__ = ["Background"]


@dataclass(frozen=True, eq=False)
class Background:
    """Scores of sound in which no keyword is said.

    Parameters
    ----------
    posteriors : float array (windows, classes)
        A window every `hop_s`, the pieces of sound one after another.
    what : str
        What it is, for the sentence that quotes it: "noise and talk without any command".
    hop_s : float
        Seconds from one window to the next.
    """

    posteriors: np.ndarray
    what: str
    hop_s: float = 0.1

    @property
    def hours(self) -> float:
        """How long the sound is."""
        return len(self.posteriors) * self.hop_s / 3600

    def false_accepts(
        self, threshold: float, *, windows: int, keywords: Sequence[int], refractory_s: float
    ) -> Interval:
        """False accepts an hour with their 95 % interval; the settings are those of `detect`."""
        loudest = _loudest(self, windows, tuple(keywords))
        quiet = max(1, math.ceil(refractory_s / self.hop_s - 1e-9))  # windows, after each firing
        above = np.flatnonzero(loudest >= threshold).tolist()
        fired = position = 0
        while position < len(above):
            fired += 1
            position = bisect_left(above, above[position] + quiet)
        return poisson_interval(fired, self.hours)


@lru_cache(maxsize=16)
def _loudest(background: Background, windows: int, keywords: tuple[int, ...]) -> np.ndarray:
    """The smoothed score of the likeliest keyword in each window, shape (windows,)."""
    return smooth(background.posteriors, windows)[:, list(keywords)].max(axis=1)
