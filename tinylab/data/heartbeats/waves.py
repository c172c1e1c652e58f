"""The shape of a beat: P, Q, R, S and T as Gaussians of the heart's phase.

In: kinds of beats and when they come. Out: millivolts. McSharry et al., "A Dynamical Model for
Generating Synthetic Electrocardiogram Signals" (2003), let a point run around a circle and be
pulled up or down at five angles; where the speed is given, its height is this sum of Gaussians.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.data.heartbeats.recording import SAMPLE_RATE

__all__ = ["SHAPES", "WAVES", "Wave", "draw_beats"]

WAVES = ("P", "Q", "R", "S", "T")
REFERENCE_RR_s = 0.8  # the beat at which one radian takes RR / (2 pi) of a second
WIDEST = 48  # samples to each side of a wave's centre that are drawn; three widths of a slow T


@dataclass(frozen=True)
class Wave:
    """A wave: where it stands in degrees of phase after R, how high (mV), how wide (rad)."""

    angle_deg: float
    height_mV: float
    width_rad: float


_NARROW = {
    "Q": Wave(-12, -0.12, 0.07),
    "R": Wave(0, 1.10, 0.085),
    "S": Wave(13, -0.22, 0.08),
}
_RIGHT_BLOCK = {
    "Q": Wave(-12, -0.08, 0.07),
    "R": Wave(0, 0.90, 0.085),
    "S": Wave(27, -0.45, 0.19),
}
SHAPES = {
    "normal": {"P": Wave(-70, 0.12, 0.22), **_NARROW, "T": Wave(95, 0.28, 0.42)},
    "left block": {
        "P": Wave(-78, 0.11, 0.22),
        "Q": Wave(-10, 0.15, 0.12),
        "R": Wave(-3, 0.75, 0.16),
        "S": Wave(18, 0.50, 0.17),
        "T": Wave(110, -0.28, 0.45),
    },
    "right block": {"P": Wave(-72, 0.12, 0.22), **_RIGHT_BLOCK, "T": Wave(100, 0.24, 0.42)},
    "ventricular": {
        "Q": Wave(-22, 0.10, 0.14),
        "R": Wave(-2, 1.50, 0.22),
        "S": Wave(38, -0.55, 0.26),
        "T": Wave(118, -0.45, 0.45),
    },
}
"""A beat of each kind of conduction, near lead II; patients differ from it."""


def draw_beats(
    samples: int, peaks_s: np.ndarray, rr_s: np.ndarray, waves: np.ndarray
) -> np.ndarray:
    """A clean signal.

    Parameters
    ----------
    samples : int
    peaks_s : ndarray, shape (beats,)
        When each beat's R wave comes, in seconds.
    rr_s : ndarray, shape (beats, 2)
        Seconds since the beat before and until the next.
    waves : ndarray, shape (beats, 5, 3)
        Angle (rad), height (mV) and width (rad) of each wave, in the order of `WAVES`.

    Returns
    -------
    ndarray of float64, shape (samples,), in mV
        P and T move with the square root of the interval they lie in (as QT does by Bazett's
        formula); the QRS complex lasts as long at every rate.
    """
    angle, height, width = np.moveaxis(waves, 2, 0)
    slow = np.sqrt(np.clip(rr_s / REFERENCE_RR_s, 0.3, 2.0))
    still = np.ones(len(rr_s))
    scale = np.stack([slow[:, 0], still, still, still, slow[:, 1]], axis=1)
    scale = scale * REFERENCE_RR_s / (2 * np.pi)
    centre = (peaks_s[:, None] + angle * scale) * SAMPLE_RATE
    spread = width * scale * SAMPLE_RATE
    index = np.round(centre).astype(np.int64)[..., None] + np.arange(-WIDEST, WIDEST + 1)
    values = height[..., None] * np.exp(
        -0.5 * ((index - centre[..., None]) / spread[..., None]) ** 2
    )
    inside = (index >= 0) & (index < samples)
    return np.bincount(index[inside], weights=values[inside], minlength=samples)
