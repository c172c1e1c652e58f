"""Pictures of a scene as another `Camera` would have taken them.

picture -> linear light -> lens (distortion, blur, vignetting, haze) -> colour filters
        -> exposure -> sensor noise -> gain, white balance -> tone curve -> picture
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

__all__ = ["IDENTITY", "Camera", "Mix", "photograph"]

Mix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

IDENTITY: Mix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
GAMMA = 2.2  # sRGB's curve, near enough for eight bits
_CHUNK = 256  # pictures at a time, so that a large set needs little memory


@dataclass(frozen=True)
class Camera:
    """What makes one camera's pictures differ from another's; the defaults change nothing.

    Attributes
    ----------
    name, family : str
    colour_mix : 3x3 tuple of float
        Row c: how strongly output channel c answers to the scene's red, green and blue light.
        Equal rows make a monochrome camera.
    negative : bool
        Dark for light, as a "black-hot" heat camera shows it.
    distortion : float
        Barrel distortion: a point at relative radius r of the picture shows the scene at
        r * (1 + distortion * r**2) / zoom (r is 1 at the middle of an edge).
    zoom : float
        Below 1 more of the scene is squeezed in, and edges repeat what lies at the border.
    blur_px : float
        Standard deviation of a Gaussian blur, in pixels of the picture.
    vignetting : float
        Share of the light that is lost in the corners, 0..1.
    haze : float
        Share of the light replaced by a uniform veil (fog, dirt), 0..1.
    exposure_stops : float
        Factor of two in light per stop; negative is darker.
    noise : float
        Standard deviation of the sensor's read noise, where full scale is 1.
    full_well : float
        Electrons at full scale: shot noise has standard deviation sqrt(light / full_well).
    column_noise : float
        Standard deviation of an offset fixed for each column of this sensor.
    white_balance : tuple of float
        Gain of red, green and blue after the sensor.
    gain_stops : float
        Gain after the noise, with which a dark picture is brightened, noise included.
    tone : float
        Exponent of the tone curve after sRGB's: above 1 shadows sink, below 1 they rise.
    levels : int
        Grey levels of each channel, at most 256.
    sensor : int
        Seed of what is fixed in this one sensor (the column offsets).
    """

    name: str = "standard"
    family: str = "standard"
    colour_mix: Mix = IDENTITY
    negative: bool = False
    distortion: float = 0.0
    zoom: float = 1.0
    blur_px: float = 0.0
    vignetting: float = 0.0
    haze: float = 0.0
    exposure_stops: float = 0.0
    noise: float = 0.0
    full_well: float = np.inf
    column_noise: float = 0.0
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gain_stops: float = 0.0
    tone: float = 1.0
    levels: int = 256
    sensor: int = 0

    def __post_init__(self):
        if np.shape(self.colour_mix) != (3, 3) or np.shape(self.white_balance) != (3,):
            raise ValueError("colour_mix must be three rows of three, white_balance three numbers")
        if self.zoom <= 0 or self.tone <= 0 or self.full_well <= 0:
            raise ValueError("zoom, tone and full_well must be positive")
        if not (0 <= self.vignetting <= 1 and 0 <= self.haze <= 1):
            raise ValueError("vignetting and haze must lie in 0..1")
        if min(self.distortion, self.blur_px, self.noise, self.column_noise) < 0:
            raise ValueError("distortion, blur_px, noise and column_noise must not be negative")
        if not 2 <= self.levels <= 256:
            raise ValueError(f"levels must lie in 2..256, not {self.levels}")


def photograph(images: np.ndarray, camera: Camera, seed: int = 0) -> np.ndarray:
    """Take the same pictures with another camera.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (n, height, width, 3), uint8, sRGB.
    camera : Camera
    seed : int
        Of the noise. The same seed gives the same pictures, and a picture's noise depends only
        on its place in `images`, not on how many follow.

    Returns
    -------
    numpy.ndarray
        Of the same shape, uint8. A camera that changes nothing returns a copy.

    Raises
    ------
    ValueError
        Another shape or dtype.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"images must be uint8 of shape (n, height, width, 3), not {images.dtype}"
            f" {images.shape}"
        )
    if replace(camera, name="", family="", sensor=0) == Camera(name="", family=""):
        return images.copy()
    rng = np.random.default_rng(seed)
    to_light = (np.arange(256, dtype=np.float32) / 255) ** GAMMA
    seen = np.empty_like(images)
    for first in range(0, len(images), _CHUNK):
        part = slice(first, first + _CHUNK)
        light = _through_lens(to_light[images[part]], camera)
        seen[part] = _developed(_sensed(light, camera, rng), camera)
    return seen


