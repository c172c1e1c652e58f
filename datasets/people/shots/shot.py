"""What the camera is pointed at, and how a subject is drawn by its share."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datasets.people import places
from datasets.people.scene import Scene


@dataclass(frozen=True)
class Shot:
    """What the camera is pointed at.

    Attributes
    ----------
    where : Place
    target : point, metres
    extent_m : float
        Height of the scene that fills the picture.
    lift : (mean, spread)
        Angle from which the camera looks down, radians.
    aside : float
        Spread of the angle from which it looks, about the front.
    """

    where: places.Place
    target: np.ndarray
    extent_m: float
    lift: tuple[float, float] = (0.08, 0.16)
    aside: float = 0.4


def facing(scene: Scene, spread: float = 0.6, away: float = 0.22) -> float:
    """Mostly towards the camera, sometimes any way."""
    rng = scene.rng
    return rng.uniform(-np.pi, np.pi) if rng.random() < away else rng.normal(0, spread)


def choose(scene: Scene, subjects: dict[Callable, float]) -> Shot:
    """Build one of the subjects, drawn by its share."""
    makers, shares = list(subjects), np.array(list(subjects.values()))
    return makers[scene.rng.choice(len(makers), p=shares / shares.sum())](scene)
