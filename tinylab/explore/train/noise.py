"""Explorer: signal-to-noise ratio against accuracy, and the scores of one clip."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Steps
from tinylab.explore.widget.explorer import Explorer

if TYPE_CHECKING:
    from tinylab.scoring.noise_study import NoiseResults

__all__ = ["noise_explorer"]


@dataclass(frozen=True)
class NoiseLevel:
    """One level of the sweep."""

    snr_dB: int
    accuracy: float
    scores: np.ndarray
    answer: str
    word: str


class _View:
    """Left the accuracy at every level, right the scores of the example at this one."""

    def __init__(self, sweep: "NoiseResults"):
        self._sweep = sweep

    def figure(self) -> go.Figure:
        figure = theme.figure(x="signal-to-noise ratio (dB)", y="accuracy (%)")
        accuracy = 100 * self._sweep.accuracy
        figure.add_scatter(
            x=self._sweep.snr_dB,
            y=accuracy,
            mode="lines+markers",
            name="all clips",
            **theme.series(0),
        )
        figure.add_scatter(x=[0], y=[0], **theme.highlight())
        figure.add_bar(
            x=[0.0] * len(self._sweep.labels),
            y=list(self._sweep.labels),
            orientation="h",
            xaxis="x2",
            yaxis="y2",
            name=f"one clip of “{self._sweep.example_label}”",
            **theme.bar(1),
        )
        return figure.update_layout(
            xaxis={"domain": [0, 0.55]},
            yaxis={"range": [0, 104]},
            xaxis2={"domain": [0.72, 1], "anchor": "y2", "range": [0, 100], "title": "score (%)"},
            yaxis2={"anchor": "x2", "autorange": "reversed", "dtick": 1},
        )

    def update(self, figure: go.Figure, result: NoiseLevel) -> None:
        figure.data[1].x, figure.data[1].y = [result.snr_dB], [100 * result.accuracy]
        figure.data[2].x = 100 * result.scores


def noise_explorer(sweep: "NoiseResults") -> Explorer:
    """Look up a measured noise sweep by its signal-to-noise ratio."""

    def compute(snr_dB: int) -> NoiseLevel:
        level = sweep.snr_dB.index(snr_dB)
        scores = sweep.example_scores[level]
        answer = sweep.labels[int(scores.argmax())]
        return NoiseLevel(snr_dB, float(sweep.accuracy[level]), scores, answer, sweep.example_label)

    def summary(result: NoiseLevel) -> str:
        verdict = "rightly" if result.answer == result.word else "wrongly"
        return (
            f"At {result.snr_dB} dB the model answers {result.accuracy:.0%} of {sweep.clips} clips"
            f" rightly. The clip of “{result.word}” is {verdict} taken for “{result.answer}”"
            f" with a score of {result.scores.max():.0%}."
        )

    return Explorer(
        "How much noise does the model tolerate?",
        [Steps("snr_dB", "Signal-to-noise ratio", sweep.snr_dB, max(sweep.snr_dB), unit="dB")],
        compute,
        _View(sweep),
        summary,
        source=f"measured: this model on {sweep.clips} clips of the test split, white noise",
    )
