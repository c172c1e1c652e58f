"""Explorer: sparsity, bits of a value and bits of a gap against file size and accuracy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Steps
from tinylab.explore.widget.explorer import Explorer

if TYPE_CHECKING:
    from tinylab.compress.deep_compression.results import (
        DeepCompressionResults,
        DeepCompressionRow,
        FileSize,
    )

__all__ = ["StoredFile", "deep_compression_explorer"]

PARTS = {
    "where the weights are": lambda size: size.gap_bytes,
    "what they are": lambda size: size.value_bytes,
    "the rest": lambda size: size.other_bytes,
}


@dataclass(frozen=True)
class StoredFile:
    """One row and index width of the results, and the rows with as many bits of a value."""

    row: "DeepCompressionRow"
    size: "FileSize"
    same_bits: tuple["DeepCompressionRow", ...]


class _View:
    """Left the bytes at every index width, right accuracy against bytes as sparsity rises."""

    def __init__(self, results: "DeepCompressionResults"):
        self._results = results

    def figure(self) -> go.Figure:
        results = self._results
        figure = theme.figure(height_px=460, legend_rows=3)
        for index, part in enumerate(PARTS):
            figure.add_bar(x=results.index_bits, name=part, **theme.bar(index))
        figure.add_scatter(
            xaxis="x2", yaxis="y2", name="each sparsity", mode="lines+markers", **theme.series(3)
        )
        level = {"color": theme.QUIET, "dash": "dot", "width": 2}
        largest = max(size.total_bytes for row in results.rows for size in row.sizes) / 1e3
        figure.add_scatter(
            x=[0, largest],
            y=[100 * results.float_accuracy] * 2,
            xaxis="x2",
            yaxis="y2",
            name="float32",
            mode="lines",
            line=level,
        )
        figure.add_scatter(xaxis="x2", yaxis="y2", **theme.highlight())
        return figure.update_layout(
            barmode="stack",
            xaxis={"domain": [0, 0.44], "type": "category", "title": "bits for a gap"},
            yaxis={"title": "file (kB)", "range": [0, 1.05 * largest]},
            xaxis2={
                "domain": [0.56, 1],
                "anchor": "y2",
                "title": "file (kB)",
                "range": [0, 1.05 * largest],
            },
            yaxis2={"anchor": "x2", "title": "accuracy (%)", "range": [0, 102]},
        )

    def update(self, figure: go.Figure, result: StoredFile) -> None:
        *bars, curve, _, here = figure.data
        chosen = [size.index_bits == result.size.index_bits for size in result.row.sizes]
        for trace, part in zip(bars, PARTS.values()):
            trace.y = [part(size) / 1e3 for size in result.row.sizes]
            trace.marker.opacity = [1.0 if marked else 0.35 for marked in chosen]
        bits = result.size.index_bits
        curve.x = [row.size(bits).total_bytes / 1e3 for row in result.same_bits]
        curve.y = [100 * row.accuracy for row in result.same_bits]
        here.x, here.y = [result.size.total_bytes / 1e3], [100 * result.row.accuracy]


def deep_compression_explorer(results: "DeepCompressionResults") -> Explorer:
    """Look up the measured files of Deep Compression.

    Parameters
    ----------
    results : DeepCompressionResults
        From `tinylab.compress.deep_compression.study.measure_deep_compression`.
    """
    percents = {round(100 * share): share for share in results.sparsities}

    def compute(percent: float, value_bits: int, index_bits: int) -> StoredFile:
        row = results.row(percents[percent], value_bits)
        same = tuple(results.row(share, value_bits) for share in results.sparsities)
        return StoredFile(row, row.size(index_bits), same)

    def summary(result: StoredFile) -> str:
        row, size = result.row, result.size
        lost = 100 * (results.float_accuracy - row.accuracy)
        text = (
            f"{row.sparsity:.0%} of the weights removed, {row.value_bits} bits for a value:"
            f" accuracy {row.accuracy:.1%}, {abs(lost):.1f} points"
            f" {'below' if lost >= 0 else 'above'} float32. With {size.index_bits} bits for a gap"
            f" the file has {size.total_bytes / 1e3:.1f} kB,"
            f" {results.float_bytes / size.total_bytes:.1f} times less than in float32"
        )
        if size.fillers:
            text += f", {size.fillers:,} stored zeros among its weights"
        return f"{text}. The best choice for every layer takes {row.best_bytes / 1e3:.1f} kB."

    middle = list(percents)[len(percents) // 2]
    controls = [
        Steps("percent", "Weights removed", list(percents), middle, "%"),
        Steps(
            "value_bits", "Bits for a value", results.value_bits, _start(results.value_bits), "bits"
        ),
        Steps(
            "index_bits", "Bits for a gap", results.index_bits, _start(results.index_bits), "bits"
        ),
    ]
    return Explorer(
        "What is in the file?",
        controls,
        compute,
        _View(results),
        summary,
        source=f"measured: files written, read back and judged on {results.examples} test examples,"
        f" no training",
    )


def _start(options: tuple[int, ...]) -> int:
    return 4 if 4 in options else options[0]
