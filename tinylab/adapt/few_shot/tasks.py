"""Few-shot tasks: small problems of the same kind, made of pictures by many cameras.

A task is one camera: a few labelled pictures to learn from (the support set) and others to be
judged by (the query set). Because the lower layers are frozen, what is kept of each picture is
their output, not the picture itself.

Nothing here imports Keras.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.data.cameras import Camera, photograph

__all__ = ["CameraPool", "Task", "camera_pool"]


@dataclass(frozen=True)
class Task:
    """Learn from the support set, be judged by the query set; both hold every class equally often.

    Attributes
    ----------
    support_x, query_x : float32 arrays (n, ...)
        Features, class by class in turn.
    support_y, query_y : int64 arrays (n,)
    """

    support_x: np.ndarray
    support_y: np.ndarray
    query_x: np.ndarray
    query_y: np.ndarray


@dataclass(frozen=True)
class CameraPool:
    """Features of many pictures by each of several cameras.

    Attributes
    ----------
    cameras : tuple of Camera
    features : float16 array (cameras, pictures, ...)
        Half precision: a pool of thousands of pictures has to fit into memory.
    labels : int64 array (cameras, pictures)
    """

    cameras: tuple[Camera, ...]
    features: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.cameras)

    def task(
        self, camera: int, rng: np.random.Generator, *, shots: int, queries: int | None
    ) -> Task:
        """Draw a task of one camera.

        Parameters
        ----------
        camera : int
            Its place in `cameras`.
        rng : numpy.random.Generator
        shots : int
            Support pictures of each class.
        queries : int or None
            Query pictures of each class; None for all that are left, the same number of each.

        Raises
        ------
        ValueError
            The camera has too few pictures of some class.
        """
        labels = self.labels[camera]
        order = rng.permutation(len(labels))
        by_class = [order[labels[order] == name] for name in np.unique(self.labels)]
        least = min(len(places) for places in by_class)
        queries = least - shots if queries is None else queries
        if shots < 1 or queries < 1 or shots + queries > least:
            raise ValueError(
                f"{shots} shots and {queries} queries: a camera has {least} pictures of each class"
            )
        return Task(
            *self._of(camera, [places[:shots] for places in by_class]),
            *self._of(camera, [places[shots : shots + queries] for places in by_class]),
        )

    def _of(self, camera: int, by_class: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        places = np.stack(by_class, axis=1).ravel()
        return self.features[camera, places].astype(np.float32), self.labels[camera, places]


def camera_pool(
    images: np.ndarray,
    labels: np.ndarray,
    cameras: Sequence[Camera],
    features: Callable[[np.ndarray], np.ndarray],
    *,
    pictures: int = 200,
    seed: int = 0,
    progress: Callable = iter,
) -> CameraPool:
    """Photograph scenes with every camera and keep the frozen layers' features.

    Parameters
    ----------
    images : array (n, height, width, 3), uint8
    labels : array (n,), integers
    cameras : sequence of Camera
    features : callable
        uint8 pictures to features, such as `Learner.features`.
    pictures : int
        Pictures by each camera, half of them (if there are two classes) of each class; each
        camera sees scenes of its own choice.
    seed : int
    progress : callable
        Wraps the cameras while they work, such as `tqdm`.

    Returns
    -------
    CameraPool

    Raises
    ------
    ValueError
        Too few images of some class, or images and labels that do not match.
    """
    labels = np.asarray(labels, np.int64)
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images and {len(labels)} labels: pass as many of each")
    classes = np.unique(labels)
    each = pictures // len(classes)
    if each < 1 or min(np.sum(labels == name) for name in classes) < each:
        raise ValueError(f"{pictures} pictures need {each} images of each class, at least 1")
    rng, kept, truths = np.random.default_rng(seed), [], []
    for number, camera in enumerate(progress(cameras)):
        chosen = np.concatenate(
            [rng.choice(np.flatnonzero(labels == name), each, replace=False) for name in classes]
        )
        seen = photograph(images[chosen], camera, seed=seed * 10_007 + number)
        kept.append(features(seen).astype(np.float16))
        truths.append(labels[chosen])
    return CameraPool(tuple(cameras), np.stack(kept), np.stack(truths))
