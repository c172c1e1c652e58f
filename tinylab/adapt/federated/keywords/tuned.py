"""The settings that were chosen for keyword users on validation voices, as plain data."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinylab.cache import read_results

__all__ = ["Trial", "Tuned", "TunedRow", "bundled_tuning", "tuned_settings"]

_BUNDLED = Path(__file__).parent / "measured" / "tuned.json"


@dataclass(frozen=True)
class Trial:
    """Settings that were tried, and the figure that they reached."""

    settings: dict[str, float]
    score: float


@dataclass(frozen=True)
class TunedRow:
    """The choice for one experiment.

    Parameters
    ----------
    group, name, alpha
        As in `tinylab.adapt.federated.keywords.runs.Run`.
    figure : str
        What was tuned for: "all_words" or "own_words".
    settings : dict of str to float
        "rate" (of the clients' gradient descent), "momentum" and so on.
    score : float
        The figure, mean over users of other draws, on validation voices.
    trials : tuple of Trial
        All that were tried; both neighbours of the choice are among them.
    """

    group: str
    name: str
    alpha: float
    figure: str
    settings: dict[str, float]
    score: float
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Tuned:
    """The choices for all experiments."""

    rows: tuple[TunedRow, ...]

    def row(self, group: str, name: str, alpha: float) -> TunedRow:
        """The choice for an experiment; a KeyError if it was not tuned."""
        for row in self.rows:
            if (row.group, row.name, row.alpha) == (group, name, alpha):
                return row
        raise KeyError(f"{group}, {name!r} at alpha {alpha:g} was not tuned")


@cache
def bundled_tuning() -> Tuned:
    """The choices that come with the workbook, made by `tinylab.recipes.federated.runs`."""
    return read_results(json.loads(_BUNDLED.read_text(encoding="utf-8")), Tuned)


def tuned_settings(group: str, name: str, alpha: float) -> dict[str, float]:
    """The settings that come with the workbook for an experiment.

    Raises
    ------
    KeyError
        It was not tuned.
    """
    return dict(bundled_tuning().row(group, name, alpha).settings)
