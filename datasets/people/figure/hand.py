"""A hand with its forearm, from so near that the rest of the person is outside the picture."""

from dataclasses import dataclass

import numpy as np

from datasets.people.colours import SKINS, cloth
from datasets.people.scene import Scene, vec

# Each finger's distance from the middle of the palm and its length, metres.
FINGERS = ((-0.031, 0.068), (-0.011, 0.08), (0.011, 0.076), (0.031, 0.06))


@dataclass(frozen=True)
class Arm:
    """What a person's two hands have in common; materials are numbers of the scene's."""

    skin: int
    sleeve: int
    bare_m: float


def random_arm(scene: Scene) -> Arm:
    """Any skin; a sleeve that ends at the wrist or somewhere up the forearm."""
    rng = scene.rng
    skin = np.array(SKINS[rng.integers(len(SKINS))]) + rng.normal(0, 0.03, 3)
    return Arm(
        scene.material(skin, gloss=0.12, shine=12),
        cloth(scene),
        0.03 if rng.random() < 0.5 else rng.uniform(0.1, 0.4),
    )


def hand(scene: Scene, arm: Arm, wrist, rotation: np.ndarray, *, side: int, curl: float) -> None:
    """Put a hand into the scene.

    Parameters
    ----------
    wrist : point, metres
    rotation : rotation
        Turns +z to where the fingers point and -y to where the palm looks.
    side : {-1, 1}
        Of the thumb, along x.
    curl : float
        Bend of each finger joint, radians: 0 flat, 1 a fist around something thin.
    """
    rng = scene.rng
    with scene.thing("person", wrist, rotation, rng.uniform(0.85, 1.15)):
        cuff = vec(0, 0, -arm.bare_m)
        scene.capsule(vec(0, 0, 0.01), cuff, 0.028, 0.028 + 0.05 * arm.bare_m, arm.skin, 0.015)
        scene.ball(vec(0, 0, 0.05), (0.043, 0.018, 0.052), arm.skin, 0.02)
        for across, length in FINGERS:
            _finger(scene, arm.skin, across, length, curl + rng.normal(0, 0.12))
        base = vec(side * 0.034, -0.008, 0.03)
        middle = base + (vec(side * 0.032, -0.012, 0.026) + rng.normal(0, 0.006, 3))
        end = middle + vec(side * 0.008, -0.012 - 0.012 * curl, 0.03)
        scene.capsule(base, middle, 0.015, 0.012, arm.skin, 0.01)
        scene.capsule(middle, end, 0.012, 0.009, arm.skin, 0.004)
        scene.part()
        scene.capsule(cuff, vec(0, 0, -0.6), 0.038 + 0.05 * arm.bare_m, 0.065, arm.sleeve, 0.01)


def _finger(scene: Scene, skin: int, across: float, length: float, curl: float) -> None:
    knuckle = vec(across, 0.004, 0.088)
    middle = knuckle + 0.5 * length * vec(3 * across, -np.sin(curl), np.cos(curl))
    end = middle + 0.55 * length * vec(across, -np.sin(2.2 * curl), np.cos(2.2 * curl))
    scene.capsule(knuckle, middle, 0.0105, 0.009, skin, 0.006)
    scene.capsule(middle, end, 0.009, 0.0075, skin, 0.003)
