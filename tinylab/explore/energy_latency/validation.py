"""Explorer: the latency model against every published measurement it had not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.cost.timing.validation import (
    BENCHMARK,
    BOARD,
    NETWORK,
    LeftOutPrediction,
    Validation,
    validate,
)
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer

__all__ = ["Comparison", "validation_explorer"]

ALL = "all cores"
BENCHMARKS = {
    "kws": "keyword spotting",
    "vww": "visual wake words",
    "ic": "image classification",
    "ad": "anomaly detection",
}
OTHERS = "networks of a model zoo"


@dataclass(frozen=True)
class Comparison:
    """Predictions of one kind of test, on one core or on all of them."""

    predictions: tuple[LeftOutPrediction, ...]
    left_out: str
    core: str

    @property
    def error_pct(self) -> np.ndarray:
        """Absolute errors in percent, shape (predictions,)."""
        return 100 * np.abs([one.error for one in self.predictions])


class _View:
    """Predicted against published latency; on the diagonal the two agree."""

    def __init__(self, span_ms: Sequence[float]):
        self._span_ms = np.array(span_ms)

    def figure(self) -> go.Figure:
        log = {"type": "log", "range": np.log10(self._span_ms), "tickformat": ",~g", "dtick": 1}
        figure = theme.figure(height_px=540, legend_rows=2)
        diagonal = {"mode": "lines", "hoverinfo": "skip"}
        figure.add_scatter(
            x=self._span_ms,
            y=self._span_ms,
            name="equal",
            line={"color": theme.BLACK, "width": 1.5},
            **diagonal,
        )
        for factor in (1.25, 0.8):
            figure.add_scatter(
                x=self._span_ms,
                y=factor * self._span_ms,
                name="25 % off",
                showlegend=factor > 1,
                line={"color": theme.QUIET, "width": 1.5, "dash": "dot"},
                **diagonal,
            )
        for index, name in enumerate((*BENCHMARKS.values(), OTHERS)):
            figure.add_scatter(
                mode="markers",
                name=name,
                hovertemplate="%{text}<extra></extra>",
                **theme.series(index),
            )
        return figure.update_layout(
            xaxis={"title": "published latency (ms)", **log},
            yaxis={"title": "predicted latency (ms)", **log},
        )

    def update(self, figure: go.Figure, result: Comparison) -> None:
        for trace, benchmark in zip(figure.data[3:], (*BENCHMARKS, OTHERS)):
            predictions = [p for p in result.predictions if _series(p) == benchmark]
            trace.x = [prediction.published_ms for prediction in predictions]
            trace.y = [prediction.predicted_ms for prediction in predictions]
            trace.text = [_label(prediction) for prediction in predictions]


def _series(prediction: LeftOutPrediction) -> str:
    name = prediction.measurement.benchmark
    return name if name in BENCHMARKS else OTHERS


def _label(prediction: LeftOutPrediction) -> str:
    about = prediction.measurement
    return (
        f"{about.benchmark} on {about.board}, {about.stack_name}<br>"
        f"published {prediction.published_ms:.4g} ms,"
        f" predicted {prediction.predicted_ms:.4g} ms ({prediction.error:+.0%})"
    )


def _summary(result: Comparison) -> str:
    errors, where = result.error_pct, "" if result.core == ALL else f" on {result.core}"
    if not len(errors):
        return f"No measurement{where} can be predicted with its {result.left_out} left out."
    inside = np.mean([one.inside for one in result.predictions])
    return (
        f"With the {result.left_out} left out, half of the {len(errors)} predictions{where} are"
        f" within {np.median(errors):.0f}% of the published latency, the worst is"
        f" {errors.max():.0f}% off; {inside:.0%} lie within the interval that the model states."
    )


def validation_explorer(table: Validation | None = None) -> Explorer:
    """Look at the predictions behind `tinylab cost validate`.

    Parameters
    ----------
    table : Validation, optional
        By default `validate()` on all published measurements.
    """
    predictions = (validate() if table is None else table).predictions
    cores = sorted({prediction.measurement.core for prediction in predictions})
    times = [ms for p in predictions for ms in (p.predicted_ms, p.published_ms)]

    def compute(left_out: str, core: str) -> Comparison:
        chosen = (
            p for p in predictions if p.left_out == left_out and core in (ALL, p.measurement.core)
        )
        return Comparison(tuple(chosen), left_out, core)

    kinds = {
        BENCHMARK: "a benchmark it never saw",
        BOARD: "a board it never saw",
        NETWORK: "networks and boards that nobody here calibrated on",
    }
    controls = [
        Dropdown("left_out", "Predict", tuple(kinds), BENCHMARK, tuple(kinds.values())),
        Dropdown("core", "Core", (ALL, *cores), ALL),
    ]
    return Explorer(
        "Predicted and published",
        controls,
        compute,
        _View((0.8 * min(times), 1.25 * max(times))),
        _summary,
        source="published: MLPerf Tiny v0.5 to v1.2, STMicroelectronics' model zoo; modelled:"
        " tinylab.cost",
    )
