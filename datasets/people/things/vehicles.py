"""Vehicles on wheels, rails, water and in the air; metres, the front towards +z."""

import numpy as np

from datasets.people.colours import any_colour, grey, metal
from datasets.people.scene import NO_TURN, Scene, turn, vec

SIDEWAYS = turn(z=np.pi / 2)


def _paint(scene: Scene) -> int:
    return scene.material(any_colour(scene.rng, (0, 0.95), (0.08, 0.95)), gloss=0.5, shine=50)


def _glass(scene: Scene) -> int:
    return scene.material((0.12, 0.15, 0.18), gloss=0.9, shine=80)


def _wheel(scene: Scene, x: float, y: float, z: float, width: float) -> None:
    tyre, rim = scene.material(grey(0.05)), metal(scene, (0.4, 0.7))
    scene.cone(vec(x, y, z), width, y, y, tyre, SIDEWAYS)
    scene.cone(vec(x * 1.08, y, z), width * 0.6, 0.58 * y, 0.58 * y, rim, SIDEWAYS)


def car(scene: Scene, position, yaw: float) -> None:
    """A passenger car or estate."""
    rng, paint, glass = scene.rng, _paint(scene), _glass(scene)
    light, red = (
        scene.material((0.95, 0.95, 0.85), glow=0.3),
        scene.material((0.8, 0.05, 0.05), glow=0.2),
    )
    long = rng.uniform(0.9, 1.3)
    with scene.thing("vehicle", position, turn(y=yaw)):
        scene.box(vec(0, 0.55, 0), (0.85, 0.3, 2.1), paint, rounding=0.2, blend=0.1)
        scene.part()
        scene.box(vec(0, 1.05, -0.2), (0.72, 0.32, long), glass, rounding=0.22)
        scene.box(vec(0, 1.35, -0.2), (0.68, 0.05, long - 0.15), paint, rounding=0.04)
        for side in (-1, 1):
            for z in (-1.3, 1.3):
                _wheel(scene, side * 0.8, 0.33, z, 0.1)
            scene.ball(vec(side * 0.6, 0.62, 2.08), (0.16, 0.09, 0.05), light, 0)
            scene.ball(vec(side * 0.65, 0.68, -2.08), (0.12, 0.09, 0.05), red, 0)
        scene.box(vec(0, 0.5, 2.1), (0.35, 0.1, 0.03), scene.material(grey(0.05)))
        scene.box(vec(0, 0.4, 2.13), (0.25, 0.06, 0.01), scene.material(grey(0.9)))


def coach(scene: Scene, position, yaw: float) -> None:
    """A bus, lorry or railway carriage."""
    rng, paint, glass = scene.rng, _paint(scene), _glass(scene)
    kind = rng.choice(("bus", "lorry", "train"))
    half = {"bus": 4.5, "lorry": 3.5, "train": 7.0}[kind]
    stripe, light = _paint(scene), scene.material((0.95, 0.95, 0.85), glow=0.4)
    with scene.thing("vehicle", position, turn(y=yaw)):
        scene.box(vec(0, 1.75, 0), (1.2, 1.25, half), paint, rounding=0.15)
        scene.box(vec(0, 1.25, 0), (1.22, 0.15, half - 0.1), stripe)
        scene.box(vec(0, 2.1, half), (1.0, 0.5, 0.03), glass)
        for side in (-1, 1):
            for z in np.arange(1 - half, half - 0.6, 1.3) if kind != "lorry" else ():
                scene.box(vec(side * 1.2, 2.15, z), (0.02, 0.4, 0.5), glass)
            scene.ball(vec(side * 0.85, 0.9, half), (0.18, 0.12, 0.05), light, 0)
            for z in (-0.7 * half, -0.3 * half, 0.6 * half):
                _wheel(scene, side * 1.1, 0.45, z, 0.15)


def bicycle(scene: Scene, position, yaw: float) -> None:
    """A bicycle."""
    frame, tyre = _paint(scene), scene.material(grey(0.08))
    tubes = (
        ((-0.5, 0.34), (-0.15, 0.75)),
        ((-0.15, 0.75), (0.35, 0.8)),
        ((-0.1, 0.3), (0.35, 0.75)),
        ((-0.1, 0.3), (-0.2, 0.85)),
        ((-0.5, 0.34), (-0.1, 0.3)),
        ((0.5, 0.34), (0.33, 0.95)),
    )
    with scene.thing("vehicle", position, turn(y=yaw - np.pi / 2)):
        for x in (-0.5, 0.5):
            scene.ring(vec(x, 0.34, 0), 0.32, 0.022, tyre)
        for a, b in tubes:
            scene.capsule(vec(*a, 0), vec(*b, 0), 0.022, 0.022, frame, 0)
        scene.ball(vec(-0.22, 0.88, 0), (0.13, 0.03, 0.07), tyre, 0)
        scene.capsule(vec(0.33, 0.97, -0.25), vec(0.33, 0.97, 0.25), 0.015, 0.015, tyre, 0)


