"""Cameras by name, and any number of random ones for few-shot learning.

A camera is a handful of numbers (`tinylab.data.photograph`), so each few-shot task of the
adaptation notebook is a camera of its own. Training, validation and test cameras are kept apart:
the ranges of each family's main parameter do not overlap (`FAMILIES`), and a test camera is
stranger than any camera that training ever saw.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tinylab.data.photograph import Camera, Mix, photograph

__all__ = [
    "CAMERAS",
    "FAMILIES",
    "INFRARED",
    "LOW_LIGHT",
    "SPLITS",
    "STANDARD",
    "WIDE_ANGLE",
    "Camera",
    "photograph",
    "random_camera",
]

SPLITS = ("train", "validation", "test")


def _monochrome(red: float, green: float, blue: float) -> Mix:
    return ((red, green, blue),) * 3


STANDARD = Camera()
INFRARED = Camera(
    name="infrared",
    family="infrared",
    colour_mix=_monochrome(1.25, -0.1, -0.15),
    blur_px=0.5,
    vignetting=0.35,
    noise=0.015,
    full_well=2000,
    gain_stops=0.3,
    tone=1.2,
)
WIDE_ANGLE = Camera(
    name="wide angle",
    family="wide_angle",
    distortion=0.45,
    zoom=0.9,
    vignetting=0.5,
    blur_px=0.4,
    white_balance=(0.95, 1.0, 1.1),
)
LOW_LIGHT = Camera(
    name="low light",
    family="low_light",
    exposure_stops=-4.0,
    noise=0.008,
    full_well=400,
    column_noise=0.003,
    gain_stops=2.8,
    white_balance=(1.1, 1.0, 0.8),
    blur_px=0.4,
)
CAMERAS: Mapping[str, Camera] = MappingProxyType(
    {camera.name: camera for camera in (STANDARD, INFRARED, WIDE_ANGLE, LOW_LIGHT)}
)


# Main parameter of each family: its ranges in training, validation and test do not overlap.
FAMILIES: Mapping[str, Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        # share of red in the monochrome response; above 1, green and blue count negatively
        "infrared": {"train": (0.35, 0.75), "validation": (0.8, 0.95), "test": (1.0, 1.4)},
        # barrel distortion
        "wide_angle": {"train": (0.05, 0.3), "validation": (0.32, 0.38), "test": (0.4, 0.65)},
        # stops of light that are missing
        "low_light": {"train": (1.5, 3.5), "validation": (3.6, 3.9), "test": (4.0, 5.0)},
        # share of the light that is a veil
        "haze": {"train": (0.1, 0.28), "validation": (0.3, 0.34), "test": (0.36, 0.5)},
        # blur in pixels, of a lens that is out of focus
        "soft": {"train": (0.7, 1.5), "validation": (1.55, 1.7), "test": (1.75, 2.4)},
        # stops by which red and blue are wrong, in opposite directions
        "tint": {"train": (0.3, 1.0), "validation": (1.05, 1.2), "test": (1.25, 1.8)},
        # exponent of the tone curve of a negative, monochrome picture
        "heat": {"train": (0.6, 1.0), "validation": (1.05, 1.15), "test": (1.2, 1.7)},
    }
)


def random_camera(
    rng: np.random.Generator, family: str | None = None, split: str = "train"
) -> Camera:
    """Draw a camera.

    Parameters
    ----------
    rng : numpy.random.Generator
    family : str, optional
        One of `FAMILIES`; drawn too if not given.
    split : {"train", "validation", "test"}
        Whose range the family's main parameter is drawn from. The ranges do not overlap, and a
        test camera is always stranger than any training camera of its family. What all cameras
        share (a little blur, noise, vignetting, a white balance) has one range for all.

    Returns
    -------
    Camera
        Its `name` is that of the family with a number.
    """
    if family is not None and family not in FAMILIES:
        raise ValueError(f"no camera family {family!r}: pass one of {', '.join(FAMILIES)}")
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}: pass one of {', '.join(SPLITS)}")
    family = family or str(rng.choice(list(FAMILIES)))
    sensor = int(rng.integers(10**4))
    common = Camera(
        name=f"{family.replace('_', ' ')} {sensor:04d}",
        family=family,
        sensor=sensor,
        blur_px=rng.uniform(0, 0.5),
        vignetting=rng.uniform(0, 0.4),
        noise=rng.uniform(0.001, 0.01),
        full_well=rng.uniform(1000, 10_000),
        white_balance=(rng.uniform(0.9, 1.1), 1.0, rng.uniform(0.9, 1.1)),
        tone=rng.uniform(0.85, 1.15),
    )
    return _DRAW[family](common, rng.uniform(*FAMILIES[family][split]), rng)


def _infrared(camera: Camera, red: float, rng: np.random.Generator) -> Camera:
    green = (1 - red) * rng.uniform(0, 1)
    mix = _monochrome(red, green, 1 - red - green)
    return replace(camera, colour_mix=mix, white_balance=(1, 1, 1), gain_stops=rng.uniform(0, 0.6))


def _wide_angle(camera: Camera, distortion: float, rng: np.random.Generator) -> Camera:
    vignetting = rng.uniform(0.2, 0.8)
    return replace(camera, distortion=distortion, zoom=rng.uniform(0.8, 1.1), vignetting=vignetting)


def _low_light(camera: Camera, stops: float, rng: np.random.Generator) -> Camera:
    return replace(
        camera,
        exposure_stops=-stops,
        gain_stops=0.7 * stops,
        noise=rng.uniform(0.004, 0.01),
        full_well=rng.uniform(200, 800),
        column_noise=rng.uniform(0, 0.004),
    )


def _haze(camera: Camera, share: float, rng: np.random.Generator) -> Camera:
    return replace(camera, haze=share, exposure_stops=rng.uniform(-0.3, 0.7))


def _soft(camera: Camera, blur_px: float, rng: np.random.Generator) -> Camera:
    return replace(camera, blur_px=blur_px, levels=int(rng.integers(16, 129)))


def _tint(camera: Camera, stops: float, rng: np.random.Generator) -> Camera:
    sign = float(rng.choice([-1.0, 1.0]))
    balance = (float(2 ** (sign * stops)), 1.0, float(2 ** (-sign * stops)))
    return replace(camera, white_balance=balance, exposure_stops=rng.uniform(-0.7, 0))


def _heat(camera: Camera, tone: float, rng: np.random.Generator) -> Camera:
    weights = rng.dirichlet([2, 2, 2])
    mix = _monochrome(*(float(weight) for weight in weights))
    return replace(camera, negative=True, colour_mix=mix, white_balance=(1, 1, 1), tone=tone)


_DRAW = {
    "infrared": _infrared,
    "wide_angle": _wide_angle,
    "low_light": _low_light,
    "haze": _haze,
    "soft": _soft,
    "tint": _tint,
    "heat": _heat,
}
