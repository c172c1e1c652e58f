"""Furniture and fittings of rooms; metres, standing on y = 0, the front towards +z."""

import numpy as np

from datasets.people.colours import any_colour, cloth, grey, metal, wood
from datasets.people.scene import Scene, turn, vec
from datasets.people.things.objects import ANYTHING, DESK, TABLEWARE, put


def chair(scene: Scene, position, yaw: float, seat: float = 0.46) -> None:
    """A chair with a back of slats or a board."""
    rng = scene.rng
    c, w = (wood(scene) if rng.random() < 0.6 else cloth(scene)), 0.22
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, seat - 0.03, 0), (w, 0.03, w), c, rounding=0.02)
        for x in (-1, 1):
            for z in (-1, 1):
                scene.capsule(
                    vec(0.85 * x * w, seat - 0.04, 0.85 * z * w),
                    vec(0.95 * x * w, 0, 0.95 * z * w),
                    0.018,
                    0.015,
                    c,
                    0,
                )
            scene.capsule(
                vec(0.9 * x * w, seat, -0.9 * w),
                vec(0.9 * x * w, seat + 0.48, -1.1 * w),
                0.018,
                0.018,
                c,
                0,
            )
        if rng.random() < 0.5:
            scene.box(vec(0, seat + 0.33, -1.05 * w), (0.9 * w, 0.14, 0.015), c)
        else:
            for x in np.linspace(-0.15, 0.15, 4):
                scene.capsule(
                    vec(x, seat, -0.95 * w), vec(x, seat + 0.46, -1.08 * w), 0.01, 0.01, c, 0
                )


def sofa(scene: Scene, position, yaw: float, seat: float = 0.42) -> None:
    """A sofa or armchair with cushions."""
    rng, c, w = scene.rng, cloth(scene), scene.rng.uniform(0.5, 1.1)
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, seat / 2, 0), (w, seat / 2, 0.4), c, rounding=0.06, blend=0.03)
        scene.box(vec(0, seat + 0.18, -0.36), (w, 0.35, 0.12), c, rounding=0.1, blend=0.03)
        for x in (-1, 1):
            scene.box(vec(x * w, 0.35, 0), (0.12, 0.3, 0.42), c, rounding=0.1, blend=0.03)
        for _ in range(rng.integers(0, 3)):
            scene.part()
            tilt = turn(x=-0.3, z=rng.normal(0, 0.2))
            scene.box(
                vec(rng.uniform(-0.6, 0.6) * w, seat + 0.19, -0.13),
                (0.2, 0.2, 0.08),
                cloth(scene),
                tilt,
                0.07,
            )


def bed(scene: Scene, position, yaw: float) -> None:
    """A made bed with pillows."""
    rng = scene.rng
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, 0.3, 0), (0.85, 0.25, 1.0), cloth(scene), rounding=0.1)
        scene.box(vec(0, 0.6, -1.05), (0.88, rng.uniform(0.3, 0.6), 0.05), wood(scene))
        pillow = scene.material(grey(rng.uniform(0.8, 0.97)), bump=0.4, bump_scale=12)
        for x in (-0.4, 0.4):
            scene.part()
            scene.box(vec(x, 0.62, -0.72), (0.32, 0.1, 0.2), pillow, turn(x=-0.25), 0.09)


def table(
    scene: Scene, position, yaw: float, *, height=0.74, half=(0.6, 0.4), things=3, kinds=TABLEWARE
) -> None:
    """A table with things on it."""
    rng = scene.rng
    c, (w, d) = (wood(scene) if rng.random() < 0.6 else cloth(scene)), half
    rotation = turn(y=yaw)
    with scene.thing("furniture", position, rotation):
        scene.box(vec(0, height - 0.02, 0), (w, 0.02, d), c)
        for x in (-1, 1):
            for z in (-1, 1):
                scene.box(
                    vec(0.9 * x * w, height / 2 - 0.02, 0.85 * z * d),
                    (0.025, height / 2 - 0.02, 0.025),
                    c,
                )
    for _ in range(things):
        at = vec(rng.uniform(-0.8, 0.8) * w, height, rng.uniform(-0.8, 0.8) * d)
        put(scene, kinds[rng.integers(len(kinds))], np.asarray(position) + rotation @ at)


def desk(scene: Scene, position, yaw: float) -> None:
    """A table with a computer."""
    table(scene, position, yaw, things=3, kinds=DESK)


