"""What stands outdoors: trees, houses, signs, lamps, hydrants, benches, statues; metres."""

import numpy as np

from datasets.people.colours import any_colour, grey, hsv, metal, wood
from datasets.people.scene import Scene, turn, vec


def leaves(scene: Scene) -> int:
    """Foliage, with gaps through which the background shows."""
    rng = scene.rng
    hue = rng.uniform(0.17, 0.38) if rng.random() < 0.85 else rng.uniform(0.03, 0.14)
    colour = hsv(hue, rng.uniform(0.25, 0.8), rng.uniform(0.2, 0.65))
    return scene.material(
        colour,
        colour * 0.35,
        "leaves",
        rng.uniform(8, 22),
        gloss=0,
        bump=1.0,
        bump_scale=rng.uniform(5, 12),
        holes=rng.uniform(0.35, 0.52),
    )


def tree(scene: Scene, position, yaw: float = 0.0, height: float | None = None) -> None:
    """A broadleaf tree, conifer, palm or bare tree."""
    rng = scene.rng
    height = height or rng.uniform(2.5, 9)
    bark = scene.material(
        hsv(0.08, rng.uniform(0.1, 0.5), 0.35),
        hsv(0.08, 0.4, 0.15),
        "grain",
        3,
        bump=0.8,
        bump_scale=12,
    )
    foliage, kind = (
        leaves(scene),
        rng.choice(("broad", "conifer", "palm", "bare"), p=(0.55, 0.25, 0.1, 0.1)),
    )
    with scene.thing("outdoors", position, turn(y=yaw)):
        if kind == "conifer":
            scene.capsule(
                vec(0, 0, 0), vec(0, 0.4 * height, 0), 0.025 * height, 0.015 * height, bark, 0
            )
            for i in range(4):
                scene.cone(
                    vec(0, height * (0.3 + 0.19 * i), 0),
                    0.14 * height,
                    height * (0.25 - 0.052 * i),
                    0.01,
                    foliage,
                    blend=0.1,
                )
        elif kind == "palm":
            top = vec(0.1 * height, height, 0)
            scene.capsule(vec(0, 0, 0), top, 0.16, 0.1, bark, 0)
            for a in np.arange(0, 6.2, 0.785):
                end = top + vec(1.3 * np.cos(a), rng.normal(-0.4, 0.2), 1.3 * np.sin(a))
                scene.capsule(top, end, 0.06, 0.13, foliage, 0.02)
        else:
            scene.capsule(
                vec(0, 0, 0), vec(0, 0.55 * height, 0), 0.035 * height, 0.022 * height, bark, 0.05
            )
            for _ in range(rng.integers(3, 7)):
                end = vec(*rng.normal(0, 0.18 * height, 3)) * (1, 0.4, 1) + vec(0, 0.8 * height, 0)
                scene.capsule(
                    vec(0, rng.uniform(0.3, 0.55) * height, 0),
                    end,
                    0.015 * height,
                    0.004 * height,
                    bark,
                    0.02,
                )
            for _ in range(rng.integers(4, 8) if kind == "broad" else 0):
                scene.part()
                at = vec(rng.normal(0, 0.14), rng.uniform(0.5, 0.92), rng.normal(0, 0.14)) * height
                scene.ball(
                    at, np.array((1, 0.8, 1)) * height * rng.uniform(0.11, 0.22), foliage, 0.1
                )


def bush(scene: Scene, position, yaw: float = 0.0) -> None:
    """A bush or part of a hedge."""
    rng, foliage = scene.rng, leaves(scene)
    with scene.thing("outdoors", position, turn(y=yaw)):
        for _ in range(rng.integers(2, 6)):
            r = rng.uniform(0.25, 0.6)
            scene.ball(vec(rng.normal(0, 0.5), 0.7 * r, rng.normal(0, 0.3)), r, foliage, 0.15)


