"""Explorer: decision threshold against false accepts and misses in a long recording."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Slider, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount, count
from tinylab.scoring import listening
from tinylab.scoring.background import Background
from tinylab.scoring.intervals import Interval

__all__ = ["Decision", "detection_explorer"]

SHOWN_S = 40
THRESHOLDS = np.linspace(0.04, 1.0, 25)


@dataclass(frozen=True)
class Decision:
    """What one setting of the detector does.

    Attributes
    ----------
    threshold : float
    from_s : float
        Start of the part of the recording that is shown.
    confidence : float array (time,)
        Smoothed score of the likeliest keyword.
    detections : streaming.Detections
    score : streaming.StreamScore
    curve : streaming.ThresholdCurve
        The same detector at other thresholds; its false accepts are those of the background, if
        there is one.
    accepts : Interval
        False accepts an hour at the threshold.
    heard_for : str
        What they were counted in, with its length.
    """

    threshold: float
    from_s: float
    confidence: np.ndarray
    detections: listening.Detections
    score: listening.StreamScore
    curve: listening.ThresholdCurve
    accepts: Interval
    heard_for: str


class _View:
    """Above a part of the recording with its events, below both kinds of error."""

    def __init__(self, times_s: np.ndarray, word_ends_s: np.ndarray):
        self._times_s, self._word_ends_s = times_s, word_ends_s

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=560)
        figure.add_scatter(x=self._times_s, name="score", line={"color": theme.SKY, "width": 2})
        figure.add_scatter(
            mode="lines", name="threshold", line={"color": theme.BLACK, "dash": "dash"}
        )
        for index, (name, symbol, colour) in enumerate(
            [
                ("heard", "circle", theme.GREEN),
                ("missed", "x", theme.VERMILION),
                ("false accept", "triangle-down", theme.PURPLE),
            ]
        ):
            figure.add_scatter(
                name=name, mode="markers", marker={"symbol": symbol, "color": colour, "size": 11}
            )
        for index, (name, axis) in enumerate([("missed", "y2"), ("false accepts", "y3")]):
            style = theme.series(index)["line"]
            below = {"xaxis": "x2", "yaxis": axis}
            figure.add_scatter(name=name, mode="lines", line=style, showlegend=False, **below)
            figure.add_scatter(**{**theme.highlight(), **below}, showlegend=index == 0)
        return figure.update_layout(
            margin_r=80,
            xaxis={"title": "time in the recording (s)", "anchor": "y"},
            yaxis={
                "title": "score",
                "range": [0, 1.18],
                "domain": [0.62, 1],
                "tickvals": [0, 0.5, 1],
            },
            xaxis2={"title": "threshold", "anchor": "y2", "range": [0, 1.02]},
            yaxis2=_side("missed (%, solid)", 0, domain=[0, 0.4], range=[-5, 105]),
            yaxis3=_side(
                "false accepts an hour (dashed)",
                1,
                overlaying="y2",
                side="right",
                type="log",
                dtick=1,
                showgrid=False,
            ),
        )

    def update(self, figure: go.Figure, result: Decision) -> None:
        score, line, heard, missed, false, misses, misses_here, accepts, accepts_here = figure.data
        start, end = result.from_s, result.from_s + SHOWN_S
        score.y = result.confidence
        line.x, line.y = [start, end], [result.threshold] * 2
        for trace, chosen in ((heard, result.score.hit), (missed, ~result.score.hit)):
            trace.x = self._word_ends_s[chosen]
            trace.y = np.full(int(chosen.sum()), 1.08)
        false.x = result.detections.times_s[result.score.false_accept]
        false.y = result.detections.confidences[result.score.false_accept]
        curve = result.curve
        misses.x, misses.y = curve.thresholds, 100 * curve.miss_rate
        accepts.x, accepts.y = curve.thresholds, curve.false_accepts_per_hour
        misses_here.x = accepts_here.x = [result.threshold]
        misses_here.y = [100 * result.score.miss_rate]
        accepts_here.y = [result.accepts.mean]
        figure.layout.xaxis.range = [start, end]


def _side(title: str, index: int, **more) -> dict:
    """An axis in the colour of its curve."""
    colour = theme.COLOURS[index]
    return {
        "title": {"text": title, "font": {"color": colour}},
        "tickfont": {"color": colour},
        **more,
    }


def _summary(result: Decision) -> str:
    score, rate = result.score, result.accepts
    return (
        f"At a threshold of {result.threshold:.2f} the detector misses {score.misses} of"
        f" {score.keywords} keywords ({score.miss_rate:.0%}) and fires"
        f" {count(rate.repeats, 'time')} for nothing in {result.heard_for}:"
        f" {amount(rate.mean, 2)} false accepts an hour (95 % interval"
        f" {amount(rate.low, 2)} to {amount(rate.high, 2)})."
    )


def detection_explorer(
    posteriors,
    times_s,
    stream: listening.SoundStream,
    *,
    keywords: Sequence[int],
    background: Background | None = None,
) -> Explorer:
    """Choose threshold, smoothing and quiet time of a detector on a recording.

    Parameters
    ----------
    posteriors : float array (time, classes)
        The model's scores for each window.
    times_s : float array (time,)
        When each score is known.
    stream : streaming.SoundStream
        The recording and what is said in it.
    keywords : sequence of int
        Classes that count.
    background : Background, optional
        Sound without any keyword, to count false accepts in; without it they are counted in the
        recording itself, which is mostly too short.
    """
    posteriors, times_s, keywords = np.asarray(posteriors), np.asarray(times_s), list(keywords)

    @lru_cache(maxsize=64)
    def smoothed(windows: int) -> np.ndarray:
        return listening.smooth(posteriors, windows)

    def accepts(threshold: float, windows: int, quiet_s: float) -> Interval:
        return background.false_accepts(
            threshold, windows=windows, keywords=keywords, refractory_s=quiet_s
        )

    @lru_cache(maxsize=64)
    def curve(windows: int, quiet_s: float) -> listening.ThresholdCurve:
        measured = listening.threshold_curve(
            smoothed(windows),
            times_s,
            stream,
            keywords=keywords,
            refractory_s=quiet_s,
            thresholds=THRESHOLDS,
        )
        if background is None:
            return measured
        hourly = [accepts(threshold, windows, quiet_s).mean for threshold in THRESHOLDS]
        return replace(measured, false_accepts_per_hour=np.array(hourly))

    def compute(threshold: float, windows: int, quiet_s: float, from_s: int) -> Decision:
        scores = smoothed(windows)
        detected = listening.detect(
            scores, times_s, threshold=threshold, keywords=keywords, refractory_s=quiet_s
        )
        score = listening.score(detected, stream, keywords=keywords)
        alone = background is None
        return Decision(
            threshold,
            from_s,
            scores[:, keywords].max(axis=1),
            detected,
            score,
            curve(windows, quiet_s),
            score.false_accepts_interval if alone else accepts(threshold, windows, quiet_s),
            f"{stream.duration_s / 60:.1f} minutes"
            if alone
            else f"{60 * background.hours:.0f} minutes of {background.what}",
        )

    wanted = np.isin(stream.labels, keywords)
    last = max(SHOWN_S, int(stream.duration_s) // 10 * 10)
    controls = [
        Slider("threshold", "Threshold", 0.05, 0.99, 0.01, 0.6),
        Slider("windows", "Averaged over", 1, 10, 1, 3, "windows"),
        Steps("quiet_s", "Quiet after firing", (0.2, 0.5, 1.0, 1.5, 2.0), 1.0, "s"),
        Slider("from_s", "Show from", 0, last, 10, 0, "s"),
    ]
    return Explorer(
        "When to fire",
        controls,
        compute,
        _View(times_s, stream.end_s[wanted]),
        _summary,
        source=f"measured: your model on {stream.duration_s / 60:.1f} minutes with {wanted.sum()}"
        f" keywords",
    )
