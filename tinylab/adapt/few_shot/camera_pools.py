"""Few-shot tasks made of the built-in scenes, as random cameras would see them."""

from collections.abc import Callable
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.few_shot.tasks import CameraPool, camera_pool
from tinylab.data import people
from tinylab.data.cameras import FAMILIES, SPLITS, Camera, random_camera

__all__ = ["cameras", "pool"]


def cameras(split: str, per_family: int, seed: int) -> list[Camera]:
    """Cameras of a split, as many of each family.

    Parameters
    ----------
    split : {"train", "validation", "test"}
    per_family : int
    seed : int
    """
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    return [random_camera(rng, family, split) for family in FAMILIES for _ in range(per_family)]


def pool(
    split: str,
    per_family: int,
    features: Callable,
    *,
    pictures: int,
    seed: int = 0,
    progress: bool = False,
) -> CameraPool:
    """Features of a split's pictures through its cameras.

    Parameters
    ----------
    split : {"train", "validation", "test"}
        Of the scenes and of the cameras alike.
    per_family : int
        Cameras of each family.
    features : callable
        uint8 pictures to features.
    pictures : int
        By each camera.
    """
    scenes = people.load(split)
    bar = partial(tqdm, unit="camera", desc=split, disable=not progress)
    chosen = cameras(split, per_family, seed)
    return camera_pool(
        scenes.images, scenes.labels, chosen, features, pictures=pictures, seed=seed, progress=bar
    )
