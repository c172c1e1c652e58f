"""Explorer: a strip of heartbeats with one early beat, and what a device can see of it."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.data.heartbeats.recording import SAMPLE_RATE
from tinylab.data.heartbeats.waves import SHAPES, WAVES, draw_beats
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider
from tinylab.explore.widget.explorer import Explorer

__all__ = ["HeartStrip", "heartbeat_explorer"]

BEATS, EARLY = 9, 6  # drawn, and which of them comes early
EARLY_SHAPES = {
    "none": "no early beat",
    "normal": "atrial: the QRS complex as always",
    "right block": "atrial, conducted late (aberrant)",
    "ventricular": "ventricular",
}
PAUSE = 1.3  # after a ventricular beat, in usual intervals


@dataclass(frozen=True)
class HeartStrip:
    """A drawn strip.

    Parameters
    ----------
    time_s, signal_mV : ndarray of float64
    peaks_s : ndarray of float64, shape (beats,)
    ratio : float
        The early beat's interval over the mean of those before it.
    width_ms : float
        How long the early beat's QRS complex is above half its height.
    usual_width_ms : float
        The same of the beat before it.
    conduction, early : str
    """

    time_s: np.ndarray
    signal_mV: np.ndarray
    peaks_s: np.ndarray
    ratio: float
    width_ms: float
    usual_width_ms: float
    conduction: str
    early: str


class _View:
    """The strip, a mark over every beat and another over the early one."""

    def figure(self) -> go.Figure:
        figure = theme.figure(x="time (s)", y="signal (mV)")
        line = theme.series(0)["line"]
        figure.add_scatter(name="one lead", mode="lines", line=line)
        figure.add_scatter(name="beats", mode="markers", marker=theme.series(2)["marker"])
        figure.add_scatter(**theme.highlight("the early beat"))
        return figure

    def update(self, figure: go.Figure, result: HeartStrip) -> None:
        strip, marks, early = figure.data
        strip.x, strip.y = result.time_s, result.signal_mV
        top = float(result.signal_mV.max()) + 0.25
        marks.x, marks.y = result.peaks_s, np.full(len(result.peaks_s), top)
        there = result.early != "none"
        early.x, early.y = ([result.peaks_s[EARLY]], [top]) if there else ([], [])


def _summary(result: HeartStrip) -> str:
    if result.early == "none":
        return (
            f"No beat is early. The QRS complex is {result.usual_width_ms:.0f} ms wide at half its"
            f" height, conduction: {result.conduction}."
        )
    return (
        f"The seventh beat comes after {result.ratio:.0%} of the usual interval; its QRS complex"
        f" is {result.width_ms:.0f} ms wide at half its height, the one before it"
        f" {result.usual_width_ms:.0f} ms. By its origin it is"
        f" {'ventricular' if result.early == 'ventricular' else 'atrial'}."
    )


def heartbeat_explorer() -> Explorer:
    """Draw a heart's beats: how early, and how wide, tell where a beat began."""

    def compute(rate: int, earliness: float, conduction: str, early: str) -> HeartStrip:
        rr = np.full(BEATS, 60 / rate)
        if early != "none":
            rr[EARLY] *= earliness
            rr[EARLY + 1] *= PAUSE if early == "ventricular" else 1.05
        peaks_s = 0.5 + np.cumsum(rr) - rr[0]
        samples = int((peaks_s[-1] + 0.9) * SAMPLE_RATE)
        around = np.stack([rr, np.append(rr[1:], rr[-1])], axis=1)
        waves = np.repeat(_waves(conduction)[np.newaxis], BEATS, axis=0)
        if early != "none":
            # An early atrial beat of a blocked heart is blocked, too.
            blocked = conduction != "normal" and early != "ventricular"
            waves[EARLY] = _waves(conduction if blocked else early)
        signal = draw_beats(samples, peaks_s, around, waves)
        widths = [_width_ms(signal, peaks_s[beat]) for beat in (EARLY, EARLY - 1)]
        ratio = float(rr[EARLY] / rr[:EARLY].mean())
        time_s = np.arange(samples) / SAMPLE_RATE
        return HeartStrip(time_s, signal, peaks_s, ratio, *widths, conduction, early)

    conductions = tuple(kind for kind in SHAPES if kind != "ventricular")
    controls = [
        Slider("rate", "Heart rate", 50, 120, 5, 70, "beats/min"),
        Slider("earliness", "The early beat comes after", 0.5, 1.0, 0.05, 0.7, "of an interval"),
        Dropdown("conduction", "Conduction", conductions, "normal"),
        Dropdown(
            "early", "Early beat", tuple(EARLY_SHAPES), "normal", tuple(EARLY_SHAPES.values())
        ),
    ]
    return Explorer(
        "The heart",
        controls,
        compute,
        _View(),
        _summary,
        source="modelled: sums of Gaussians of the phase after McSharry et al. 2003, no noise",
    )


def _waves(kind: str) -> np.ndarray:
    """The waves of a kind, shape (5, 3): angle (rad), height (mV), width (rad)."""
    rows = np.tile([0.0, 0.0, 0.1], (len(WAVES), 1))
    for row, wave in zip(rows, WAVES, strict=True):
        if wave in SHAPES[kind]:
            shape = SHAPES[kind][wave]
            row[:] = np.deg2rad(shape.angle_deg), shape.height_mV, shape.width_rad
    return rows


def _width_ms(signal: np.ndarray, peak_s: float) -> float:
    """How long the signal is above half of its largest value, within 120 ms of the peak."""
    at = round(peak_s * SAMPLE_RATE)
    near = np.abs(signal[max(at - 15, 0) : at + 15])
    return float((near > near.max() / 2).sum() * 1000 / SAMPLE_RATE)
