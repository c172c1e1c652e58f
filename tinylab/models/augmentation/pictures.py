"""Disturbing pictures while a network trains: crop, flip, colour, filter, noise, hide.

Batches at a time and in TensorFlow, because a picture at a time in numpy would take longer than the
training step it feeds. Every draw comes from the numpy generator that is passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

__all__ = [
    "LIGHT",
    "MEDIUM",
    "NONE",
    "STRONG",
    "PictureAugmentation",
    "augment",
    "disturber",
    "shrink",
]


@dataclass(frozen=True)
class PictureAugmentation:
    """How strongly pictures are disturbed; a share is the part of the pictures it happens to.

    Attributes
    ----------
    least_crop : float
        Smallest side of the crop, as a share of the picture's.
    stretch : float
        Standard deviation of the logarithm of the crop's aspect ratio.
    flip : bool
        Mirror half of them.
    brightness, contrast : float
        Standard deviations: of the level added, in 0..1, and of the logarithm of the gain.
    colour : float
        Standard deviation of the entries added to the 3 x 3 matrix that mixes the colours.
    grey_share : float
        Without colour.
    filter_share : float
        Passed through a random 3 x 3 filter of each channel (texture is changed, shape stays).
    noise : float
        Largest standard deviation of the noise, in 0..1.
    hide_share : float
        With a rectangle over up to a half of each side: of one colour (DeVries & Taylor, "Improved
        Regularization of Convolutional Neural Networks with Cutout", 2017) or, where there are
        `covers`, cut out of one of these (Yun et al., "CutMix", 2019; the label stays).
    texture : float
        Largest standard deviation of the blotches, four sizes of them, that brighten and darken
        the picture: photographs are nowhere as smooth as renderings.
    """

    least_crop: float = 1.0
    stretch: float = 0.0
    flip: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    colour: float = 0.0
    grey_share: float = 0.0
    filter_share: float = 0.0
    noise: float = 0.0
    hide_share: float = 0.0
    texture: float = 0.0


BLOTCHES = (6, 12, 24, 48)  # across the picture
NONE = PictureAugmentation()
LIGHT = PictureAugmentation(0.8, 0.1, True, 0.05, 0.15, 0.03)
MEDIUM = PictureAugmentation(0.65, 0.12, True, 0.08, 0.25, 0.06, 0.08, 0.1, 0.03, 0.2, 0.1)
STRONG = PictureAugmentation(0.6, 0.15, True, 0.1, 0.3, 0.12, 0.12, 0.35, 0.06, 0.3)


class _Drawn(NamedTuple):
    """What was drawn for a batch of n pictures, as float32 tensors; `seed` is int32 (2,)."""

    boxes: tf.Tensor
    matrix: tf.Tensor
    level: tf.Tensor
    kernels: tf.Tensor
    noise: tf.Tensor
    texture: tf.Tensor
    hidden: tf.Tensor
    cover: tf.Tensor
    seed: tf.Tensor


def disturber(
    augmentation: PictureAugmentation, resolution: int = 96, covers: np.ndarray | None = None
) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """The `disturb` argument of `training.train` for pictures in uint8."""
    return lambda images, rng: augment(images, augmentation, rng, resolution, covers)


def augment(
    images: np.ndarray,
    augmentation: PictureAugmentation,
    rng: np.random.Generator,
    resolution: int = 96,
    covers: np.ndarray | None = None,
) -> np.ndarray:
    """Disturbed copies of a batch.

    Parameters
    ----------
    images : uint8 array (n, height, width, 3)
    augmentation : PictureAugmentation
    rng : numpy.random.Generator
    resolution : int
        Height and width of the result.
    covers : uint8 array (m, resolution, resolution, 3), optional
        Pictures that show nothing of what is looked for; what hides is cut out of them.

    Returns
    -------
    float32 array (n, resolution, resolution, 3) in 0..1
    """
    count = len(images)
    boxes = _boxes(count, augmentation, rng)
    matrix, level = _colour(count, augmentation, rng)
    kernels = _kernels(count, augmentation, rng)
    noise = np.where(augmentation.noise, rng.uniform(0, augmentation.noise or 1, count), 0)
    hidden, colours = _hidden(count, augmentation, rng)
    texture = rng.uniform(0, 1, (count, len(BLOTCHES))) * augmentation.texture / 2
    if covers is None:
        cover = colours[:, None, None, :]
    else:
        cover = covers[rng.integers(0, len(covers), count)] / np.float32(255)
    seed = rng.integers(0, 2**31 - 1, 2, dtype=np.int32)
    parts = (boxes, matrix, level, kernels, noise, texture, hidden, cover)
    arrays = (tf.constant(part, tf.float32) for part in parts)
    drawn = _Drawn(*arrays, tf.constant(seed))
    return _apply(tf.constant(images), drawn, resolution).numpy()


def _boxes(count: int, wanted: PictureAugmentation, rng: np.random.Generator) -> np.ndarray:
    """Crops (n, 4) as (top, left, bottom, right) in 0..1; a mirror swaps left and right."""
    side = rng.uniform(wanted.least_crop, 1, (count, 1))
    aspect = np.exp(rng.normal(0, wanted.stretch, (count, 1)) * (-0.5, 0.5))
    size = np.minimum(side * aspect, 1)
    start = rng.uniform(0, 1, (count, 2)) * (1 - size)
    boxes = np.hstack((start, start + size))
    mirrored = (rng.random(count) < 0.5) & wanted.flip
    boxes[mirrored] = boxes[mirrored][:, [0, 3, 2, 1]]
    return boxes


def _colour(count: int, wanted: PictureAugmentation, rng: np.random.Generator):
    """Colour matrices (n, 3, 3) and levels (n, 3); grey is a matrix of equal rows."""
    matrix = np.eye(3) + rng.normal(0, 1, (count, 3, 3)) * wanted.colour
    grey = rng.random(count) < wanted.grey_share
    matrix[grey] = 1 / 3
    gain = np.exp(rng.normal(0, 1, count) * wanted.contrast)
    level = 0.5 - 0.5 * gain + rng.normal(0, 1, count) * wanted.brightness
    return matrix * gain[:, None, None], np.repeat(level[:, None], 3, axis=1)


def _kernels(count: int, wanted: PictureAugmentation, rng: np.random.Generator) -> np.ndarray:
    """Filters (n, 3, 3, 3): height, width, channel; most of them leave the picture as it is."""
    kernels = np.zeros((count, 3, 3, 3))
    kernels[:, 1, 1] = 1
    chosen = rng.random(count) < wanted.filter_share
    random = rng.normal(0, 0.35, (count, 3, 3, 1)) + rng.normal(0, 0.1, (count, 3, 3, 3))
    random = random + (1 - random.sum(axis=(1, 2), keepdims=True)) / 9  # keeps the mean level
    share = rng.uniform(0.2, 0.9, (count, 1, 1, 1))
    return np.where(chosen[:, None, None, None], (1 - share) * kernels + share * random, kernels)


def _hidden(count: int, wanted: PictureAugmentation, rng: np.random.Generator):
    """Rectangles (n, 4): top, left, bottom, right in 0..1, most empty; and a colour for each."""
    size = rng.uniform(0.15, 0.5, (count, 2)) * (rng.random((count, 1)) < wanted.hide_share)
    start = rng.uniform(0, 1, (count, 2)) * (1 - size)
    return np.hstack((start, start + size)), rng.random((count, 3))


@tf.function(reduce_retracing=True)
def _apply(images, drawn: _Drawn, resolution):
    count = tf.shape(images)[0]
    x = tf.cast(images, tf.float32) / 255
    x = tf.image.crop_and_resize(x, drawn.boxes, tf.range(count), (resolution, resolution))
    x *= 1 + _blotches(drawn.texture, drawn.seed, resolution)
    x = tf.where(_inside(drawn.hidden, resolution), drawn.cover, x)
    x = tf.einsum("nhwc,ncd->nhwd", x, drawn.matrix) + drawn.level[:, None, None, :]
    # One depthwise convolution over all channels of all pictures at once.
    flat = tf.reshape(tf.transpose(x, (1, 2, 0, 3)), (1, resolution, resolution, count * 3))
    taps = tf.reshape(tf.transpose(drawn.kernels, (1, 2, 0, 3)), (3, 3, count * 3, 1))
    flat = tf.nn.depthwise_conv2d(flat, taps, (1, 1, 1, 1), "SAME")
    x = tf.transpose(tf.reshape(flat, (resolution, resolution, count, 3)), (2, 0, 1, 3))
    x += tf.random.stateless_normal(tf.shape(x), drawn.seed) * drawn.noise[:, None, None, None]
    return tf.clip_by_value(x, 0, 1)


def _blotches(deviation, seed, resolution):
    """Noise (n, resolution, resolution, 1) of all sizes; `deviation` (n, sizes) says how strong."""
    total = 0.0
    for i, across in enumerate(BLOTCHES):
        shape = (tf.shape(deviation)[0], across, across, 1)
        coarse = tf.random.stateless_normal(shape, seed + i + 1)
        total += deviation[:, i, None, None, None] * tf.image.resize(coarse, (resolution,) * 2)
    return total


def _inside(boxes, resolution):
    """Which pixels (n, resolution, resolution, 1) lie in their picture's rectangle."""
    at = (tf.range(resolution, dtype=tf.float32) + 0.5) / tf.cast(resolution, tf.float32)
    rows = (at >= boxes[:, 0:1]) & (at < boxes[:, 2:3])
    columns = (at >= boxes[:, 1:2]) & (at < boxes[:, 3:4])
    return (rows[:, :, None] & columns[:, None, :])[..., None]


def shrink(images: np.ndarray, resolution: int) -> np.ndarray:
    """Pictures made smaller by averaging, uint8 (n, resolution, resolution, 3)."""
    if images.shape[1] == resolution:
        return images
    parts = np.array_split(images, max(1, len(images) // 500))
    size = (resolution, resolution)
    small = [tf.image.resize(part, size, "area").numpy() for part in parts]
    return np.clip(np.rint(np.concatenate(small)), 0, 255).astype(np.uint8)
