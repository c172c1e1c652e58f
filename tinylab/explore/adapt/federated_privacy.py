"""Explorer: how much privacy costs, and why many users make it cheap."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.federated.keywords.runs import Runs
from tinylab.adapt.federated.keywords.vocabularies import ALIKE
from tinylab.adapt.federated.privacy import EpsilonRow
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Privacy", "federated_privacy_explorer"]

ROUNDS = 30


@dataclass(frozen=True)
class Privacy:
    """Accuracy against epsilon, for every crowd.

    Attributes
    ----------
    curves : dict of str to list of (epsilon, mean accuracy)
        By crowd ("100 users, share 0.2"), from little noise to much.
    crowd : str
    epsilon, accuracy, plain, clipped : float
        Of the choice; without clipping; clipped as in the choice, but without noise.
    spread : float
        Standard deviation over seeds.
    noise, delta : float
    """

    curves: dict[str, list[tuple[float, float]]]
    crowd: str
    epsilon: float
    accuracy: float
    plain: float
    clipped: float
    spread: float
    noise: float
    delta: float


class _View:
    """A curve a crowd."""

    def __init__(self, crowds: tuple[str, ...]):
        self._crowds = crowds

    def figure(self) -> go.Figure:
        figure = theme.figure(y="accuracy on all words (%)", legend_rows=3, height_px=460)
        for index, crowd in enumerate(self._crowds):
            figure.add_scatter(mode="lines+markers", name=crowd, **theme.series(index))
        figure.add_scatter(
            mode="lines", name="this crowd without privacy", line={"color": theme.BLACK, "width": 2}
        )
        figure.add_scatter(**theme.highlight())
        return figure.update_layout(
            xaxis={"title": "epsilon after 30 rounds (small is private)", **theme.LOG_AXIS},
            yaxis={"range": [0, 80]},
        )

    def update(self, figure: go.Figure, result: Privacy) -> None:
        *crowds, level, here = figure.data
        for line, points in zip(crowds, result.curves.values()):
            line.x, line.y = ([p[0] for p in points], [100 * p[1] for p in points])
        everything = [p[0] for points in result.curves.values() for p in points]
        level.x, level.y = [min(everything), max(everything)], [100 * result.plain] * 2
        here.x, here.y = [result.epsilon], [100 * result.accuracy]


def _summary(result: Privacy) -> str:
    return (
        f"{result.crowd}, noise {result.noise:g}: epsilon {amount(result.epsilon)} at delta"
        f" {result.delta:g} after {ROUNDS} rounds, {result.accuracy:.1%} of all words (standard"
        f" deviation over seeds {100 * result.spread:.1f} points). Without privacy"
        f" {result.plain:.1%}; clipping alone leaves {result.clipped:.1%} and promises nothing."
    )


def federated_privacy_explorer(runs: Runs, epsilons: tuple[EpsilonRow, ...]) -> Explorer:
    """Choose a crowd and the noise.

    Parameters
    ----------
    runs : Runs
        With the group "privacy".
    epsilons : tuple of EpsilonRow
        From the accountant, for 30 rounds.
    """
    names = [name.rsplit(", ", 1) for name in runs.names("privacy")]
    crowds = tuple(dict.fromkeys(crowd for crowd, _ in names))
    noises = tuple(sorted({row.noise for row in epsilons}))
    delta = epsilons[0].delta

    def spent(crowd: str, noise: float) -> float:
        share = float(crowd.split()[-1])
        wanted = (share, noise, ROUNDS)
        return next(r.epsilon for r in epsilons if (r.share, r.noise, r.rounds) == wanted)

    def reached(crowd: str, how: str) -> np.ndarray:
        return runs.last("privacy", f"{crowd}, {how}", ALIKE)

    curves = {
        crowd: [(spent(crowd, z), float(reached(crowd, f"noise {z:g}").mean())) for z in noises]
        for crowd in crowds
    }

    def compute(crowd: str, noise: float) -> Privacy:
        values = reached(crowd, f"noise {noise:g}")
        return Privacy(
            curves,
            crowd,
            spent(crowd, noise),
            float(values.mean()),
            float(reached(crowd, "no clip").mean()),
            float(reached(crowd, "noise 0").mean()),
            float(values.std(ddof=1)),
            noise,
            delta,
        )

    controls = [
        Dropdown("crowd", "Crowd", crowds, crowds[0]),
        Steps("noise", "Noise multiplier", noises, noises[len(noises) // 2]),
    ]
    return Explorer(
        "What privacy costs",
        controls,
        compute,
        _View(crowds),
        _summary,
        source=(
            "measured: accuracy, vocabularies alike, five seeds; epsilon by dp-accounting (PLD)"
        ),
    )
