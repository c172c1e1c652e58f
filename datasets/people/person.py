"""A person: body of any build, skin, hair, clothes, face, hat, glasses, bag."""

from dataclasses import dataclass

import numpy as np

from datasets.people.body import Joints, Pose, joints, pose
from datasets.people.colours import HAIRS, SKINS, any_colour, cloth, denim, grey
from datasets.people.scene import NO_TURN, Scene, turn, vec

TALL_M = 1.72  # the height the proportions are written for


@dataclass(frozen=True)
class Look:
    """What does not change with the pose; materials are numbers of the scene's."""

    height_m: float
    female: bool
    child: bool
    bulk: float
    skin: int
    hair: int
    hair_colour: np.ndarray
    top_cloth: int
    bottom_cloth: int
    shoe: int
    top: str
    bottom: str
    hairstyle: str
    hat: str


@dataclass(frozen=True)
class Placed:
    """Where a person ended up: points in the scene, metres."""

    head: np.ndarray
    pelvis: np.ndarray
    hands: tuple
    feet: tuple
    scale: float
    yaw: float


def random_look(scene: Scene, *, statue: int | None = None) -> Look:
    """A random look; with `statue`, a figure all of that one material."""
    rng = scene.rng
    child, female = rng.random() < 0.13, rng.random() < 0.5
    height = rng.uniform(0.95, 1.4) if child else np.clip(rng.normal(1.71, 0.09), 1.5, 1.95)
    skin = np.array(SKINS[rng.integers(len(SKINS))]) + rng.normal(0, 0.03, 3)
    hair = np.array(HAIRS[rng.integers(len(HAIRS))])
    of_stone = statue is not None
    top = cloth(scene)
    return Look(
        height,
        female,
        child,
        float(np.clip(rng.normal(1, 0.13), 0.8, 1.45)),
        statue if of_stone else scene.material(skin, gloss=0.12, shine=12),
        statue
        if of_stone
        else scene.material(hair, hair * 0.5, "cloud", 30, gloss=0.15, bump=0.5, bump_scale=40),
        hair,
        statue if of_stone else top,
        statue if of_stone else (denim(scene) if rng.random() < 0.4 else cloth(scene)),
        statue if of_stone else scene.material(any_colour(rng, (0, 0.4), (0.05, 0.9))),
        str(
            rng.choice(
                ("long", "short", "none", "jacket", "dress"),
                p=(0.36, 0.36, 0.08, 0.12, 0.08) if female else (0.4, 0.4, 0.06, 0.14, 0),
            )
        ),
        str(
            rng.choice(
                ("trousers", "shorts", "skirt"), p=(0.6, 0.2, 0.2) if female else (0.75, 0.25, 0)
            )
        ),
        str(
            rng.choice(
                ("short", "long", "bun", "bald", "bob", "afro", "tail"),
                p=(0.1, 0.38, 0.1, 0.01, 0.2, 0.06, 0.15)
                if female
                else (0.72, 0.05, 0.02, 0.12, 0.03, 0.06, 0),
            )
        ),
        str(rng.choice(("", "cap", "helmet", "beanie", "brim"), p=(0.72, 0.12, 0.07, 0.05, 0.04))),
    )


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
) -> Placed:
    """Put a person (or, of one material, a statue) into the scene.

    Parameters
    ----------
    place : point on the ground, metres
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
        head = _head(scene, look, at, plain=statue is not None)
        if statue is None and rng.random() < 0.1:
            _rucksack(scene, look, at)

    def outside(points) -> tuple:
        return tuple(rotation @ (point * size) + origin for point in points)

    return Placed(*outside((head, vec(0, 0, 0))), outside(at.hands), outside(at.feet), size, yaw)


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


def _head(scene: Scene, look: Look, at: Joints, *, plain: bool) -> np.ndarray:
    rng, rotation = scene.rng, at.head_turn
    size = 1.18 if look.child else 1.04
    centre = at.neck + at.trunk @ vec(0, 0.17 * size**0.5, 0.015)

    def on(x, y, z):
        return centre + rotation @ (vec(x, y, z) * size)

    def ball(x, y, z, radii, material, blend=0.0, rotated=rotation):
        scene.ball(on(x, y, z), np.asarray(radii) * size, material, blend, rotated)

    ball(0, 0.03, -0.01, (0.076, 0.097, 0.094), look.skin, 0.02)
    ball(0, -0.045, 0.022, (0.055 * rng.uniform(0.9, 1.15), 0.068, 0.06), look.skin, 0.04)
    scene.capsule(
        on(0, 0.01, 0.085), on(0, -0.025, 0.1), 0.009 * size, 0.014 * size, look.skin, 0.012
    )
    for side in (-1, 1):
        ball(side * 0.077, -0.005, -0.005, (0.012, 0.03, 0.02), look.skin, 0.005)
    if not plain:
        _face(scene, look, on, ball, size)
    _hair(scene, look, on, ball)
    if look.hat:
        _hat(scene, look, ball, rotation, plain)
    return centre


def _face(scene: Scene, look: Look, on, ball, size: float) -> None:
    rng = scene.rng
    white = scene.material(grey(0.93))
    iris = scene.material(look.hair_colour * 0.4 + rng.uniform(0, 0.12))
    for side in (-1, 1):
        ball(side * 0.031, 0.018, 0.073, (0.018, 0.011, 0.012), white)
        ball(side * 0.031, 0.018, 0.081, (0.009, 0.0095, 0.007), iris)
        scene.capsule(
            on(side * 0.016, 0.041, 0.081),
            on(side * 0.047, 0.043, 0.07),
            0.0065 * size,
            0.005 * size,
            look.hair,
            0,
        )
    lip = scene.material((0.72, 0.33, 0.32) if look.female else (0.6, 0.38, 0.35))
    corner = -0.06 + max(rng.uniform(-0.2, 0.012) * 0.5, 0)
    for side in (-1, 1):
        scene.capsule(
            on(side * 0.023, corner, 0.072),
            on(0, -0.066, 0.082),
            0.0065 * size,
            0.0075 * size,
            lip,
            0.006,
        )
    if rng.random() < 0.3:
        ball(0, -0.064, 0.083, (0.017, 0.006, 0.004), white)
    if not look.female and not look.child and rng.random() < 0.3:
        ball(0, -0.075, 0.03, (0.058, 0.05, 0.058), look.hair, 0.02)
    if rng.random() < 0.18:
        rim = scene.material(grey(0.05), gloss=0.6, shine=60)
        dark = rng.random() < 0.5
        for side in (-1, 1):
            if dark:
                ball(side * 0.032, 0.017, 0.083, (0.027, 0.021, 0.008), rim)
            else:
                scene.ring(on(side * 0.032, 0.017, 0.086), 0.023 * size, 0.004 * size, rim)
        scene.capsule(on(-0.01, 0.02, 0.09), on(0.01, 0.02, 0.09), 0.004, 0.004, rim, 0)


def _hair(scene: Scene, look: Look, on, ball) -> None:
    rng, style = scene.rng, look.hairstyle
    scene.part()
    if style != "bald":
        ball(
            0,
            0.058,
            -0.022,
            np.array((0.084, 0.085, 0.094)) * (1.25 if style == "afro" else 1),
            look.hair,
            0.01,
        )
        ball(0, 0, -0.045, (0.08, 0.085, 0.065), look.hair, 0.02)
        if rng.random() < 0.5:
            scene.capsule(
                on(-0.055, 0.095, 0.05), on(0.055, 0.1, 0.045), 0.022, 0.02, look.hair, 0.02
            )
    if style in ("long", "bob"):
        length = rng.uniform(0.15, 0.33) if style == "long" else 0.08
        for side in (-1, 0, 1):
            back = -0.03 if side else -0.07
            scene.capsule(
                on(side * 0.07, 0.03, back),
                on(side * 0.08, -0.05 - length, back + 0.01),
                0.036,
                0.03,
                look.hair,
                0.04,
            )
    if style == "bun":
        ball(0, 0.12, -0.09, (0.045, 0.045, 0.045), look.hair, 0.01)
    if style == "tail":
        scene.capsule(on(0, 0.06, -0.11), on(0, -0.16, -0.13), 0.035, 0.015, look.hair, 0.03)


def _hat(scene: Scene, look: Look, ball, rotation, plain: bool) -> None:
    rng = scene.rng
    colour = any_colour(rng, (0.2, 1), (0.1, 0.95))
    material = (
        look.skin
        if plain
        else scene.material(colour, gloss=0.5 if look.hat == "helmet" else 0.03, shine=40)
    )
    scene.part()
    ball(
        0,
        0.075,
        -0.015,
        np.array((0.088, 0.075, 0.1)) * (1.18 if look.hat == "helmet" else 1),
        material,
        0.005,
    )
    if look.hat == "cap":
        ball(0, 0.07, 0.1, (0.065, 0.012, 0.075), material, 0.01, rotation @ turn(x=0.15))
    if look.hat == "brim":
        ball(0, 0.055, -0.01, (0.19, 0.014, 0.2), material, 0.01)


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
