"""From linear light to a camera's picture: focus, exposure, colour, noise, 96 x 96 pixels."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from datasets.people.marcher import Rendering

WIDTH = 96
RENDERED_WIDTH = 144
# Three rendered pixels become two: the middle one is shared.
_SHRINK = np.kron(np.eye(WIDTH // 2), np.array(((2, 1, 0), (0, 1, 2))) / 3)


def develop(seen: Rendering, focus_m: float, rng: np.random.Generator) -> np.ndarray:
    """One photograph, uint8 (96, 96, 3), of a rendering half as wide again.

    Parameters
    ----------
    seen : Rendering
    focus_m : float
        Distance of the subject.
    rng : numpy.random.Generator
        Draws the camera's faults.
    """
    light = np.clip(seen.image, 0, 12)
    if rng.random() < 0.35:
        light = _defocus(light, seen.depth_m, focus_m, rng.uniform(0.4, 3))
    light = np.einsum("ai,ijc,bj->abc", _SHRINK, light, _SHRINK, optimize=True)
    light = _expose(light, rng)
    if rng.random() < 0.25:
        light = gaussian_filter(light, (*[rng.uniform(0.25, 0.7)] * 2, 0))
    picture = _grade(np.clip(light, 0, 1) ** (1 / 2.2), rng)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _defocus(light: np.ndarray, depth_m: np.ndarray, focus_m: float, strength: float) -> np.ndarray:
    """Blend towards a blurred picture where the distance is not that of the subject."""
    off = np.abs(1 / depth_m - 1 / focus_m) * focus_m
    blurred = gaussian_filter(light, (strength, strength, 0))
    share = np.clip(gaussian_filter(off, 1.5) * 2 - 0.6, 0, 1)[..., None]
    return light * (1 - share) + blurred * share


def _expose(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Automatic exposure, a little wrong; white balance, a little off; highlights that roll off."""
    gain = 0.42 / (np.median(light.mean(axis=2)) + 0.08) * np.exp(rng.normal(0, 0.35))
    balance = np.exp(rng.normal(0, 0.07, 3))
    light = light * gain ** rng.uniform(0.5, 1.0) * balance
    return light * 1.3 / (1 + 0.35 * light) if rng.random() < 0.7 else light


def _grade(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Saturation, contrast, vignette, a grain of noise; now and then black and white."""
    level = picture.mean(axis=2, keepdims=True)
    picture = level + (picture - level) * rng.uniform(0.7, 1.6)
    if rng.random() < 0.04:
        picture = np.repeat(level, 3, axis=2)
    picture = (picture - 0.5) * rng.uniform(0.95, 1.45) + 0.5 + rng.normal(0, 0.04)
    if rng.random() < 0.25:
        y, x = np.mgrid[-1 : 1 : WIDTH * 1j, -1 : 1 : WIDTH * 1j]
        picture = picture * (1 - rng.uniform(0.1, 0.4) * (x**2 + y**2) / 2)[..., None]
    sigma = min(rng.exponential(0.008), 0.03)
    coarse = zoom(rng.normal(0, sigma, (WIDTH // 2, WIDTH // 2, 3)), (2, 2, 1), order=1)
    return picture + rng.normal(0, sigma, picture.shape) + 0.7 * coarse


def sheet(pictures: np.ndarray, columns: int) -> Image.Image:
    """A mosaic of pictures (n, 96, 96, 3), row by row; the rest of the last row is black."""
    rows = -(-len(pictures) // columns)
    tiles = np.zeros((rows * columns, WIDTH, WIDTH, 3), np.uint8)
    tiles[: len(pictures)] = pictures
    mosaic = tiles.reshape(rows, columns, WIDTH, WIDTH, 3).swapaxes(1, 2)
    return Image.fromarray(mosaic.reshape(rows * WIDTH, columns * WIDTH, 3))
