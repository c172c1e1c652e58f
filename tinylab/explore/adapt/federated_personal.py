"""Explorer: a common model, tuned by every user: own words gained, other words lost."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.federated.keywords.runs import Runs
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count
from tinylab.scoring.verdicts import Verdict, compare

__all__ = ["Tuned", "federated_personal_explorer"]

FIGURES = {"own_words": "own words", "all_words": "all words"}


@dataclass(frozen=True)
class Tuned:
    """Accuracy against epochs of tuning.

    Attributes
    ----------
    epochs : tuple of int
    own, all : float arrays (epochs, seeds)
    alone_own, together : float arrays (seeds,)
    chosen : int
        Epochs.
    alpha : float
    against_alone : Verdict
        Own words, tuned for the chosen epochs, against learning alone.
    against_common : Verdict
        And against the common model, which is 0 epochs of tuning.
    """

    epochs: tuple[int, ...]
    own: np.ndarray
    all: np.ndarray
    alone_own: np.ndarray
    together: np.ndarray
    chosen: int
    alpha: float
    against_alone: Verdict
    against_common: Verdict


class _View:
    """Two curves against the epochs, and two levels."""

    def figure(self) -> go.Figure:
        figure = theme.figure(
            x="epochs on the user's own clips", y="accuracy (%)", legend_rows=2, height_px=440
        )
        for index, name in enumerate(FIGURES.values()):
            figure.add_scatter(mode="lines+markers", name=f"tuned, {name}", **theme.series(index))
        for index, name in enumerate(("alone, own words", "together"), start=2):
            figure.add_scatter(mode="lines", name=name, line=theme.series(index)["line"])
        figure.add_scatter(**theme.highlight("chosen"))
        return figure.update_layout(yaxis={"range": [0, 100]})

    def update(self, figure: go.Figure, result: Tuned) -> None:
        own, everything, alone, together, here = figure.data
        for line, values in ((own, result.own), (everything, result.all)):
            line.x, line.y = result.epochs, 100 * values.mean(axis=1)
        for line, values in ((alone, result.alone_own), (together, result.together)):
            line.x, line.y = [0, result.epochs[-1]], [100 * values.mean()] * 2
        at = result.epochs.index(result.chosen)
        here.x, here.y = [result.chosen] * 2, [own.y[at], everything.y[at]]


def _summary(result: Tuned) -> str:
    at = result.epochs.index(result.chosen)
    own, everything = result.own[at].mean(), result.all[at].mean()
    text = (
        f"Alpha {result.alpha:g}, {count(result.chosen, 'epoch')} of tuning: own words"
        f" {own:.1%}, all words {everything:.1%}; alone, own words {result.alone_own.mean():.1%}."
    )
    if not result.chosen:
        return f"{text} On own words: {result.against_alone.sentence('Common', 'alone')}"
    common = result.against_common.sentence("Tuned", "the common model")
    return f"{text} On own words: {common} {result.against_alone.sentence('Tuned', 'alone')}"


def federated_personal_explorer(runs: Runs) -> Explorer:
    """How long should a user tune the common model?

    Parameters
    ----------
    runs : Runs
        With the groups "methods" and "personal".
    """
    alphas, names = runs.alphas("personal"), runs.names("personal")
    epochs = tuple(sorted({int(name.split()[1]) for name in names}))

    def compute(alpha: float, chosen: int) -> Tuned:
        own, everything = (
            np.array([runs.last("personal", f"FedAvg, {e} epochs", alpha, figure) for e in epochs])
            for figure in FIGURES
        )
        alone = runs.last("methods", "alone", alpha, "own_words")
        together = runs.last("methods", "together", alpha)
        verdicts = (compare(own[epochs.index(chosen)], other) for other in (alone, own[0]))
        return Tuned(epochs, own, everything, alone, together, chosen, alpha, *verdicts)

    controls = [
        Steps("alpha", "Alpha of the vocabularies", alphas, alphas[0]),
        Steps("chosen", "Tuning", epochs, 5, "epochs"),
    ]
    return Explorer(
        "Common, then your own",
        controls,
        compute,
        _View(),
        _summary,
        source=(
            f"measured: features of {runs.model}, rates tuned for own words on other users; voices"
            " that nobody learned from, five seeds"
        ),
    )
