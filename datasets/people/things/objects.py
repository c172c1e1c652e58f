"""Small things: dishes, food, fruit, flowers, books, screens, toys; metres, standing on y = 0."""

import numpy as np

from datasets.people.colours import FOODS, any_colour, grey, hsv, metal, wood
from datasets.people.scene import Scene, turn, vec


def _food(scene: Scene) -> int:
    rng = scene.rng
    colour = np.clip(np.array(FOODS[rng.integers(len(FOODS))]) + rng.normal(0, 0.05, 3), 0, 1)
    other = np.clip(np.array(FOODS[rng.integers(len(FOODS))]) + rng.normal(0, 0.05, 3), 0, 1)
    second = other if rng.random() < 0.5 else colour * 0.6
    return scene.material(
        colour, second, "crumbs", rng.uniform(35, 110), gloss=0.25, bump=0.8, bump_scale=70
    )


def _ware(scene: Scene) -> int:
    rng = scene.rng
    colour = grey(rng.uniform(0.85, 0.97)) if rng.random() < 0.7 else any_colour(rng)
    return scene.material(colour, gloss=0.4, shine=40)


def plate(scene: Scene) -> None:
    """A plate or bowl with a heap of food."""
    rng, ware = scene.rng, _ware(scene)
    radius = rng.uniform(0.1, 0.17)
    bowl = rng.random() < 0.35
    scene.cone(
        vec(0, 0.03 if bowl else 0.008, 0), 0.03 if bowl else 0.008, 0.75 * radius, radius, ware
    )
    rise = 0.06 if bowl else 0.016
    for _ in range(rng.integers(2, 9)):
        where, food = rng.uniform(-0.6, 0.6, 2) * radius, _food(scene)
        r = rng.uniform(0.2, 0.5) * radius
        kind = rng.integers(4)
        centre = vec(where[0], rise + 0.2 * r, where[1])
        if kind == 0:
            scene.ball(
                centre, (r, 0.5 * r, r * rng.uniform(0.5, 1)), food, 0.01, turn(y=rng.uniform(0, 6))
            )
        elif kind == 1:
            scene.box(centre, (r, 0.35 * r, 0.6 * r), food, turn(y=rng.uniform(0, 6)), 0.01, 0.005)
        elif kind == 2:
            end = centre + vec(*rng.normal(0, r, 3)) * (1, 0.1, 1)
            scene.capsule(centre, end, 0.25 * r, 0.2 * r, food, 0.004)
        else:
            for _ in range(4):
                scene.ball(
                    centre + vec(*rng.normal(0, 0.4 * r, 3)) * (1, 0.3, 1), 0.35 * r, food, 0.005
                )


def pizza(scene: Scene) -> None:
    """A round of dough with topping."""
    rng, radius = scene.rng, scene.rng.uniform(0.13, 0.2)
    crust = scene.material((0.82, 0.58, 0.28), (0.6, 0.35, 0.14), "cloud", 20)
    cheese = scene.material(
        (0.92, 0.68, 0.28), (0.78, 0.25, 0.1), "crumbs", rng.uniform(25, 60), gloss=0.2
    )
    scene.cone(vec(0, 0.006, 0), 0.006, radius * 1.1, radius * 1.15, _ware(scene))
    scene.cone(vec(0, 0.018, 0), 0.01, radius, radius, cheese)
    scene.part()
    tilt = turn(x=np.pi / 2)
    scene.ring(vec(0, 0.022, 0), radius, 0.016, crust, tilt)
    for _ in range(rng.integers(3, 12)):
        at = rng.uniform(-0.65, 0.65, 2) * radius
        scene.cone(vec(at[0], 0.03, at[1]), 0.004, 0.02, 0.02, _food(scene))


def sandwich(scene: Scene) -> None:
    """Bread with filling."""
    rng = scene.rng
    bread = scene.material((0.8, 0.55, 0.25), (0.6, 0.35, 0.15), "cloud", 30)
    half = (rng.uniform(0.06, 0.14), 0.022, rng.uniform(0.05, 0.08))
    scene.box(vec(0, 0.022, 0), half, bread, rounding=0.02)
    scene.box(vec(0, 0.052, 0), (half[0], 0.012, half[2] * 1.05), _food(scene), rounding=0.006)
    scene.part()
    scene.box(vec(0, 0.085, 0), half, bread, turn(z=rng.normal(0, 0.06)), 0.021)


