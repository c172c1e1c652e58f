"""Explorer: what quantized weights do to the score of every recording, and to the AUC."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.verdicts import signed

if TYPE_CHECKING:
    from tinylab.compress.quantization.anomaly_results import ScoreResults, ScoreRow

__all__ = ["Quantized", "score_quantization_explorer"]


@dataclass(frozen=True)
class Quantized:
    """One row of the results beside the float model.

    Attributes
    ----------
    row : ScoreRow
    scores, float_scores : float array (n,)
    labels : int array (n,)
    float_auc : float
    """

    row: "ScoreRow"
    scores: np.ndarray
    float_scores: np.ndarray
    labels: np.ndarray
    float_auc: float

    @property
    def shift(self) -> float:
        """How much larger a healthy recording's score is than in float, on average."""
        healthy = self.labels == 0
        return float(np.mean(self.scores[healthy] - self.float_scores[healthy]))


class _View:
    """Left each recording's two scores, right the AUC against the bits, a line for each scheme."""

    def __init__(self, results: "ScoreResults"):
        self._results = results
        every = np.concatenate([results.float_scores, *(row.scores for row in results.rows)])
        self._range = [float(np.log10(every.min())) - 0.05, float(np.log10(every.max())) + 0.05]

    def figure(self) -> go.Figure:
        results, ends = self._results, [min(self._results.bits), max(self._results.bits)]
        figure = theme.figure(height_px=460, legend_rows=2)
        for index, name in enumerate(("healthy", "faulty")):
            marker = {**theme.series(index)["marker"], "size": 6, "opacity": 0.7}
            figure.add_scatter(mode="markers", name=name, marker=marker)
        line = {"color": theme.QUIET, "dash": "dot", "width": 2}
        diagonal = [10 ** self._range[0], 10 ** self._range[1]]
        figure.add_scatter(x=diagonal, y=diagonal, mode="lines", name="unchanged", line=line)
        right = {"xaxis": "x2", "yaxis": "y2"}
        for index, scheme in enumerate(results.schemes):
            areas = [results.row(scheme, bits).auc for bits in results.bits]
            style = theme.series(index + 2)
            figure.add_scatter(
                x=results.bits, y=areas, mode="lines+markers", name=scheme, **style, **right
            )
        figure.add_scatter(
            x=ends, y=[results.float_auc] * 2, mode="lines", name="float32", line=line, **right
        )
        figure.add_scatter(**theme.highlight(), **right)
        scores = {"type": "log", "range": self._range, "tickvals": [5, 10, 20, 50, 100, 200, 500]}
        return figure.update_layout(
            xaxis={"title": "score in float (dB squared)", "domain": [0, 0.5], **scores},
            yaxis={"title": "score, quantized (dB squared)", **scores},
            xaxis2={
                "title": "bits for a weight",
                "domain": [0.64, 1],
                "anchor": "y2",
                "tickvals": list(results.bits),
            },
            yaxis2={"title": "AUC", "anchor": "x2"},
        )

    def update(self, figure: go.Figure, result: Quantized) -> None:
        for label, trace in enumerate(figure.data[:2]):
            chosen = result.labels == label
            trace.x, trace.y = result.float_scores[chosen], result.scores[chosen]
        here = figure.data[-1]
        here.x, here.y = [result.row.weight_bits], [result.row.auc]


def _summary(result: Quantized) -> str:
    row = result.row
    return (
        f"{row.weight_bits}-bit weights, {row.scheme}: AUC {row.auc:.3f}, in float"
        f" {result.float_auc:.3f}. A healthy recording scores {signed(result.shift)} dB squared"
        f" more than in float, on average. The weights take {row.weight_bytes / 1e3:.1f} kB."
    )


def score_quantization_explorer(results: "ScoreResults") -> Explorer:
    """Look up an anomaly detector that was measured at many bit widths and schemes.

    Parameters
    ----------
    results : ScoreResults
        From `tinylab.compress.quantization.anomaly_study.measure_scores`.
    """
    labels, before = np.array(results.labels), np.array(results.float_scores)

    def compute(bits: int, scheme: str) -> Quantized:
        row = results.row(scheme, bits)
        return Quantized(row, np.array(row.scores), before, labels, results.float_auc)

    controls = [
        Steps("bits", "Bits for a weight", results.bits, max(results.bits), "bits"),
        Dropdown("scheme", "Scales", results.schemes, results.schemes[0]),
    ]
    return Explorer(
        "What rounding does to a score",
        controls,
        compute,
        _View(results),
        _summary,
        source=f"measured: your model, quantized each way, on {len(labels)} test recordings",
    )
