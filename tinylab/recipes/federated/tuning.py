"""Settings are chosen on validation voices and users of other draws; the test voices choose none.

The search climbs: from a start it tries every setting one step up and down its ladder, and moves to
the best, until none is better. So the choice has been tried on both of its sides, unless it is an
end of a ladder.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["LADDERS", "START", "Climbed", "climb"]

_POWERS = range(-6, 8)
LADDERS: dict[str, tuple[float, ...]] = {
    "rate": tuple(0.1 * 2.0**k for k in _POWERS),
    "personal_rate": tuple(0.1 * 2.0**k for k in _POWERS),
    "clip": tuple(0.3 * 2.0**k for k in _POWERS),
    "momentum": (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99),
    "server_rate": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
}
"""The values of each setting, rising; momentum 0 is plain averaging, so nothing lies below it."""
START = {
    "rate": 0.1,
    "personal_rate": 0.1,
    "clip": 0.3,
    "momentum": 0.9,
    "server_rate": 0.03,
}


@dataclass(frozen=True)
class Climbed:
    """Where a climb ended.

    Parameters
    ----------
    settings : dict of str to float
    score : float
    tried : tuple of (settings, score)
        In the order of trying.
    """

    settings: dict[str, float]
    score: float
    tried: tuple[tuple[dict[str, float], float], ...]


def climb(
    score: Callable[[Mapping[str, float]], float],
    names: Sequence[str],
    start: Mapping[str, float] = START,
) -> Climbed:
    """Climb to settings none of whose neighbours is better.

    Parameters
    ----------
    score : callable
        Settings in, a figure out of which more is better.
    names : sequence of str
        Keys of `LADDERS`.
    start : mapping of str to float
        Where to begin, on the ladders.
    """
    ladders = [LADDERS[name] for name in names]
    here = tuple(ladder.index(start[name]) for name, ladder in zip(names, ladders))
    scores: dict[tuple[int, ...], float] = {}

    def settings_at(steps: tuple[int, ...]) -> dict[str, float]:
        return {name: ladder[k] for name, ladder, k in zip(names, ladders, steps)}

    def score_at(steps: tuple[int, ...]) -> float:
        if steps not in scores:
            scores[steps] = score(settings_at(steps))
        return scores[steps]

    while True:
        best = max(_neighbours(here, ladders), key=score_at)
        if score_at(best) <= score_at(here):
            tried = tuple((settings_at(steps), value) for steps, value in scores.items())
            return Climbed(settings_at(here), scores[here], tried)
        here = best


def _neighbours(here: tuple[int, ...], ladders: Sequence[Sequence[float]]) -> list[tuple[int, ...]]:
    """One step up or down in one setting."""
    moved = [
        (*here[:axis], here[axis] + step, *here[axis + 1 :])
        for axis in range(len(here))
        for step in (-1, 1)
    ]
    return [
        steps
        for steps in moved
        if all(0 <= k < len(ladder) for k, ladder in zip(steps, ladders, strict=True))
    ]
