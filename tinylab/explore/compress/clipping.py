"""Explorer: where to clip values before they are quantized."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go

from tinylab.compress.quantization.aciq import aciq_ratio, best_fit, expected_error
from tinylab.compress.quantization.clipping_noise import (
    ClippingNoise,
    NoiseCurve,
    clipping_noise,
    noise_curve,
)
from tinylab.compress.quantization.quantize import quantization_parameters
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Slider, Steps
from tinylab.explore.widget.explorer import Explorer

__all__ = ["Clipping", "clipping_explorer"]

SAMPLE = 10_000
BINS = 80
LARGEST_SHARE = 100  # percent of the largest value


@dataclass(frozen=True)
class Clipping:
    """Quantization noise of one clipping threshold, and of the others.

    Attributes
    ----------
    noise : ClippingNoise
        At the chosen threshold.
    curve : NoiseCurve
        At all thresholds.
    distribution : "laplace" or "gauss"
        The one that fits the values better.
    formula : float array (thresholds,)
        What ACIQ expects for that distribution, with the spread of the values.
    formula_threshold : float
        Where ACIQ puts the threshold.
    levels : float array
        Numbers that can be represented.
    """

    noise: ClippingNoise
    curve: NoiseCurve
    distribution: str
    formula: np.ndarray
    formula_threshold: float
    levels: np.ndarray


class _View:
    """Left the histogram with the threshold and the levels, right noise against threshold."""

    def __init__(self, values: np.ndarray, thresholds: np.ndarray):
        self._thresholds = thresholds
        self._counts, edges = np.histogram(values, BINS, range=(-thresholds[-1], thresholds[-1]))
        self._centres = (edges[:-1] + edges[1:]) / 2

    def figure(self) -> go.Figure:
        figure = theme.figure()
        figure.add_bar(
            x=self._centres,
            y=self._counts,
            name="values",
            marker={"color": theme.SKY, "line_width": 0},
        )
        figure.add_scatter(
            mode="markers",
            name="levels",
            marker={"symbol": "line-ns-open", "size": 9, "color": theme.BLACK, "line_width": 1},
        )
        figure.add_scatter(
            mode="lines", name="threshold", line={"color": theme.VERMILION, "width": 2.5}
        )
        right = {"xaxis": "x2", "yaxis": "y2", "x": self._thresholds}
        figure.add_scatter(
            mode="lines", name="measured noise", line=theme.series(0)["line"], **right
        )
        figure.add_scatter(
            mode="lines", name="ACIQ's formula", line=theme.series(4)["line"], **right
        )
        figure.add_scatter(**{**theme.highlight(), **right})
        top = float(self._counts.max())
        return figure.update_layout(
            bargap=0,
            xaxis={"domain": [0, 0.44], "title": "value"},
            yaxis={"title": "count", "range": [-0.05 * top, 1.05 * top]},
            xaxis2={"domain": [0.58, 1], "title": "clip at", "anchor": "y2", "rangemode": "tozero"},
            yaxis2={
                "anchor": "x2",
                "title": "mean squared error",
                "type": "log",
                "exponentformat": "power",
                "dtick": 1,
            },
        )

    def update(self, figure: go.Figure, result: Clipping) -> None:
        _, levels, threshold, measured, formula, here = figure.data
        top = float(self._counts.max())
        levels.x, levels.y = result.levels, np.full(len(result.levels), -0.02 * top)
        at = result.noise.threshold
        threshold.x, threshold.y = [-at, -at, None, at, at], [0, top, None, 0, top]
        measured.y, formula.y = result.curve.total_error, result.formula
        here.x, here.y = [at], [result.noise.total_error]


def _levels(threshold: float, bits: int) -> np.ndarray:
    parameters = quantization_parameters(-threshold, threshold, bits=bits, symmetric=True)
    return np.arange(parameters.minimum, parameters.maximum + 1) * float(parameters.scale)


def _summary(result: Clipping) -> str:
    noise = result.noise
    clipped = noise.clipping_error / noise.total_error if noise.total_error > 0 else 0.0
    return (
        f"{noise.bits} bits, clipped at {noise.threshold:.3g}: the noise is"
        f" {noise.sqnr_dB:.1f} dB below the signal, {clipped:.0%} of it from the"
        f" {noise.clipped_share:.2%} of values that are clipped. Least noise: clip at"
        f" {result.curve.best_threshold:.3g}; the formula for a {result.distribution.title()}"
        f" distribution, which fits better, says {result.formula_threshold:.3g}."
    )


def clipping_explorer(values, *, what: str = "these values") -> Explorer:
    """Move the clipping threshold of a symmetric quantizer and watch the two kinds of noise.

    Parameters
    ----------
    values : float array
        Weights of a layer, or activations; at most 10,000 of them are used.
    what : str
        Name of the values, for the line that says where the numbers come from.
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    if values.size == 0 or not np.any(values):
        raise ValueError("pass values that are not all zero: there is nothing to clip")
    used = np.random.default_rng(0).choice(values, min(SAMPLE, values.size), replace=False)
    largest, (distribution, spread) = float(np.abs(used).max()), best_fit(used)
    thresholds = largest * np.arange(2, LARGEST_SHARE + 1, 2) / LARGEST_SHARE

    @cache
    def curve(bits: int) -> NoiseCurve:
        return noise_curve(used, bits, thresholds)

    def compute(bits: int, share: int) -> Clipping:
        noise = clipping_noise(used, largest * share / LARGEST_SHARE, bits)
        return Clipping(
            noise,
            curve(bits),
            distribution,
            expected_error(thresholds, bits, distribution, spread, symmetric=True),
            min(largest, aciq_ratio(distribution, bits, symmetric=True) * spread),
            _levels(noise.threshold, bits),
        )

    controls = [
        Steps("bits", "Bits", (2, 3, 4, 5, 6, 7, 8), 4, "bits"),
        Slider("share", "Clip at", 2, LARGEST_SHARE, 1, LARGEST_SHARE, "% of the largest"),
    ]
    return Explorer(
        "Where to clip",
        controls,
        compute,
        _View(used, thresholds),
        _summary,
        source=f"measured: {used.size:,} of {what}; formula: Banner et al. 2019 for the"
        f" {distribution.title()} distribution",
    )
