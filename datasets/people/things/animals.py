"""Animals and toys with faces: what must not be taken for a person."""

from dataclasses import dataclass

import numpy as np

from datasets.people.colours import any_colour, grey, hsv
from datasets.people.scene import Scene, turn, vec


@dataclass(frozen=True)
class Build:
    """Proportions of a four-legged animal: lengths in metres, `rise` of the neck in radians."""

    leg: float
    trunk: float
    girth: float
    neck: float
    rise: float
    muzzle: float


BUILDS = {
    "dog": Build(0.5, 0.5, 0.13, 0.28, 0.6, 1.5),
    "cat": Build(0.26, 0.38, 0.085, 0.14, 0.5, 0.95),
    "horse": Build(1.2, 1.1, 0.28, 0.75, 0.9, 2.3),
    "cow": Build(1.0, 1.2, 0.34, 0.3, 0.3, 1.9),
    "sheep": Build(0.55, 0.7, 0.25, 0.2, 0.3, 1.5),
    "elephant": Build(1.9, 2.0, 0.75, 0.3, 0.2, 1.0),
    "giraffe": Build(2.0, 1.3, 0.36, 2.1, 1.15, 2.2),
    "zebra": Build(1.05, 1.05, 0.28, 0.5, 0.8, 2.2),
    "bear": Build(0.75, 1.1, 0.36, 0.25, 0.2, 1.5),
}
WILD = ("giraffe", "zebra", "elephant", "bear", "zebra", "giraffe")
FARM = ("horse", "cow", "sheep")
PETS = ("dog", "cat")


def quadruped(
    scene: Scene, position, yaw: float, kind: str, *, lying: bool = False, size: float = 1.0
) -> float:
    """A four-legged animal; returns the height of its back in metres."""
    rng, build = scene.rng, BUILDS[kind]
    coat, dark = _coat(scene, kind), scene.material(grey(0.06), gloss=0.4)
    leg = 0.3 * build.leg if lying else build.leg * rng.uniform(0.92, 1.08)
    back = leg + 0.6 * build.girth
    with scene.thing("animal", position, turn(y=yaw), size):
        _trunk(scene, build, leg, back, coat, lying)
        _head(scene, kind, build, back, coat, dark)
        tail = vec(0, back + 0.4 * build.girth, -0.5 * build.trunk - 0.5 * build.girth)
        end = tail + vec(rng.normal(0, 0.1), rng.uniform(-0.5, 0.6) * leg * 0.7, -0.5 * leg)
        scene.capsule(tail, end, 0.22 * build.girth, 0.1 * build.girth, coat, 0.05)
    return (back + build.girth) * size


def _coat(scene: Scene, kind: str) -> int:
    rng = scene.rng
    brown = hsv(rng.uniform(0.04, 0.11), rng.uniform(0.2, 0.7), rng.uniform(0.12, 0.85))
    colour = brown if rng.random() < 0.6 else grey(rng.uniform(0.08, 0.95))
    fur = {"bump": 0.6, "bump_scale": 25}
    if kind == "giraffe":
        return scene.material((0.86, 0.72, 0.48), (0.5, 0.28, 0.12), "spots", 7)
    if kind == "zebra":
        return scene.material((0.93, 0.92, 0.9), (0.08, 0.08, 0.08), "zebra", 26)
    if kind == "cow" and rng.random() < 0.6:
        return scene.material((0.95, 0.93, 0.9), (0.12, 0.1, 0.1), "spots", 3)
    if kind == "elephant":
        return scene.material(
            (0.5, 0.47, 0.45), (0.4, 0.37, 0.35), "cloud", 3, bump=0.5, bump_scale=8
        )
    if kind == "sheep":
        return scene.material(
            (0.9, 0.88, 0.8), (0.7, 0.67, 0.6), "cloud", 14, bump=1.0, bump_scale=18
        )
    if kind == "cat" and rng.random() < 0.5:
        return scene.material(colour, colour * 0.5, "zebra", 60, **fur)
    if rng.random() < 0.35:
        return scene.material(
            colour, np.clip(colour + rng.normal(0, 0.4, 3), 0, 1), "spots", rng.uniform(3, 9), **fur
        )
    return scene.material(colour, colour * 0.7, "cloud", 12, **fur)


def _trunk(scene: Scene, build: Build, leg: float, back: float, coat: int, lying: bool) -> None:
    rng, girth, ends = scene.rng, build.girth, (-build.trunk / 2, build.trunk / 2)
    scene.capsule(
        vec(0, back, ends[0]),
        vec(0, back + 0.1 * girth, ends[1]),
        0.95 * girth,
        girth,
        coat,
        0.5 * girth,
    )
    scene.ball(
        vec(0, back - 0.1 * girth, 0), (1.02 * girth, girth, 0.4 * build.trunk), coat, 0.5 * girth
    )
    for side in (-1, 1):
        for z in ends:
            swing = rng.normal(0, 0.2) * leg
            knee, foot = (
                vec(side * 0.55 * girth, 0.52 * back, z + 0.4 * swing),
                vec(side * 0.55 * girth, 0.04, z + 0.3 * swing),
            )
            if lying:
                knee, foot = (
                    vec(side * 0.9 * girth, 0.1, z + 0.1),
                    vec(side * 0.9 * girth, 0.04, z + 0.3),
                )
            scene.capsule(
                vec(side * 0.5 * girth, back, z),
                knee,
                0.45 * girth,
                0.25 * girth,
                coat,
                0.2 * girth,
            )
            scene.capsule(knee, foot, 0.24 * girth, 0.18 * girth, coat, 0.01)


