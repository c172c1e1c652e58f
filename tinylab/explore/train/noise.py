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
    """One level of noise."""

    snr_dB: int
    accuracy: float
    scores: np.ndarray
    answer: str
    word: str


class _View:
    """Left the accuracy at every level, right the scores of the example at this one."""

    def __init__(self, results: "NoiseResults"):
        self._results = results

    def figure(self) -> go.Figure:
        figure = theme.figure(x="signal-to-noise ratio (dB)", y="accuracy (%)")
        accuracy = 100 * self._results.accuracy
        figure.add_scatter(
            x=self._results.snr_dB,
            y=accuracy,
            mode="lines+markers",
            name="all clips",
            **theme.series(0),
        )
        figure.add_scatter(x=[0], y=[0], **theme.highlight())
        figure.add_bar(
            x=[0.0] * len(self._results.labels),
            y=list(self._results.labels),
            orientation="h",
            xaxis="x2",
            yaxis="y2",
            name=f"one clip of “{self._results.example_label}”",
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


def noise_explorer(results: "NoiseResults") -> Explorer:
    """Look up what was measured, by its signal-to-noise ratio."""

    def compute(snr_dB: int) -> NoiseLevel:
        level = results.snr_dB.index(snr_dB)
        scores = results.example_scores[level]
        answer = results.labels[int(scores.argmax())]
        return NoiseLevel(
            snr_dB, float(results.accuracy[level]), scores, answer, results.example_label
        )

    def summary(result: NoiseLevel) -> str:
        verdict = "right" if result.answer == result.word else "wrong"
        return (
            f"At {result.snr_dB} dB the model answers {result.accuracy:.0%} of {results.clips}"
            f" clips correctly. For the clip of “{result.word}” it answers “{result.answer}”,"
            f" which is {verdict}, with a score of {result.scores.max():.0%}."
        )

    return Explorer(
        "How much noise does the model tolerate?",
        [Steps("snr_dB", "Signal-to-noise ratio", results.snr_dB, max(results.snr_dB), unit="dB")],
        compute,
        _View(results),
        summary,
        source=f"measured: this model on {results.clips} clips of the test split, white noise",
    )
