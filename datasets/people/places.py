"""Where a picture is taken: ground, walls, light, and what stands about behind the subject.

The camera looks from +z towards the origin; clutter stands at z < 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

from datasets.people.colours import any_colour, grey, hsv
from datasets.people.scene import Scene, vec
from datasets.people.things import furniture, objects, outdoors, vehicles


@dataclass(frozen=True)
class Place:
    """A place in a scene.

    Attributes
    ----------
    name : str
    indoors : bool
    back_m, side_m : float
        Distance of the back and of the side walls from the origin, indoors.
    backdrop : str
        A style of `backdrop.scenery`, outdoors.
    ground : int
        Material.
    """

    name: str
    indoors: bool
    back_m: float = 0.0
    side_m: float = 0.0
    backdrop: str = "hills"
    ground: int = 0


# sRGB hue, saturation and value ranges of the ground; pattern; its scale; backdrops.
_GROUNDS = {
    "street": ((0, 1), (0, 0.08), (0.3, 0.65), "cloud", 3, ("city", "city", "woods")),
    "pavement": ((0.05, 0.12), (0, 0.2), (0.4, 0.8), "tiles", 1.2, ("city", "woods")),
    "park": ((0.2, 0.33), (0.3, 0.75), (0.25, 0.6), "leaves", 30, ("woods", "hills", "city")),
    "savanna": ((0.1, 0.3), (0.2, 0.6), (0.3, 0.7), "leaves", 22, ("hills", "woods", "mountains")),
    "beach": ((0.09, 0.12), (0.15, 0.4), (0.65, 0.92), "cloud", 1.5, ("sea", "sea", "hills")),
    "snow": ((0.55, 0.65), (0, 0.08), (0.85, 1), "cloud", 1, ("woods", "mountains", "hills")),
    "water": ((0.48, 0.6), (0.2, 0.7), (0.25, 0.7), "cloud", 2.5, ("sea", "sea", "mountains")),
    "grass court": ((0.22, 0.36), (0.4, 0.8), (0.3, 0.6), "lines", 0.25, ("woods", "city")),
    "clay court": ((0.02, 0.07), (0.45, 0.8), (0.45, 0.8), "lines", 0.2, ("woods", "city")),
    "blue court": ((0.53, 0.62), (0.4, 0.8), (0.4, 0.75), "lines", 0.2, ("woods", "city")),
    "sand field": ((0.05, 0.1), (0.25, 0.5), (0.45, 0.75), "cloud", 2, ("woods", "city")),
    "air": ((0, 1), (0, 0.1), (0.4, 0.7), "cloud", 1, ("hills", "sea")),
}
_CLUTTER: dict[str, tuple[Callable, ...]] = {
    "street": (
        *outdoors.STREET,
        outdoors.tree,
        vehicles.car,
        vehicles.car,
        vehicles.coach,
        vehicles.bicycle,
    ),
    "pavement": (*outdoors.STREET, outdoors.tree, vehicles.car, vehicles.bicycle, outdoors.parasol),
    "park": (*outdoors.GREEN, outdoors.bench, outdoors.lamp_post),
    "savanna": outdoors.GREEN,
    "snow": (outdoors.tree, outdoors.tree, outdoors.rock, outdoors.fence),
    "beach": (outdoors.parasol, outdoors.rock, outdoors.tree, vehicles.boat),
    "water": (vehicles.boat, outdoors.rock),
    "living": furniture.LIVING,
    "kitchen": furniture.KITCHEN,
    "bathroom": furniture.BATHROOM,
    "bedroom": furniture.BEDROOM,
    "office": furniture.OFFICE,
}
OUTDOORS, ROOMS = tuple(_GROUNDS), ("living", "kitchen", "bathroom", "bedroom", "office", "hall")


def place(scene: Scene, name: str) -> Place:
    """Lay the ground and raise the walls of a place of `OUTDOORS` or `ROOMS`."""
    return _room(scene, name) if name in ROOMS else _open_air(scene, name)


def anywhere(scene: Scene) -> Place:
    """A place where people are often seen."""
    names = (
        "street",
        "pavement",
        "park",
        "beach",
        "snow",
        "savanna",
        "living",
        "kitchen",
        "office",
        "hall",
        "bedroom",
    )
    shares = (0.17, 0.12, 0.16, 0.07, 0.05, 0.05, 0.12, 0.08, 0.07, 0.07, 0.04)
    return place(scene, str(scene.rng.choice(names, p=shares)))


def _open_air(scene: Scene, name: str) -> Place:
    rng = scene.rng
    *ranges, pattern, scale, backdrops = _GROUNDS[name]
    colour = hsv(*(rng.uniform(*limits) for limits in ranges))
    second = grey(0.93) if pattern == "lines" else colour * rng.uniform(0.5, 0.85)
    bump = 0.8 if name in ("water", "snow", "beach", "savanna", "park") else 0.2
    ground = scene.material(
        colour,
        second,
        pattern,
        scale * rng.uniform(0.7, 1.4),
        bump=bump,
        bump_scale=rng.uniform(2, 9),
        gloss=0.4 if name == "water" else 0.02,
    )
    if name != "air":
        scene.plane((0, 1, 0), 0, ground)
    return Place(name, False, backdrop=str(rng.choice(backdrops)), ground=ground)


def _room(scene: Scene, name: str) -> Place:
    rng = scene.rng
    back, side = rng.uniform(0.9, 3.5), rng.uniform(1.5, 4)
    floor_colour = hsv(rng.uniform(0.03, 0.12), rng.uniform(0.05, 0.6), rng.uniform(0.25, 0.85))
    tiled = name in ("bathroom", "kitchen")
    kind = str(
        rng.choice(
            ("tiles", "planks", "cloud", "plain"),
            p=(0.6, 0.2, 0.1, 0.1) if tiled else (0.15, 0.45, 0.25, 0.15),
        )
    )
    floor = scene.material(
        floor_colour,
        floor_colour * rng.uniform(0.4, 0.9),
        kind,
        rng.uniform(1.5, 7),
        gloss=0.15,
        shine=25,
    )
    colour = hsv(
        rng.random() if rng.random() < 0.5 else 0.1,
        rng.uniform(0, 0.45),
        rng.uniform(0.2, 0.97) if name != "hall" else rng.uniform(0.03, 0.4),
    )
    paper = str(
        rng.choice(
            ("plain", "cloud", "stripes", "tiles", "brick", "spots"),
            p=(0.2, 0.1, 0.05, 0.6, 0.03, 0.02) if tiled else (0.55, 0.22, 0.08, 0.04, 0.06, 0.05),
        )
    )
    wall = scene.material(colour, colour * rng.uniform(0.7, 0.97), paper, rng.uniform(2, 16))
    for normal, offset, material in (
        ((0, 1, 0), 0.0, floor),
        ((0, 0, 1), back, wall),
        ((1, 0, 0), side, wall),
        ((-1, 0, 0), side, wall),
        ((0, -1, 0), 2.7, scene.material(grey(rng.uniform(0.75, 0.97)))),
    ):
        scene.plane(normal, offset, material)
    return Place(name, True, back, side, ground=floor)


def clutter(scene: Scene, where: Place, count: int) -> None:
    """Stand things about behind the subject, and pictures and windows on the wall."""
    rng, makers = scene.rng, _CLUTTER.get(where.name, ())
    for _ in range(count if makers else 0):
        make, yaw = makers[rng.integers(len(makers))], rng.normal(0, 0.5)
        if where.indoors:
            deep = max(where.back_m - 0.35, 0.5)
            spot = vec(
                rng.uniform(-1, 1) * min(where.side_m, 2.2), 0, -rng.uniform(0.5 * deep, deep)
            )
        else:
            far = 5.0 if make in (vehicles.car, vehicles.coach) else 2.0
            spot = vec(rng.uniform(-4.5, 4.5), 0, -rng.uniform(far, far + 7))
            yaw = rng.uniform(0, 6.28)
        make(scene, spot, yaw)
    if where.indoors:
        _hang_pictures(scene, where, int(rng.integers(0, 5)))
    elif where.backdrop == "city":
        for _ in range(rng.integers(0, 4)):
            outdoors.building(
                scene, vec(rng.uniform(-8, 8), 0, -rng.uniform(8, 16)), rng.normal(0, 0.1)
            )
    elif where.backdrop == "woods" and where.name != "water":
        for _ in range(rng.integers(0, 5)):
            outdoors.tree(
                scene, vec(rng.uniform(-8, 8), 0, -rng.uniform(5, 14)), height=rng.uniform(4, 10)
            )


def _hang_pictures(scene: Scene, where: Place, count: int) -> None:
    rng = scene.rng
    for _ in range(count):
        w, h, bright = rng.uniform(0.12, 0.6), rng.uniform(0.15, 0.7), rng.random() < 0.3
        centre = vec(
            rng.uniform(-1, 1) * min(where.side_m, 2), rng.uniform(1.1, 2), 0.02 - where.back_m
        )
        kind = str(rng.choice(("plain", "cloud", "spots", "bars", "crumbs")))
        inside = scene.material(
            any_colour(rng, (0, 0.9)),
            any_colour(rng),
            kind,
            rng.uniform(3, 25),
            gloss=0.2,
            glow=1.5 if bright else 0,
        )
        frame = scene.material(any_colour(rng, (0, 0.5)))
        with scene.thing("furniture", centre):
            scene.box(vec(0, 0, 0), (w + 0.03, h + 0.03, 0.015), frame)
            scene.box(vec(0, 0, 0.012), (w, h, 0.012), inside)


def around_table(scene: Scene, height: float, z: float, half=(0.6, 0.35)) -> None:
    """A laid table in front of the subject."""
    furniture.table(
        scene,
        vec(0, 0, z),
        0,
        height=height,
        half=half,
        things=int(scene.rng.integers(2, 8)),
        kinds=objects.TABLEWARE,
    )
