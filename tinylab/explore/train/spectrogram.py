"""Explorer: what the front end's parameters do to the picture of a word."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.signal.mfcc import KWS, MfccConfig, log_mel, mfcc, spectrogram

__all__ = ["FrontEnd", "spectrogram_explorer"]

PICTURES = {
    "spectrogram": "spectrogram",
    "log_mel": "log-mel energies",
    "mfcc": "MFCC",
}
FLOOR_dB = -80.0


@dataclass(frozen=True)
class FrontEnd:
    """A clip as the front end sees it.

    Attributes
    ----------
    picture : str
        A key of `PICTURES`.
    values : float32 array (frames, rows)
    times_s, rows : float arrays
        Middle of each frame; frequency in Hz, filter or coefficient number of each row.
    resolution_Hz : float
        How far apart two tones must be for a frame to separate them: 1 / frame length.
    config : MfccConfig
    """

    picture: str
    values: np.ndarray
    times_s: np.ndarray
    rows: np.ndarray
    resolution_Hz: float
    config: MfccConfig


class _View:
    """The wave above, the picture below, on one time axis."""

    ROW_TITLES = {"spectrogram": "frequency (Hz)", "log_mel": "mel filter", "mfcc": "coefficient"}

    def __init__(self, waveform: np.ndarray, sample_rate_Hz: int):
        self._waveform = waveform.astype(np.float32) / max(1.0, float(np.abs(waveform).max()))
        self._times_s = np.arange(len(waveform)) / sample_rate_Hz

    def figure(self) -> go.Figure:
        figure = theme.figure(height_px=480)
        # Every fourth sample draws the same outline in a quarter of the time.
        figure.add_scatter(
            x=self._times_s[::4],
            y=self._waveform[::4],
            line={"color": theme.BLUE, "width": 1},
            hoverinfo="skip",
            yaxis="y2",
        )
        figure.add_heatmap(
            colorscale=theme.SEQUENTIAL,
            colorbar={
                "len": 0.75,
                "y": -0.02,
                "yanchor": "bottom",
                "thickness": 14,
                "title": {"side": "right"},
            },
        )
        return figure.update_layout(
            showlegend=False,
            margin_t=16,
            xaxis={"title": "time (s)", "range": [0, self._times_s[-1]], "anchor": "y"},
            yaxis={"domain": [0, 0.7]},
            yaxis2={
                "domain": [0.78, 1],
                "title": "wave",
                "showticklabels": False,
                "range": [-1.05, 1.05],
            },
        )

    def update(self, figure: go.Figure, result: FrontEnd) -> None:
        heatmap = figure.data[1]
        low, high = np.percentile(result.values, [1, 99.5])
        heatmap.x, heatmap.y, heatmap.z = result.times_s, result.rows, result.values.T
        heatmap.zmin, heatmap.zmax = float(low), float(high)
        heatmap.colorbar.title.text = "dB" if result.picture == "spectrogram" else "value"
        figure.layout.yaxis.title.text = self.ROW_TITLES[result.picture]
        figure.layout.yaxis.range = _edges(result.rows)


def _edges(rows: np.ndarray) -> list[float]:
    half = (rows[1] - rows[0]) / 2 if len(rows) > 1 else 0.5
    return [float(rows[0] - half), float(rows[-1] + half)]


def _config(frame_ms: float, step_ms: float, mel_bins: int, coefficients: int) -> MfccConfig:
    frame_length = round(frame_ms * KWS.sample_rate_Hz / 1000)
    return MfccConfig(
        frame_length=frame_length,
        frame_step=round(step_ms * KWS.sample_rate_Hz / 1000),
        fft_length=1 << (frame_length - 1).bit_length(),
        mel_bins=mel_bins,
        coefficients=min(coefficients, mel_bins),
    )


def _values(
    picture: str, waveform: np.ndarray, config: MfccConfig
) -> tuple[np.ndarray, np.ndarray]:
    if picture == "spectrogram":
        heard = config.frequencies_Hz <= config.high_Hz
        magnitude = spectrogram(waveform, config)[:, heard]
        decibel = 20 * np.log10(
            np.maximum(magnitude / magnitude.max(initial=1e-9), 10 ** (FLOOR_dB / 20))
        )
        return decibel.astype(np.float32), config.frequencies_Hz[heard]
    values = log_mel(waveform, config) if picture == "log_mel" else mfcc(waveform, config)
    return values, np.arange(values.shape[1])


def _summary(result: FrontEnd) -> str:
    config, (frames, rows) = result.config, result.values.shape
    milliseconds = [
        1000 * n / config.sample_rate_Hz for n in (config.frame_length, config.frame_step)
    ]
    return (
        f"{PICTURES[result.picture][:1].upper()}{PICTURES[result.picture][1:]}: frames of"
        f" {milliseconds[0]:g} ms every {milliseconds[1]:g} ms make {frames} x {rows} ="
        f" {frames * rows:,} numbers. A frame tells tones apart that are at least"
        f" {result.resolution_Hz:.0f} Hz from each other, and events {milliseconds[1]:g} ms from"
        f" each other."
    )


def spectrogram_explorer(waveform) -> Explorer:
    """Spectrogram, log-mel energies or MFCC of a clip under the learner's own settings.

    Parameters
    ----------
    waveform : int16 or float array (samples,)
        One clip at 16 kHz.
    """
    waveform = np.asarray(waveform)

    def compute(
        picture: str, frame_ms: float, step_ms: float, mel_bins: int, coefficients: int
    ) -> FrontEnd:
        config = _config(frame_ms, step_ms, mel_bins, coefficients)
        values, rows = _values(picture, waveform, config)
        starts = np.arange(len(values)) * config.frame_step
        return FrontEnd(
            picture,
            values,
            (starts + config.frame_length / 2) / config.sample_rate_Hz,
            rows,
            config.sample_rate_Hz / config.frame_length,
            config,
        )

    controls = [
        Dropdown("picture", "Show", tuple(PICTURES), "log_mel", tuple(PICTURES.values())),
        Steps("frame_ms", "Frame length", (10, 20, 30, 40, 64), 30, "ms"),
        Steps("step_ms", "Frame step", (10, 15, 20, 30, 40), 20, "ms"),
        Steps("mel_bins", "Mel filters", (10, 20, 30, 40, 60), KWS.mel_bins, "filters"),
        Steps("coefficients", "MFCC kept", (5, 10, 13, 20, 40), KWS.coefficients, "coefficients"),
    ]
    return Explorer(
        "From wave to picture",
        controls,
        compute,
        _View(waveform, KWS.sample_rate_Hz),
        _summary,
        source=f"measured: this clip, with tinylab.signal.mfcc ({KWS.sample_rate_Hz:,} samples a"
        f" second, {KWS.low_Hz:g} to {KWS.high_Hz:,g} Hz)",
    )