def motorbike(scene: Scene, position, yaw: float) -> None:
    """A motorcycle or scooter; its saddle is 0.8 m high."""
    paint, dark, steel = _paint(scene), scene.material(grey(0.06)), metal(scene, (0.4, 0.8))
    light = scene.material((0.95, 0.95, 0.85), glow=0.6)
    with scene.thing("vehicle", position, turn(y=yaw)):
        for z in (-0.7, 0.7):
            scene.ring(vec(0, 0.33, z), 0.26, 0.075, dark, turn(y=np.pi / 2))
            scene.ball(vec(0, 0.5, z * 0.95), (0.09, 0.2, 0.28), paint, 0.02)
        scene.ball(vec(0, 0.5, 0), (0.17, 0.22, 0.35), steel, 0.05)
        scene.ball(vec(0, 0.82, 0.25), (0.16, 0.14, 0.28), paint, 0.03)
        scene.box(vec(0, 0.76, -0.35), (0.15, 0.06, 0.38), dark, rounding=0.06)
        scene.part()
        scene.capsule(vec(0, 0.33, 0.75), vec(0, 1.05, 0.45), 0.04, 0.04, steel, 0)
        scene.capsule(vec(-0.35, 1.05, 0.4), vec(0.35, 1.05, 0.4), 0.02, 0.02, dark, 0)
        scene.ball(vec(0, 0.95, 0.6), 0.1, light, 0)
        scene.capsule(vec(0.15, 0.33, 0), vec(0.2, 0.4, -0.9), 0.04, 0.06, steel, 0)


def aeroplane(scene: Scene, position, yaw: float, *, size: float = 1.0, tilt=NO_TURN) -> None:
    """An airliner, 20 m long at size 1."""
    rng = scene.rng
    skin = scene.material(
        grey(rng.uniform(0.5, 0.97)) if rng.random() < 0.7 else any_colour(rng), gloss=0.4
    )
    paint, glass = _paint(scene), _glass(scene)
    with scene.thing("vehicle", position, turn(y=yaw) @ tilt, size):
        scene.capsule(vec(0, 0, -9), vec(0, 0, 9), 0.7, 1.3, skin, 0.3)
        scene.box(vec(0, 2.2, -8.8), (0.12, 1.8, 1.2), paint, turn(x=-0.5))
        for side in (-1, 1):
            scene.box(
                vec(side * 5, -0.4, -1.5),
                (4.8, 0.15, 1.3),
                skin,
                turn(y=side * 0.45, z=side * 0.08),
            )
            scene.box(vec(side * 2, 0.4, -8.8), (1.8, 0.1, 0.7), skin, turn(y=side * 0.4))
            scene.cone(vec(side * 3.6, -1.0, 0.6), 1.2, 0.55, 0.65, paint, turn(x=np.pi / 2))
            scene.part()
            scene.box(vec(side * 1.25, 0.3, 0), (0.02, 0.15, 7.5), glass)


def boat(scene: Scene, position, yaw: float) -> None:
    """A boat, sometimes with a sail."""
    rng, hull = scene.rng, _paint(scene)
    with scene.thing("vehicle", position, turn(y=yaw)):
        scene.ball(vec(0, 0.25, 0), (0.9, 0.5, 2.6), hull, 0.05)
        scene.part()
        scene.box(vec(0, 0.8, -0.4), (0.5, 0.35, 0.9), _paint(scene), rounding=0.08)
        scene.box(vec(0, 0.85, -0.4), (0.52, 0.15, 0.7), _glass(scene))
        if rng.random() < 0.5:
            sail = scene.material(grey(rng.uniform(0.8, 0.97)))
            scene.capsule(vec(0, 0.5, 0), vec(0, 5, 0), 0.05, 0.04, metal(scene), 0)
            scene.cone(vec(0, 2.9, -0.2), 2.0, 0.9, 0.03, sail, turn(y=0.2))
