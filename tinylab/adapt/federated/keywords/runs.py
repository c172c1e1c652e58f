"""What was measured in the setting of keyword users, as plain data: for explorers and claims."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tinylab.adapt.federated.privacy import EpsilonRow
from tinylab.cache import read_results

__all__ = ["Run", "Runs", "measured_epsilons", "measured_runs"]

_FOLDER = Path(__file__).parent / "measured"


@dataclass(frozen=True)
class Run:
    """One run: a group of experiments, a setting, a seed.

    Parameters
    ----------
    group : str
        "methods", "personal", "compression", "stragglers", "sizes", "poison" or "privacy".
    name : str
        What was done, within the group.
    alpha : float
        Of the vocabularies.
    seed : int
        Of the users, their words and all training: the same seed is the same users in all runs.
    rounds : tuple of int
        After which it was measured.
    all_words, own_words, own_worst_tenth : tuple of float
        Accuracies, see `tinylab.adapt.federated.keywords.comparison.Outcome`.
    up_bytes : float
        Sent by a client in a round, mean.
    """

    group: str
    name: str
    alpha: float
    seed: int
    rounds: tuple[int, ...]
    all_words: tuple[float, ...]
    own_words: tuple[float, ...]
    own_worst_tenth: tuple[float, ...]
    up_bytes: float


@dataclass(frozen=True)
class Runs:
    """Many runs.

    Parameters
    ----------
    model : str
        Whose features they are made of.
    runs : tuple of Run
    """

    model: str
    runs: tuple[Run, ...]

    def pick(self, group: str, name: str, alpha: float) -> tuple[Run, ...]:
        """All seeds of one setting, in order of the seeds.

        Raises
        ------
        KeyError
            It was not measured.
        """
        runs = [r for r in self.runs if (r.group, r.name, r.alpha) == (group, name, alpha)]
        if not runs:
            raise KeyError(f"{group}, {name!r} at alpha {alpha:g} was not measured")
        return tuple(sorted(runs, key=lambda run: run.seed))

    def last(self, group: str, name: str, alpha: float, figure: str = "all_words") -> np.ndarray:
        """The figure after the last round, float64 (seeds,)."""
        return np.array([getattr(run, figure)[-1] for run in self.pick(group, name, alpha)])

    def names(self, group: str) -> tuple[str, ...]:
        """What was measured in a group, in the order of measuring."""
        return tuple(dict.fromkeys(run.name for run in self.runs if run.group == group))

    def alphas(self, group: str) -> tuple[float, ...]:
        """Rising."""
        return tuple(sorted({run.alpha for run in self.runs if run.group == group}))


@dataclass(frozen=True)
class _Epsilons:
    rows: tuple[EpsilonRow, ...]


@cache
def measured_runs() -> Runs:
    """The runs that come with the workbook, made by `tinylab.recipes.federated.runs`."""
    return read_results(_stored("runs.json"), Runs)


@cache
def measured_epsilons() -> tuple[EpsilonRow, ...]:
    """The accountant's table that comes with the workbook."""
    return read_results(_stored("epsilons.json"), _Epsilons).rows


def _stored(name: str) -> object:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))
