"""The head of a person: face, hair and hat."""

import numpy as np

from datasets.people.colours import any_colour, grey
from datasets.people.figure.body import Joints
from datasets.people.figure.looks import Look
from datasets.people.scene import Scene, turn, vec


def head(scene: Scene, look: Look, at: Joints, *, plain: bool) -> np.ndarray:
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
