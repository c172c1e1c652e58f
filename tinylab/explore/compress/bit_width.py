"""Explorer: bit width and scheme against accuracy and bytes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import wilson_interval
from tinylab.scoring.verdicts import signed

if TYPE_CHECKING:
    from tinylab.compress.quantization.results import QuantizationResults, QuantizationRow

__all__ = ["Width", "bit_width_explorer"]


@dataclass(frozen=True)
class Width:
    """One row of the results, and the others of its scheme."""

    row: "QuantizationRow"
    same_scheme: tuple["QuantizationRow", ...]


class _View:
    """Left accuracy against bits, a line for each scheme; right the bytes of the weights."""

    def __init__(self, results: "QuantizationResults"):
        self._results = results

    def figure(self) -> go.Figure:
        results, ends = self._results, [min(self._results.bits), max(self._results.bits)]
        figure = theme.figure(legend_rows=3, height_px=460)
        for index, scheme in enumerate(results.schemes):
            accuracy = [100 * results.row(scheme, bits).accuracy for bits in results.bits]
            figure.add_scatter(
                x=results.bits, y=accuracy, mode="lines+markers", name=scheme, **theme.series(index)
            )
        level = {"mode": "lines", "line": {"color": theme.QUIET, "dash": "dot", "width": 2}}
        figure.add_scatter(x=ends, y=[100 * results.float_accuracy] * 2, name="float32", **level)
        figure.add_scatter(**theme.highlight())
        figure.add_bar(
            x=results.bits,
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
            texttemplate="%{y:.1f}",
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertemplate="%{x} bits: %{y:.2f} kB<extra></extra>",
        )
        ticks = {"tickvals": list(results.bits), "title": "bits for a weight"}
        return figure.update_layout(
            xaxis={"domain": [0, 0.58], **ticks},
            yaxis={"title": "accuracy (%)", "range": [0, 102]},
            xaxis2={"domain": [0.7, 1], "anchor": "y2", "type": "category", **ticks},
            yaxis2={"anchor": "x2", "title": "weights (kB)", "rangemode": "tozero"},
        )

    def update(self, figure: go.Figure, result: Width) -> None:
        here, bars = figure.data[-2:]
        here.x, here.y = [result.row.weight_bits], [100 * result.row.accuracy]
        bars.y = [row.weight_bytes / 1e3 for row in result.same_scheme]
        chosen = [row.weight_bits == result.row.weight_bits for row in result.same_scheme]
        bars.marker.color = [theme.BLUE if marked else theme.FADED for marked in chosen]


def bit_width_explorer(results: "QuantizationResults") -> Explorer:
    """Look up a model that was measured at many bit widths and schemes.

    Parameters
    ----------
    results : QuantizationResults
        From `tinylab.compress.quantization.study.measure_bit_widths`.
    """

    def compute(bits: int, scheme: str) -> Width:
        return Width(
            results.row(scheme, bits), tuple(results.row(scheme, width) for width in results.bits)
        )

    def summary(result: Width) -> str:
        row, smaller = result.row, results.float_bytes / result.row.weight_bytes
        low, high = wilson_interval(round(row.accuracy * results.examples), results.examples)
        change, (least, most) = row.change, (100 * row.change.low, 100 * row.change.high)
        verdict = {
            "tie": "no loss can be shown",
            "worse": "a clear loss",
            "better": "a gain, of rounding by luck",
        }[change.outcome]
        return (
            f"{row.weight_bits}-bit weights, {row.scheme}: accuracy {row.accuracy:.1%} (95%"
            f" interval {low:.1%} to {high:.1%}), {signed(100 * change.difference)} points against"
            f" float32 on the same examples ({signed(least)} to {signed(most)}): {verdict}. The"
            f" weights take {row.weight_bytes / 1e3:.1f} kB, {smaller:.1f} times less than in"
            f" float32."
        )

    start = 4 if 4 in results.bits else max(results.bits)
    controls = [
        Steps("bits", "Bits for a weight", results.bits, start, "bits"),
        Dropdown("scheme", "Scheme", results.schemes, results.schemes[0]),
    ]
    return Explorer(
        "How few bits are enough?",
        controls,
        compute,
        _View(results),
        summary,
        source=f"measured: your model, quantized each way, on {results.examples} examples",
    )