def building(scene: Scene, position, yaw: float = 0.0) -> None:
    """A house or block with windows."""
    rng = scene.rng
    w, h, d = rng.uniform(2, 6), rng.uniform(2, 9), rng.uniform(2, 4)
    colour = hsv(
        rng.uniform(0.02, 0.14) if rng.random() < 0.7 else rng.random(),
        rng.uniform(0.03, 0.5),
        rng.uniform(0.3, 0.9),
    )
    glass = grey(1) * (0.15, 0.2, 0.28) * rng.uniform(0.4, 1.8)
    grid = rng.random() < 0.6
    wall = (
        scene.material(colour, glass, "windows", rng.uniform(0.45, 1.1))
        if grid
        else scene.material(colour * 0.8, colour, "brick", rng.uniform(5, 9))
    )
    with scene.thing("outdoors", position, turn(y=yaw)):
        scene.box(vec(0, h, 0), (w, h, d), wall)
        if rng.random() < 0.4 and h < 4:
            roof = scene.material(
                hsv(rng.uniform(0, 0.08), 0.5, rng.uniform(0.2, 0.5)), grey(0.2), "bars", 20
            )
            scene.cone(vec(0, 2 * h + 1, 0), 1.1, 1.35 * max(w, d), 0.3, roof)
        else:
            scene.box(vec(0, 2 * h, 0), (w + 0.15, 0.12, d + 0.15), scene.material(colour * 0.6))
        if not grid:
            pane, frame = scene.material(glass, gloss=0.8, shine=60), scene.material(grey(0.88))
            for x in np.arange(1 - w, w, 2.2):
                for y in np.arange(1.4, 2 * h - 0.8, 2.4):
                    scene.box(vec(x, y, d), (0.45, 0.65, 0.03), frame)
                    scene.box(vec(x, y, d + 0.03), (0.37, 0.57, 0.02), pane)


def tower(scene: Scene, position, yaw: float = 0.0) -> None:
    """A clock tower."""
    rng, face = scene.rng, scene.material(grey(0.93), glow=0.1)
    stone = hsv(rng.uniform(0.02, 0.12), rng.uniform(0.1, 0.45), rng.uniform(0.3, 0.8))
    wall, dark = scene.material(stone * 0.8, stone, "brick", 5), scene.material(grey(0.1))
    height = rng.uniform(3.5, 6)
    with scene.thing("outdoors", position, turn(y=yaw)):
        scene.box(vec(0, height, 0), (1.1, height, 1.1), wall)
        scene.cone(vec(0, 2 * height + 0.9, 0), 0.9, 1.5, 0.05, scene.material(stone * 0.5))
        scene.cone(vec(0, 2 * height - 1.3, 1.12), 0.03, 0.85, 0.85, face, turn(x=np.pi / 2))
        for angle, length in ((rng.uniform(0, 6), 0.7), (rng.uniform(0, 6), 0.45)):
            start = vec(0, 2 * height - 1.3, 1.18)
            scene.capsule(
                start, start + length * vec(np.sin(angle), np.cos(angle), 0), 0.05, 0.03, dark, 0
            )


def road_sign(scene: Scene, position, yaw: float = 0.0) -> None:
    """A round, octagonal or square sign with lettering."""
    rng, pole = scene.rng, metal(scene)
    colour = hsv(rng.choice((0.0, 0.0, 0.6, 0.13, 0.36)), 0.85, rng.uniform(0.45, 0.85))
    white = scene.material(grey(0.95))
    with scene.thing("outdoors", position, turn(y=yaw)):
        scene.capsule(vec(0, 0, 0), vec(0, 2.2, 0), 0.035, 0.035, pole, 0)
        if rng.random() < 0.6:
            scene.cone(vec(0, 2.2, 0.03), 0.012, 0.36, 0.36, white, turn(x=np.pi / 2))
            scene.cone(
                vec(0, 2.2, 0.04), 0.012, 0.33, 0.33, scene.material(colour), turn(x=np.pi / 2)
            )
        else:
            scene.box(
                vec(0, 2.2, 0.03), (rng.uniform(0.3, 0.8), 0.25, 0.01), scene.material(colour)
            )
        for x in np.arange(-0.2, 0.21, 0.1):
            scene.box(vec(x, 2.2, 0.07), (0.035, 0.08, 0.005), white)


def traffic_light(scene: Scene, position, yaw: float = 0.0) -> None:
    """A traffic light with one lamp lit."""
    rng, dark = scene.rng, scene.material((0.08, 0.1, 0.08))
    lit = rng.integers(3)
    with scene.thing("outdoors", position, turn(y=yaw)):
        scene.capsule(vec(0, 0, 0), vec(0, 3, 0), 0.05, 0.05, metal(scene, (0.1, 0.5)), 0)
        scene.box(vec(0, 2.8, 0.05), (0.17, 0.43, 0.1), dark)
        for i, colour in enumerate(((0.95, 0.1, 0.1), (0.95, 0.7, 0.1), (0.1, 0.9, 0.4))):
            lamp = scene.material(
                np.array(colour) * (1 if i == lit else 0.25), glow=2.0 if i == lit else 0
            )
            scene.ball(vec(0, 3.07 - 0.27 * i, 0.15), (0.1, 0.1, 0.04), lamp, 0)


