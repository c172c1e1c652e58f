"""Explorer: a machine's log-mel spectrogram, and what the autoencoder makes of it, band by band."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown
from tinylab.explore.widget.explorer import Explorer
from tinylab.signal.log_mel import AD, mel_centres_Hz

__all__ = ["Listening", "machine_sound_explorer"]

HEALTHY = "healthy"
PICTURES = {
    "sound": "the recording",
    "copy": "the model's copy",
    "error": "their difference, squared",
}


@dataclass(frozen=True)
class Listening:
    """One recording beside the model's copy of it.

    Attributes
    ----------
    picture : str
        A key of `PICTURES`.
    values : float array (frames, 128)
        What the picture shows: dB, or dB squared.
    sound_dB, copy_dB : float array (128,)
        Means over time.
    band_errors : float array (128,)
        Mean squared error of each band, dB squared.
    machine, fault : str
    severity : float
    """

    picture: str
    values: np.ndarray
    sound_dB: np.ndarray
    copy_dB: np.ndarray
    band_errors: np.ndarray
    machine: str
    fault: str
    severity: float

    @property
    def error(self) -> float:
        return float(self.band_errors.mean())


class _View:
    """Left the picture over time, right both spectra and the error of each band."""

    def __init__(self, range_dB: tuple[float, float], largest_error: float):
        self._range_dB, self._largest_error = range_dB, largest_error

    def figure(self) -> go.Figure:
        bands = np.arange(AD.mel_bins)
        figure = theme.figure(height_px=480)
        bar = {"thickness": 12, "x": 0.43, "title": {"side": "top"}}
        figure.add_heatmap(y=bands, colorscale=theme.SEQUENTIAL, colorbar=bar)
        for index, name in enumerate(("recording", "copy")):
            line = theme.series(index)["line"]
            figure.add_scatter(y=bands, mode="lines", name=name, line=line, xaxis="x2", yaxis="y2")
        line = theme.series(2)["line"]
        figure.add_scatter(
            y=bands, mode="lines", name="error", line=line, xaxis="x3", yaxis="y2", showlegend=False
        )
        ticks = [int(np.abs(mel_centres_Hz() - hz).argmin()) for hz in (250, 500, 1000, 2000, 4000)]
        names = ["250", "500", "1,000", "2,000", "4,000"]
        band_axis = {"range": [0, AD.mel_bins], "tickvals": ticks, "ticktext": names}
        return figure.update_layout(
            xaxis={"title": "time (s)", "domain": [0, 0.42]},
            yaxis={"title": "frequency (Hz)", **band_axis},
            xaxis2={
                "title": "level (dB)",
                "domain": [0.6, 0.8],
                "anchor": "y2",
                "range": self._range_dB,
            },
            yaxis2={"anchor": "x2", **band_axis},
            xaxis3={
                "title": "error (dB²)",
                "domain": [0.86, 1],
                "anchor": "y2",
                "nticks": 3,
                "tickangle": 0,
                "range": [0, 1.02 * self._largest_error],
            },
        )

    def update(self, figure: go.Figure, result: Listening) -> None:
        heatmap, sound, copy, error = figure.data
        heatmap.x = np.arange(len(result.values)) * AD.frame_step / AD.sample_rate_Hz
        heatmap.z = result.values.T
        errors = 0, float(np.quantile(result.values, 0.98))
        low, high = errors if result.picture == "error" else self._range_dB
        heatmap.zmin, heatmap.zmax = low, high
        heatmap.colorbar.title.text = "dB²" if result.picture == "error" else "dB"
        sound.x, copy.x, error.x = result.sound_dB, result.copy_dB, result.band_errors


def _summary(result: Listening) -> str:
    worst = int(result.band_errors.argmax())
    state = (
        result.fault
        if result.fault == HEALTHY
        else f"{result.fault}, severity {result.severity:.2f}"
    )
    return (
        f"Machine {result.machine}, {state}: {PICTURES[result.picture]}. The mean squared error is"
        f" {result.error:.1f} dB squared; it is largest around {mel_centres_Hz()[worst]:,.0f} Hz"
        f" ({result.band_errors[worst]:.0f} dB squared)."
    )


def machine_sound_explorer(recordings, copies: np.ndarray) -> Explorer:
    """Compare recordings with an autoencoder's copies of them.

    Parameters
    ----------
    recordings : tinylab.data.machines.MachineRecordings
        One for each machine and fault, and one healthy one for each machine; of several, the first
        is shown.
    copies : float array (n, frames, 128)
        What the model makes of each frame of `recordings.log_mel`.
    """
    sound, copies = np.asarray(recordings.log_mel), np.asarray(copies)
    faults = np.where(recordings.faults == "", HEALTHY, recordings.faults)
    machines = [str(number) for number in np.unique(recordings.machines).tolist()]
    kinds = [HEALTHY, *sorted(set(faults.tolist()) - {HEALTHY})]
    errors = np.mean((sound - copies) ** 2, axis=1)

    def compute(machine: str, fault: str, picture: str) -> Listening:
        chosen = np.flatnonzero((recordings.machines == int(machine)) & (faults == fault))
        if len(chosen) == 0:
            raise ValueError(f"there is no recording of machine {machine} with {fault}")
        index = int(chosen[0])
        shown = {
            "sound": sound[index],
            "copy": copies[index],
            "error": (sound - copies)[index] ** 2,
        }
        means = sound[index].mean(axis=0), copies[index].mean(axis=0)
        return Listening(
            picture,
            shown[picture],
            *means,
            errors[index],
            machine,
            fault,
            float(recordings.severity[index]),
        )

    low, high = float(np.quantile(sound, 0.002)), float(np.quantile(sound, 0.999))
    controls = [
        Dropdown("machine", "Machine", machines, machines[0]),
        Dropdown("fault", "State", kinds, HEALTHY),
        Dropdown("picture", "Picture", tuple(PICTURES), "sound", tuple(PICTURES.values())),
    ]
    return Explorer(
        "What the machine says, and what the model makes of it",
        controls,
        compute,
        _View((low, high), float(errors.max())),
        _summary,
        source=f"measured: your model on {len(sound)} simulated recordings",
    )