def shelf(scene: Scene, position, yaw: float) -> None:
    """Shelves of books."""
    rng, c = scene.rng, wood(scene)
    w, boards = rng.uniform(0.4, 0.8), int(rng.integers(3, 6))
    height = 0.36 * boards
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, height / 2 + 0.05, -0.13), (w, height / 2, 0.008), c)
        for i in range(boards + 1):
            scene.box(vec(0, 0.05 + 0.36 * i, 0), (w, 0.015, 0.14), c)
        for x in (-1, 1):
            scene.box(vec(x * w, height / 2 + 0.05, 0), (0.015, height / 2 + 0.02, 0.14), c)
        covers = [scene.material(any_colour(rng, (0.1, 0.9))) for _ in range(6)]
        for i in range(boards):
            x = 0.04 - w
            while x < w - 0.1:
                thick, tall = rng.uniform(0.02, 0.05), rng.uniform(0.1, 0.15)
                scene.box(
                    vec(x + thick, 0.065 + 0.36 * i + tall, 0),
                    (0.9 * thick, tall, 0.1),
                    covers[rng.integers(6)],
                    rounding=0.002,
                )
                x += 2 * thick + (rng.uniform(0.05, 0.3) if rng.random() < 0.15 else 0)


def fridge(scene: Scene, position, yaw: float) -> None:
    """A refrigerator."""
    c, dark = (
        scene.material(grey(scene.rng.uniform(0.5, 0.96)), gloss=0.4),
        scene.material(grey(0.1)),
    )
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, 0.9, 0), (0.35, 0.9, 0.35), c, rounding=0.03)
        scene.box(vec(0, 1.2, 0.355), (0.34, 0.005, 0.01), dark)
        scene.capsule(vec(-0.27, 1.3, 0.39), vec(-0.27, 1.6, 0.39), 0.015, 0.015, dark, 0)


def cupboards(scene: Scene, position, yaw: float) -> None:
    """A kitchen counter with doors, an oven, cupboards above."""
    rng = scene.rng
    front = (
        wood(scene)
        if rng.random() < 0.5
        else scene.material(any_colour(rng, (0, 0.4), (0.5, 0.97)))
    )
    top, steel = metal(scene, (0.1, 0.9)), metal(scene)
    dark = scene.material(grey(0.06), gloss=0.7)
    with scene.thing("furniture", position, turn(y=yaw)):
        for x in (-1.2, -0.6, 0.0, 0.6, 1.2):
            oven = rng.random() < 0.2
            scene.box(vec(x, 0.44, 0), (0.29, 0.44, 0.3), steel if oven else front)
            scene.box(vec(x, 0.42, 0.3), (0.2, 0.17, 0.01), dark if oven else front)
            scene.capsule(vec(x - 0.1, 0.76, 0.32), vec(x + 0.1, 0.76, 0.32), 0.01, 0.01, steel, 0)
            if rng.random() < 0.7:
                scene.box(vec(x, 1.75, -0.1), (0.29, 0.35, 0.17), front)
        scene.box(vec(0, 0.9, 0.01), (1.5, 0.02, 0.32), top)
    for _ in range(rng.integers(0, 4)):
        at = turn(y=yaw) @ vec(rng.uniform(-1.2, 1.2), 0.92, rng.uniform(-0.1, 0.2))
        put(scene, TABLEWARE[rng.integers(len(TABLEWARE))], np.asarray(position) + at)


def toilet(scene: Scene, position, yaw: float) -> None:
    """A toilet."""
    white, dark = (
        scene.material(grey(scene.rng.uniform(0.8, 0.97)), gloss=0.5, shine=50),
        scene.material(grey(0.25)),
    )
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.ball(vec(0, 0.36, 0.05), (0.2, 0.09, 0.27), white, 0.03)
        scene.cone(vec(0, 0.18, 0.02), 0.18, 0.12, 0.17, white, blend=0.05)
        scene.box(vec(0, 0.6, -0.25), (0.22, 0.2, 0.09), white, rounding=0.03)
        scene.part()
        if scene.rng.random() < 0.5:
            scene.box(vec(0, 0.68, -0.1), (0.19, 0.22, 0.015), white, turn(x=-0.15), 0.015)
            scene.ball(vec(0, 0.44, 0.06), (0.13, 0.02, 0.18), dark, 0)