def _through_lens(light: np.ndarray, camera: Camera) -> np.ndarray:
    """Distortion, blur, vignetting and haze, for linear light (n, h, w, 3) float32."""
    height, width = light.shape[1:3]
    if camera.distortion or camera.zoom != 1:
        light = _distorted(light, camera.distortion, camera.zoom)
    if camera.blur_px:
        for axis in (1, 2):
            light = gaussian_filter1d(light, camera.blur_px, axis=axis, mode="nearest")
    if camera.vignetting:
        y, x = _radii(height, width)
        light = light * (1 - camera.vignetting * (y**2 + x**2) / 2)[..., np.newaxis]
    if camera.haze:
        veil = light.mean(axis=(1, 2, 3), keepdims=True) + np.float32(0.25)
        light = (1 - camera.haze) * light + camera.haze * veil
    return light.astype(np.float32, copy=False)


def _radii(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates from -1 to 1 of rows (h, 1) and columns (1, w)."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, np.newaxis]
    x = np.linspace(-1, 1, width, dtype=np.float32)[np.newaxis]
    return y, x


def _distorted(light: np.ndarray, distortion: float, zoom: float) -> np.ndarray:
    """Read each pixel at another place, bilinearly; what lies outside repeats the border."""
    pictures, height, width, channels = light.shape
    y, x = _radii(height, width)
    stretch = (1 + distortion * (y**2 + x**2)) / zoom
    row = np.clip((y * stretch + 1) / 2 * (height - 1), 0, height - 1)
    column = np.clip((x * stretch + 1) / 2 * (width - 1), 0, width - 1)
    top = np.clip(np.floor(row).astype(int), 0, height - 2)
    left = np.clip(np.floor(column).astype(int), 0, width - 2)
    down, right = (row - top).astype(np.float32), (column - left).astype(np.float32)
    flat = light.reshape(pictures, height * width, channels)
    moved = np.zeros_like(light)
    for dy, vertical in ((0, 1 - down), (1, down)):
        for dx, horizontal in ((0, 1 - right), (1, right)):
            source = ((top + dy) * width + left + dx).ravel()
            share = (vertical * horizontal)[..., np.newaxis]
            moved += flat[:, source].reshape(light.shape) * share
    return moved


def _sensed(light: np.ndarray, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Colour filters, exposure and noise; values from 0 to full scale 1."""
    if camera.colour_mix != IDENTITY:
        light = light @ np.asarray(camera.colour_mix, np.float32).T
    light = np.clip(light * np.float32(2**camera.exposure_stops), 0, 1)
    if camera.noise or np.isfinite(camera.full_well):
        spread = np.sqrt(np.float32(camera.noise**2) + light / np.float32(camera.full_well))
        # A monochrome sensor has one value a pixel, so its three channels share their noise.
        channels = 1 if len(set(camera.colour_mix)) == 1 else 3
        noise = rng.standard_normal((*light.shape[:3], channels), dtype=np.float32)
        light = light + spread * noise
    if camera.column_noise:
        offsets = np.random.default_rng(camera.sensor).standard_normal((light.shape[2], 1))
        light = light + (camera.column_noise * offsets).astype(np.float32)
    return np.clip(light, 0, 1)


def _developed(light: np.ndarray, camera: Camera) -> np.ndarray:
    """Gain, white balance, tone curve and grey levels; uint8."""
    gains = np.asarray(camera.white_balance, np.float32) * np.float32(2**camera.gain_stops)
    shown = np.clip(light * gains, 0, 1) ** np.float32(camera.tone / GAMMA)
    if camera.negative:
        shown = 1 - shown
    steps = camera.levels - 1
    return np.round(np.round(shown * steps) * np.float32(255 / steps)).astype(np.uint8)