def cake(scene: Scene) -> None:
    """A cake with cream and candles, or a row of doughnuts."""
    rng = scene.rng
    cream = scene.material(any_colour(rng, (0, 0.6), (0.7, 1)))
    base = scene.material(hsv(0.07, 0.6, rng.uniform(0.2, 0.8)), (0.95, 0.9, 0.8), "bars", 90)
    if rng.random() < 0.5:
        r = rng.uniform(0.09, 0.16)
        scene.cone(vec(0, 0.05, 0), 0.05, r, r, base)
        scene.cone(vec(0, 0.11, 0), 0.013, r * 1.02, r * 0.98, cream)
        for angle in np.linspace(0, 6.28, rng.integers(4, 10), endpoint=False):
            at = vec(0.75 * r * np.cos(angle), 0.14, 0.75 * r * np.sin(angle))
            scene.ball(at, 0.018, _food(scene), 0)
    else:
        for i in range(rng.integers(2, 7)):
            at = vec(0.1 * (i % 3) - 0.1, 0.025, 0.1 * (i // 3))
            scene.part()
            scene.ring(at, 0.032, 0.022, _food(scene), turn(x=np.pi / 2))


def fruit(scene: Scene) -> None:
    """Apples, oranges, a banana; loose or in a bowl."""
    rng = scene.rng
    if rng.random() < 0.5:
        scene.cone(vec(0, 0.04, 0), 0.04, 0.07, 0.14, _ware(scene))
    for i in range(rng.integers(1, 7)):
        hue = rng.choice((0.0, 0.08, 0.13, 0.3, 0.02))
        skin = scene.material(hsv(hue, rng.uniform(0.6, 0.9), rng.uniform(0.5, 0.9)), gloss=0.3)
        scene.ball(vec(rng.normal(0, 0.06), 0.06 + 0.015 * i, rng.normal(0, 0.06)), 0.043, skin, 0)
    if rng.random() < 0.4:
        peel = scene.material((0.93, 0.8, 0.2))
        scene.part()
        points = [vec(x, 0.03, 0.25 * x * x * 12 + 0.1) for x in (-0.09, -0.03, 0.03, 0.09)]
        for a, b in zip(points, points[1:], strict=False):
            scene.capsule(a, b, 0.019, 0.019, peel, 0.01)


def vegetables(scene: Scene) -> None:
    """A board or pan full of chopped vegetables."""
    rng = scene.rng
    scene.cone(
        vec(0, 0.02, 0),
        0.02,
        0.19,
        0.2,
        metal(scene, (0.05, 0.6)) if rng.random() < 0.5 else wood(scene),
    )
    for _ in range(rng.integers(10, 26)):
        at = rng.normal(0, 0.08, 2)
        r = rng.uniform(0.015, 0.045)
        scene.ball(
            vec(at[0], 0.05, at[1]),
            (r, r * 0.7, r * rng.uniform(0.5, 1.6)),
            _food(scene),
            0,
            turn(y=rng.uniform(0, 6)),
        )


def cup(scene: Scene) -> None:
    """A cup, glass or can."""
    rng, c = scene.rng, _ware(scene)
    tall = rng.uniform(0.035, 0.08)
    scene.cone(vec(0, tall, 0), tall, 0.035, 0.042, c)
    if tall < 0.055:
        scene.ring(vec(0.05, tall, 0), 0.028, 0.007, c)


def bottle(scene: Scene) -> None:
    """A bottle with a label."""
    rng = scene.rng
    glass = scene.material(any_colour(rng, (0.2, 1), (0.1, 0.6)), gloss=0.7, shine=60)
    scene.cone(vec(0, 0.09, 0), 0.09, 0.036, 0.036, glass)
    scene.capsule(vec(0, 0.18, 0), vec(0, 0.27, 0), 0.03, 0.013, glass, 0.02)
    scene.part()
    scene.cone(vec(0, 0.1, 0), 0.04, 0.037, 0.037, scene.material(any_colour(rng)))


def laptop(scene: Scene) -> None:
    """A laptop, its screen lit."""
    rng, dark = scene.rng, scene.material(grey(0.08))
    shell = metal(scene, (0.1, 0.8))
    keys = scene.material(grey(0.1), grey(0.35), "check", 120)
    screen = scene.material(any_colour(rng, (0.1, 0.8)), any_colour(rng), "cloud", 20, glow=0.8)
    lid = turn(x=-0.25)
    scene.box(vec(0, 0.006, 0), (0.17, 0.006, 0.12), shell)
    scene.box(vec(0, 0.013, -0.01), (0.15, 0.002, 0.07), keys, rounding=0.001)
    scene.box(vec(0, 0.12, -0.13), (0.17, 0.11, 0.005), dark, lid)
    scene.box(vec(0, 0.12, -0.124), (0.155, 0.098, 0.004), screen, lid)


def keyboard(scene: Scene) -> None:
    """A keyboard with a mouse."""
    shell = metal(scene, (0.05, 0.9))
    scene.box(
        vec(0, 0.01, 0), (0.22, 0.01, 0.075), scene.material(grey(0.85), grey(0.15), "check", 110)
    )
    scene.ball(vec(0.3, 0.015, 0), (0.03, 0.018, 0.05), shell, 0)


def phone(scene: Scene) -> None:
    """A phone or remote control lying on its back."""
    rng = scene.rng
    scene.box(
        vec(0, 0.006, 0),
        (0.035, 0.006, 0.075),
        scene.material(grey(rng.uniform(0.03, 0.3)), gloss=0.5),
    )
    screen = scene.material(any_colour(rng), any_colour(rng), "check", 150, glow=0.4)
    scene.box(vec(0, 0.0125, 0.01), (0.03, 0.001, 0.05), screen, rounding=0.001)


def books(scene: Scene) -> None:
    """A pile of books."""
    rng = scene.rng
    for i in range(rng.integers(2, 7)):
        cover = scene.material(any_colour(rng))
        scene.box(
            vec(0, 0.016 + 0.031 * i, 0),
            (0.11, 0.014, 0.15),
            cover,
            turn(y=rng.normal(0, 0.2)),
            0.003,
        )


def flowers(scene: Scene) -> None:
    """A vase of flowers."""
    rng = scene.rng
    vase = scene.material(any_colour(rng, (0, 0.8)), gloss=0.5)
    stem, petal = (
        scene.material((0.2, 0.45, 0.15)),
        scene.material(
            any_colour(rng, (0.4, 1), (0.6, 1)), grey(0.95), "cloud", 40, bump=0.8, bump_scale=60
        ),
    )
    scene.ball(vec(0, 0.1, 0), (0.07, 0.1, 0.07), vase, 0.01)
    scene.cone(vec(0, 0.2, 0), 0.03, 0.035, 0.05, vase, blend=0.03)
    scene.part()
    for angle in np.linspace(0, 6.28, rng.integers(4, 9), endpoint=False):
        tip = vec(0.11 * np.cos(angle), rng.normal(0.4, 0.04), 0.11 * np.sin(angle))
        scene.capsule(vec(0, 0.2, 0), tip, 0.005, 0.005, stem, 0)
        scene.ball(tip, rng.uniform(0.03, 0.055), petal, 0)


def pot_plant(scene: Scene) -> None:
    """Leaves in a pot."""
    rng = scene.rng
    scene.cone(
        vec(0, 0.06, 0),
        0.06,
        0.06,
        0.075,
        scene.material(hsv(0.05, rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.9))),
    )
    for _ in range(9):
        leaf = scene.material(hsv(rng.uniform(0.22, 0.38), 0.6, rng.uniform(0.3, 0.6)))
        tip = vec(rng.normal(0, 0.12), rng.normal(0.3, 0.07), rng.normal(0, 0.12))
        scene.capsule(vec(0, 0.1, 0), tip, 0.006, 0.03, leaf, 0.005)


def lamp(scene: Scene) -> None:
    """A table lamp, lit."""
    scene.cone(vec(0, 0.15, 0), 0.15, 0.02, 0.02, metal(scene))
    scene.cone(vec(0, 0.36, 0), 0.1, 0.15, 0.09, scene.material((0.96, 0.88, 0.68), glow=0.8))
    scene.cone(vec(0, 0.01, 0), 0.01, 0.08, 0.08, metal(scene))


def case(scene: Scene) -> None:
    """A suitcase, bag or box."""
    rng = scene.rng
    half = (rng.uniform(0.06, 0.22), rng.uniform(0.05, 0.16), rng.uniform(0.05, 0.12))
    cover = scene.material(
        any_colour(rng, (0, 0.9)), any_colour(rng), str(rng.choice(("plain", "cloud", "check"))), 30
    )
    scene.box(vec(0, half[1], 0), half, cover, rounding=0.03)
    scene.ring(vec(0, 2 * half[1], 0), 0.05, 0.01, metal(scene))


def ball_toy(scene: Scene) -> None:
    """A ball, or blocks."""
    rng = scene.rng
    if rng.random() < 0.5:
        scene.ball(
            vec(0, 0.11, 0),
            0.11,
            scene.material(any_colour(rng, (0.3, 1)), any_colour(rng), "stripes", 30),
            0,
        )
        return
    for i in range(rng.integers(3, 8)):
        scene.part()
        scene.box(
            vec(0.1 * (i % 3), 0.045 + 0.09 * (i // 3), 0),
            0.043 * np.ones(3),
            scene.material(any_colour(rng, (0.6, 1), (0.5, 1))),
            turn(y=rng.normal(0, 0.2)),
        )


EDIBLE = (plate, plate, plate, pizza, sandwich, cake, fruit, vegetables)
TABLEWARE = (*EDIBLE, cup, cup, bottle, flowers)
DESK = (laptop, laptop, keyboard, phone, books, cup, lamp, pot_plant)
ANYTHING = (*TABLEWARE, *DESK, case, ball_toy)


def put(scene: Scene, make, position, size: float = 1.0) -> None:
    """Put a small thing somewhere, turned at random."""
    with scene.thing("object", position, turn(y=scene.rng.uniform(0, 6.28)), size):
        make(scene)
