"""A person: body of any build, clothes, head, rucksack."""

from dataclasses import dataclass

import numpy as np

from datasets.people.colours import any_colour, cloth
from datasets.people.figure.body import Joints, Pose, joints, pose
from datasets.people.figure.head import head
from datasets.people.figure.looks import Look, random_look
from datasets.people.scene import NO_TURN, Scene, turn, vec

TALL_M = 1.72  # the height the proportions are written for


@dataclass(frozen=True)
class PersonPoints:
    """The points of a person in the scene, metres, by which others find hands and head."""

    head: np.ndarray
    pelvis: np.ndarray
    hands: tuple
    feet: tuple
    scale: float
    yaw: float


def person(
    scene: Scene,
    position,
    yaw: float,
    *,
    legs: str = "stand",
    arms: str | None = None,
    seat_m: float = 0.46,
    lift_m: float = 0.0,
    tilt: np.ndarray = NO_TURN,
    statue: int | None = None,
) -> PersonPoints:
    """Put a person (or, of one material, a statue) into the scene.

    Parameters
    ----------
    position : point on the ground, metres
    yaw : float
        Where the body faces, radians from +z.
    legs, arms : str
        As for `body.pose`.
    seat_m : float
        Height of the seat of a seated pose.
    lift_m : float
        Height of the soles above the ground, for a board or a jump.
    tilt : rotation
        Of the whole body, about the place it stands.
    statue : int, optional
        A material.
    """
    rng = scene.rng
    look = random_look(scene, statue=statue)
    held = pose(legs, arms, rng)
    size = look.height_m / TALL_M
    hip = 0.095 if look.female else 0.085
    shoulder = (0.165 if look.female else 0.19) * rng.uniform(0.94, 1.08) * look.bulk**0.5
    at = joints(held, hip, shoulder)
    sole = min(ankle[1] for ankle in at.ankles) - 0.075
    lift = (seat_m + 0.1) / size if held.seated else -sole
    rotation = turn(y=yaw) @ tilt
    origin = np.asarray(position, float) + rotation @ vec(0, lift * size, 0) + vec(0, lift_m, 0)
    with scene.thing("person" if statue is None else "figure", origin, rotation, size):
        _legs(scene, look, at)
        _trunk(scene, look, at, held)
        _arms(scene, look, at)
        middle = head(scene, look, at, plain=statue is not None)
        if statue is None and rng.random() < 0.1:
            _rucksack(scene, look, at)

    def outside(points) -> tuple:
        return tuple(rotation @ (point * size) + origin for point in points)

    return PersonPoints(
        *outside((middle, vec(0, 0, 0))), outside(at.hands), outside(at.feet), size, yaw
    )


def _legs(scene: Scene, look: Look, at: Joints) -> None:
    wide = 0.014 if look.bottom == "trousers" else 0.0
    thigh = look.skin if look.bottom == "skirt" or look.top == "dress" else look.bottom_cloth
    shank = look.bottom_cloth if look.bottom == "trousers" and look.top != "dress" else look.skin
    bulk = look.bulk * (0.95 if look.female else 1.0)
    for hip, knee, ankle, foot in zip(at.hips, at.knees, at.ankles, at.feet, strict=True):
        scene.capsule(hip, knee, 0.088 * bulk, 0.058 * bulk, thigh, 0.05)
        scene.capsule(knee, ankle, 0.056 * bulk + wide, 0.038 + 1.4 * wide, shank, 0.03)
        scene.capsule(ankle + vec(0, -0.035, -0.02), foot, 0.045, 0.036, look.shoe, 0.02)


def _trunk(scene: Scene, look: Look, at: Joints, held: Pose) -> None:
    rng, trunk, bulk = scene.rng, at.trunk, look.bulk
    dress, bare = look.top == "dress", look.top == "none" and not look.female
    lower = look.top_cloth if dress else look.bottom_cloth
    upper = look.skin if bare else look.top_cloth
    scene.ball(vec(0, 0.03, 0), (0.15 * bulk, 0.12, 0.105 * bulk), lower, 0.06)
    if (look.bottom == "skirt" or dress) and not held.seated:
        length = rng.uniform(0.15, 0.38)
        scene.cone(
            vec(0, -length * 0.8, 0.02),
            length,
            0.17 + 0.4 * length,
            0.14 * bulk,
            lower,
            trunk,
            0.03,
        )
    belly = rng.uniform(0, 0.05) * (bulk > 1.05)
    scene.ball(
        trunk @ vec(0, 0.15, 0.012 + belly),
        (0.135 * bulk, 0.16, 0.1 * bulk + belly),
        upper,
        0.08,
        trunk,
    )
    scene.ball(
        at.chest, ((0.155 if look.female else 0.17) * bulk, 0.19, 0.108 * bulk), upper, 0.08, trunk
    )
    if look.female and not look.child:
        for side in (-1, 1):
            scene.ball(at.chest + trunk @ vec(side * 0.07, 0, 0.085 * bulk), 0.064, upper, 0.05)
    scene.capsule(*at.shoulders, 0.062 * bulk, 0.062 * bulk, upper, 0.07)
    if look.top == "jacket":
        jacket = cloth(scene)
        for side in (-1, 1):
            centre = at.chest + trunk @ vec(side * 0.085 * bulk, -0.08, 0.012)
            scene.ball(centre, (0.095 * bulk, 0.3, 0.118 * bulk), jacket, 0.02, trunk)
    if look.top in ("long", "jacket") and not look.female and rng.random() < 0.15:
        tie = scene.material(any_colour(rng, (0.5, 1), (0.2, 0.8)))
        scene.capsule(
            at.chest + trunk @ vec(0, 0.14, 0.1 * bulk),
            at.chest + trunk @ vec(0, -0.12, 0.118 * bulk),
            0.018,
            0.03,
            tie,
            0,
        )
    scene.capsule(
        at.neck + trunk @ vec(0, -0.05, -0.01),
        at.neck + trunk @ vec(0, 0.08, 0.015),
        0.056,
        0.05,
        look.skin,
        0.025,
    )


def _arms(scene: Scene, look: Look, at: Joints) -> None:
    sleeve = look.top in ("long", "jacket")
    upper = look.skin if look.top in ("none", "dress") else look.top_cloth
    fore = look.top_cloth if sleeve else look.skin
    loose, bulk = 1.22 if sleeve else 1.0, look.bulk
    for shoulder, elbow, wrist, hand in zip(
        at.shoulders, at.elbows, at.wrists, at.hands, strict=True
    ):
        scene.capsule(shoulder, elbow, 0.056 * bulk, 0.043 * bulk * loose, upper, 0.04)
        scene.capsule(elbow, wrist, 0.042 * bulk * loose, 0.03 * loose, fore, 0.015)
        along = (hand - wrist) / np.linalg.norm(hand - wrist)
        scene.ball(wrist + 0.045 * along, 0.04, look.skin, 0.02)
        scene.capsule(wrist + 0.05 * along, wrist + 0.15 * along, 0.03, 0.018, look.skin, 0.02)


def _rucksack(scene: Scene, look: Look, at: Joints) -> None:
    bag, trunk = scene.material(any_colour(scene.rng)), at.trunk
    scene.part()
    scene.box(at.chest + trunk @ vec(0, -0.03, -0.19), (0.14, 0.21, 0.08), bag, trunk, 0.06)
    for side in (-1, 1):
        front = 0.1 * look.bulk
        scene.capsule(
            at.chest + trunk @ vec(side * 0.1, 0.18, 0),
            at.chest + trunk @ vec(side * 0.12, -0.1, front),
            0.02,
            0.02,
            bag,
            0.01,
        )