def _head(scene: Scene, kind: str, build: Build, back: float, coat: int, dark: int) -> None:
    rng, girth = scene.rng, build.girth
    rise = build.rise + rng.normal(0, 0.25)
    base = vec(0, back + 0.4 * girth, build.trunk / 2)
    top = base + vec(0, max(np.sin(rise), -0.6), np.cos(rise)) * (build.neck + 0.5 * girth)
    r = girth * (0.72 if kind in PETS else 0.55)
    scene.capsule(
        base, top, 0.65 * girth, 0.5 if kind == "elephant" else 0.42 * girth, coat, 0.4 * girth
    )
    rotation = turn(y=rng.normal(0, 0.5))

    def on(x, y, z):
        return top + rotation @ (vec(x, y, z) * r)

    scene.ball(on(0, 0, 0.3), (0.85 * r, 0.85 * r, r), coat, 0.2 * girth, rotation)
    scene.capsule(on(0, -0.1, 0.6), on(0, -0.35, build.muzzle), 0.55 * r, 0.38 * r, coat, 0.3 * r)
    scene.ball(on(0, -0.3, build.muzzle + 0.35), 0.16 * r, dark, 0)
    pointed = kind in ("cat", "horse", "zebra", "giraffe") or rng.random() < 0.4
    for side in (-1, 1):
        scene.ball(on(side * 0.45, 0.25, 1.0), 0.14 * r, dark, 0)
        if kind == "elephant":
            scene.ball(
                on(side * 1.3, 0, 0),
                (0.9 * r, 1.1 * r, 0.08),
                coat,
                0.05,
                rotation @ turn(y=side * 0.5),
            )
        elif pointed:
            scene.cone(on(side * 0.5, 0.95, 0), 0.3 * r, 0.25 * r, 0.02, coat, rotation, 0.01)
        else:
            scene.ball(on(side * 0.8, 0.2, 0), (0.15 * r, 0.5 * r, 0.3 * r), coat, 0.02, rotation)
    if kind == "elephant":
        scene.capsule(on(0, -0.3, 1.1), on(0, -2.6, 1.6), 0.24, 0.1, coat, 0.1)


def teddy(scene: Scene, position, yaw: float, size: float) -> None:
    """A sitting teddy bear, 0.7 m at size 1."""
    rng = scene.rng
    colour = hsv(rng.uniform(0.03, 0.1), rng.uniform(0.2, 0.7), rng.uniform(0.3, 0.95))
    fur = scene.material(colour, colour * 0.75, "cloud", 25, bump=0.8, bump_scale=35)
    dark, pale = scene.material(grey(0.05), gloss=0.5), scene.material(np.clip(colour * 1.3, 0, 1))
    with scene.thing("figure", position, turn(y=yaw), size):
        scene.ball(vec(0, 0.22, 0), (0.17, 0.21, 0.15), fur, 0.05)
        scene.ball(vec(0, 0.52, 0.02), 0.15, fur, 0.03)
        scene.ball(vec(0, 0.48, 0.14), 0.065, pale, 0.03)
        scene.ball(vec(0, 0.5, 0.205), 0.02, dark, 0)
        for side in (-1, 1):
            scene.ball(vec(side * 0.11, 0.64, 0), 0.055, fur, 0.01)
            scene.capsule(
                vec(side * 0.12, 0.33, 0.03), vec(side * 0.25, 0.2, 0.12), 0.07, 0.06, fur, 0.03
            )
            scene.capsule(
                vec(side * 0.1, 0.08, 0.08), vec(side * 0.16, 0.07, 0.28), 0.085, 0.075, fur, 0.03
            )
            scene.ball(vec(side * 0.05, 0.56, 0.155), 0.018, dark, 0)


def bird(scene: Scene, position, yaw: float, size: float, *, flying: bool = False) -> None:
    """A bird, 0.4 m at size 1, standing or with its wings out."""
    rng = scene.rng
    coat = scene.material(any_colour(rng, (0, 0.8)), any_colour(rng, (0, 0.6)), "cloud", 25)
    beak, dark = scene.material((0.9, 0.6, 0.15)), scene.material(grey(0.03))
    down = turn(x=-0.4)
    with scene.thing("animal", position, turn(y=yaw), size):
        scene.ball(vec(0, 0.2, 0), (0.08, 0.09, 0.15), coat, 0.03, down)
        scene.ball(vec(0, 0.33, 0.1), 0.06, coat, 0.04)
        scene.cone(vec(0, 0.32, 0.18), 0.035, 0.02, 0.003, beak, turn(x=np.pi / 2))
        scene.capsule(vec(0, 0.18, -0.12), vec(0, 0.1, -0.3), 0.04, 0.02, coat, 0.03)
        for side in (-1, 1):
            scene.ball(vec(side * 0.035, 0.345, 0.14), 0.012, dark, 0)
            if flying:
                scene.ball(
                    vec(side * 0.28, 0.28, -0.02),
                    (0.26, 0.02, 0.08),
                    coat,
                    0.03,
                    turn(z=side * 0.3),
                )
            else:
                scene.capsule(
                    vec(side * 0.03, 0.12, 0.02), vec(side * 0.03, 0, 0.03), 0.008, 0.008, beak, 0
                )
                scene.ball(vec(side * 0.075, 0.22, -0.02), (0.02, 0.06, 0.13), coat, 0.01, down)