def basin(scene: Scene, position, yaw: float) -> None:
    """A wash basin with a mirror and a tap."""
    rng = scene.rng
    white, steel = scene.material(grey(0.93), gloss=0.5), metal(scene, (0.5, 0.8))
    glass = scene.material(any_colour(rng, (0.05, 0.3), (0.5, 0.8)), gloss=0.6)
    hollow = scene.material(grey(0.62))
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, 0.8, 0.05), (0.32, 0.1, 0.24), white, rounding=0.08)
        scene.box(vec(0, 0.36, 0), (0.25 if rng.random() < 0.5 else 0.07, 0.36, 0.12), white)
        scene.ball(vec(0, 0.9, 0.08), (0.22, 0.02, 0.15), hollow, 0)
        scene.capsule(vec(0, 0.9, -0.12), vec(0, 1.05, -0.02), 0.015, 0.015, steel, 0)
        scene.box(vec(0, 1.5, -0.2), (0.35, 0.45, 0.012), glass)


def bath(scene: Scene, position, yaw: float) -> None:
    """A bath with a curtain."""
    white, curtain = scene.material(grey(0.93), gloss=0.5), cloth(scene)
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, 0.28, 0), (0.85, 0.28, 0.38), white, rounding=0.08)
        scene.ball(vec(0, 0.56, 0), (0.72, 0.03, 0.28), scene.material(grey(0.7)), 0)
        for x in np.arange(0, 0.8, 0.09):
            scene.capsule(vec(x, 0.45, 0.36), vec(x, 2.1, 0.36), 0.055, 0.045, curtain, 0.01)


def television(scene: Scene, position, yaw: float) -> None:
    """A screen on a low board."""
    rng, dark = scene.rng, scene.material(grey(0.06), gloss=0.5)
    screen = scene.material(
        any_colour(rng, (0.2, 0.8)), any_colour(rng), "cloud", 6, gloss=0.3, glow=0.6
    )
    with scene.thing("furniture", position, turn(y=yaw)):
        scene.box(vec(0, 0.25, 0), (0.7, 0.25, 0.2), wood(scene))
        scene.box(vec(0, 0.9, 0), (0.5, 0.3, 0.03), dark)
        scene.box(vec(0, 0.9, 0.03), (0.47, 0.27, 0.005), screen if rng.random() < 0.6 else dark)


def floor_thing(scene: Scene, position, yaw: float) -> None:
    """A large plant, lamp, case or toy on the floor."""
    make = ANYTHING[scene.rng.integers(len(ANYTHING))]
    put(scene, make, position, scene.rng.uniform(2, 3.5))


def curtain(scene: Scene, position, yaw: float) -> None:
    """A curtain in folds, as tall as a person."""
    fabric = cloth(scene)
    with scene.thing("furniture", position, turn(y=yaw)):
        for x in np.arange(-0.3, 0.31, 0.1):
            scene.capsule(vec(x, 0.1, 0), vec(x, 2.2, 0), 0.065, 0.055, fabric, 0.02)


def coat_stand(scene: Scene, position, yaw: float) -> None:
    """A stand with coats and a hat: clothes without a person."""
    rng, pole = scene.rng, wood(scene)
    with scene.thing("figure", position, turn(y=yaw)):
        scene.capsule(vec(0, 0, 0), vec(0, 1.75, 0), 0.025, 0.02, pole, 0)
        scene.cone(vec(0, 0.02, 0), 0.02, 0.22, 0.2, pole)
        for side in (-1, 1)[: rng.integers(1, 3)]:
            scene.part()
            coat = cloth(scene)
            scene.capsule(
                vec(0.16 * side, 1.5, 0), vec(0.2 * side, 0.75, 0.03), 0.09, 0.17, coat, 0.05
            )
            scene.capsule(
                vec(0.1 * side, 1.4, 0.05), vec(0.28 * side, 0.85, 0.1), 0.06, 0.05, coat, 0.03
            )
        if rng.random() < 0.5:
            scene.ball(vec(0, 1.8, 0), (0.11, 0.07, 0.12), cloth(scene), 0)


LIVING = (chair, sofa, sofa, shelf, television, floor_thing, curtain, table, coat_stand)
KITCHEN = (cupboards, cupboards, fridge, chair, table, floor_thing)
BATHROOM = (toilet, toilet, basin, basin, bath, floor_thing, curtain)
BEDROOM = (bed, bed, shelf, curtain, chair, floor_thing, television)
OFFICE = (desk, desk, chair, shelf, floor_thing, coat_stand)