def hydrant(scene: Scene, position, yaw: float = 0.0) -> None:
    """A fire hydrant or parking meter."""
    rng = scene.rng
    paint = scene.material(
        hsv(rng.choice((0.0, 0.13, 0.6, 0.1)), 0.85, rng.uniform(0.4, 0.9)), gloss=0.3
    )
    with scene.thing("outdoors", position, turn(y=yaw)):
        if rng.random() < 0.35:
            steel = metal(scene)
            scene.capsule(vec(0, 0, 0), vec(0, 1.1, 0), 0.04, 0.04, steel, 0)
            scene.ball(vec(0, 1.3, 0), (0.13, 0.22, 0.1), steel, 0)
            scene.box(vec(0, 1.35, 0.09), (0.08, 0.06, 0.01), scene.material(grey(0.1)))
            return
        scene.cone(vec(0, 0.3, 0), 0.3, 0.14, 0.11, paint)
        scene.ball(vec(0, 0.62, 0), (0.14, 0.14, 0.14), paint, 0.02)
        scene.capsule(vec(-0.2, 0.42, 0), vec(0.2, 0.42, 0), 0.06, 0.06, paint, 0.01)
        scene.cone(vec(0, 0.03, 0), 0.03, 0.19, 0.18, paint)


def bench(scene: Scene, position, yaw: float = 0.0) -> None:
    """A park bench; its seat is 0.45 m high."""
    slat, leg = wood(scene), metal(scene, (0.1, 0.5))
    with scene.thing("outdoors", position, turn(y=yaw)):
        for z in (-0.14, 0, 0.14):
            scene.box(vec(0, 0.44, z), (0.85, 0.02, 0.055), slat)
        for y in (0.6, 0.74, 0.88):
            scene.box(vec(0, y, -0.22), (0.85, 0.05, 0.02), slat)
        for x in (-0.65, 0.65):
            scene.box(vec(x, 0.22, 0), (0.03, 0.22, 0.18), leg)


def lamp_post(scene: Scene, position, yaw: float = 0.0) -> None:
    """A street lamp."""
    steel, glow = metal(scene), scene.material((0.95, 0.95, 0.85), glow=0.5)
    with scene.thing("outdoors", position, turn(y=yaw)):
        scene.capsule(vec(0, 0, 0), vec(0, 4.5, 0), 0.06, 0.04, steel, 0)
        scene.capsule(vec(0, 4.5, 0), vec(0.6, 4.8, 0), 0.03, 0.03, steel, 0)
        scene.ball(vec(0.75, 4.75, 0), (0.22, 0.08, 0.12), glow, 0)


def fence(scene: Scene, position, yaw: float = 0.0) -> None:
    """A fence of pales or a net."""
    rng = scene.rng
    colour = scene.material(any_colour(rng, (0, 0.5), (0.15, 0.95)))
    step = rng.choice((0.2, 0.3, 0.6))
    with scene.thing("outdoors", position, turn(y=yaw)):
        for x in np.arange(-3, 3.1, step):
            scene.box(vec(x, 0.5, 0), (0.22 * step, 0.5, 0.02), colour)
        for y in (0.3, 0.75):
            scene.box(vec(0, y, -0.03), (3.1, 0.04, 0.02), colour)


def parasol(scene: Scene, position, yaw: float = 0.0) -> None:
    """A sunshade or open umbrella on the ground."""
    rng = scene.rng
    fabric = scene.material(
        any_colour(rng, (0.4, 1)), any_colour(rng, (0, 1)), "stripes", rng.uniform(2, 5)
    )
    with scene.thing("outdoors", position, turn(z=rng.normal(0, 0.15))):
        scene.cone(vec(0, 2.3, 0), 0.25, 1.3, 0.05, fabric)
        scene.capsule(vec(0, 0, 0), vec(0, 2.4, 0), 0.03, 0.02, scene.material(grey(0.8)), 0)


def rock(scene: Scene, position, yaw: float = 0.0) -> None:
    """Rocks."""
    rng = scene.rng
    colour = hsv(rng.uniform(0.03, 0.12), rng.uniform(0.02, 0.3), rng.uniform(0.2, 0.7))
    stone = scene.material(colour, colour * 0.5, "cloud", 5, bump=1.0, bump_scale=6)
    with scene.thing("outdoors", position, turn(y=yaw)):
        for _ in range(rng.integers(1, 5)):
            half = rng.uniform(0.15, 0.7, 3)
            scene.box(
                vec(rng.normal(0, 0.6), half[1] * 0.6, rng.normal(0, 0.4)),
                half,
                stone,
                turn(*rng.uniform(-0.5, 0.5, 3)),
                0.12,
                0.1,
            )


STREET = (road_sign, traffic_light, hydrant, bench, lamp_post, fence)
GREEN = (tree, tree, tree, bush, bush, rock, fence)
