"""What a picture is of: people doing things, or everything else. Each subject chooses its place."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import animals
import furniture
import held
import objects
import outdoors
import places
import vehicles
from colours import any_colour, cloth, grey, hsv
from person import Placed, person
from scene import Scene, turn, vec


@dataclass(frozen=True)
class Shot:
    """What the camera is pointed at.

    Attributes
    ----------
    where : Place
    target : point, metres
    extent_m : float
        Height of the scene that fills the picture.
    lift : (mean, spread)
        Angle from which the camera looks down, radians.
    aside : float
        Spread of the angle from which it looks, about the front.
    """

    where: places.Place
    target: np.ndarray
    extent_m: float
    lift: tuple[float, float] = (0.08, 0.16)
    aside: float = 0.4


# ---- people ----------------------------------------------------------------------------------

FRAMES = ("full", "half", "portrait", "close", "far")


def _frame(scene: Scene, where, people: list[Placed], shares=(0.4, 0.27, 0.2, 0.05, 0.08), **angles) -> Shot:
    """Choose how much of the first person, or of all, to show."""
    rng, who = scene.rng, people[0]
    frame = str(rng.choice(FRAMES, p=shares))
    up = who.head - who.pelvis
    target, extent = {
        "full": (who.pelvis + vec(0, 0.03, 0), rng.uniform(1.75, 2.7)),
        "half": (who.pelvis + 0.62 * up, rng.uniform(0.95, 1.4)),
        "portrait": (who.head - vec(0, 0.1, 0), rng.uniform(0.5, 0.85)),
        "close": (who.head, rng.uniform(0.34, 0.48)),
        "far": (who.pelvis + vec(0, 0.2, 0), rng.uniform(2.7, 3.8)),
    }[frame]
    if len(people) > 1 and frame in ("full", "half", "far"):
        middle = np.mean([one.pelvis for one in people], axis=0)
        target = np.array((middle[0], target[1], target[2]))
        extent = extent * (1 + 0.12 * (len(people) - 1))
    extent *= who.scale
    shift = vec(rng.normal(0, 0.13), rng.normal(0, 0.06), 0) * extent
    return Shot(where, target + shift, extent, **angles)


def _yaw(scene: Scene, spread: float = 0.6, away: float = 0.22) -> float:
    """Mostly towards the camera, sometimes any way."""
    rng = scene.rng
    return rng.uniform(-np.pi, np.pi) if rng.random() < away else rng.normal(0, spread)


def _carry(scene: Scene, who: Placed, chance: float = 0.3) -> None:
    if scene.rng.random() < chance:
        held.CARRIED[scene.rng.integers(len(held.CARRIED))](scene, who)


def _anywhere(scene: Scene) -> places.Place:
    names = ("street", "pavement", "park", "beach", "snow", "savanna", "living", "kitchen", "office", "hall", "bedroom")
    shares = (0.17, 0.12, 0.16, 0.07, 0.05, 0.05, 0.12, 0.08, 0.07, 0.07, 0.04)
    return places.place(scene, str(scene.rng.choice(names, p=shares)))


def standing(scene: Scene) -> Shot:
    """One person, standing or walking."""
    where = _anywhere(scene)
    legs = str(scene.rng.choice(("stand", "walk", "run", "crouch"), p=(0.62, 0.26, 0.06, 0.06)))
    who = person(scene, vec(0, 0, 0), _yaw(scene), legs=legs)
    _carry(scene, who, 0.4)
    return _frame(scene, where, [who])


def portrait(scene: Scene) -> Shot:
    """Head and shoulders."""
    where = _anywhere(scene)
    who = person(scene, vec(0, 0, 0), _yaw(scene, 0.4, 0.04), legs="stand")
    _carry(scene, who, 0.3)
    return _frame(scene, where, [who], shares=(0, 0.15, 0.6, 0.25, 0))


def group(scene: Scene) -> Shot:
    """Two to five people side by side, perhaps a second row."""
    rng, where = scene.rng, _anywhere(scene)
    count, gap = int(rng.integers(2, 6)), rng.uniform(0.45, 0.9)
    legs = str(rng.choice(("stand", "stand", "walk", "sit")))
    people = []
    for i in range(count):
        spot = vec((i - (count - 1) / 2) * gap, 0, rng.normal(0, 0.25))
        people.append(person(scene, spot, _yaw(scene, 0.5, 0.12), legs=legs if rng.random() < 0.8 else "stand"))
    if rng.random() < 0.25:
        for i in range(count):
            person(scene, vec((i - count / 2) * gap, 0, -0.9), _yaw(scene, 0.4, 0.1), lift_m=0.25)
    rng.shuffle(people)
    return _frame(scene, where, people, shares=(0.5, 0.35, 0.1, 0, 0.05))


def at_table(scene: Scene) -> Shot:
    """One to three people eating."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("kitchen", "living", "hall", "pavement", "park"))))
    count = int(rng.choice((1, 2, 3), p=(0.5, 0.35, 0.15)))
    people = []
    for i in range(count):
        spot = vec((i - (count - 1) / 2) * 0.75, 0, 0)
        arms = str(rng.choice(("eat", "hold", "down", "cross")))
        people.append(person(scene, spot, _yaw(scene, 0.4, 0.05), legs="sit", arms=arms))
        furniture.chair(scene, spot, 0.0)
    places.around_table(scene, rng.uniform(0.68, 0.78), 0.62, (0.4 + 0.3 * count, 0.3))
    return _frame(scene, where, people, shares=(0.15, 0.5, 0.3, 0.05, 0), lift=(0.2, 0.15))


def at_desk(scene: Scene) -> Shot:
    """Someone at a computer."""
    where = places.place(scene, str(scene.rng.choice(("office", "living", "bedroom"))))
    who = person(scene, vec(0, 0, 0), scene.rng.normal(0, 0.3), legs="sit", arms="hold")
    furniture.chair(scene, vec(0, 0, 0), 0.0)
    furniture.table(scene, vec(0, 0, 0.6), np.pi, height=0.7, half=(0.6, 0.28), kinds=objects.DESK)
    return _frame(scene, where, [who], shares=(0.25, 0.45, 0.25, 0.05, 0), lift=(0.2, 0.2), aside=0.8)


def on_sofa(scene: Scene) -> Shot:
    """Someone on a sofa, chair, bed or bench, perhaps with a pet."""
    rng = scene.rng
    outside = rng.random() < 0.3
    where = places.place(scene, str(rng.choice(("park", "street", "beach") if outside else ("living", "bedroom", "hall"))))
    people = [person(scene, vec(x, 0, 0), rng.normal(0, 0.3), legs="sit", seat_m=0.45) for x in (0, 0.6)[: rng.integers(1, 3)]]
    (outdoors.bench if outside else furniture.sofa)(scene, vec(0.25, 0, -0.02), 0.0)
    if rng.random() < 0.2:
        animals.quadruped(scene, vec(-0.8, 0, 0.4), rng.uniform(0, 6), str(rng.choice(animals.PETS)))
    return _frame(scene, where, people, shares=(0.45, 0.35, 0.15, 0.05, 0))


def at_court(scene: Scene) -> Shot:
    """Tennis, baseball, football."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("grass court", "clay court", "blue court", "sand field", "park"))))
    legs = str(rng.choice(("lunge", "run", "stand", "board"), p=(0.45, 0.25, 0.15, 0.15)))
    who = person(scene, vec(0, 0, 0), _yaw(scene, 1.0, 0.3), legs=legs, arms="swing" if rng.random() < 0.7 else "free", lift_m=max(0, rng.normal(0, 0.12)))
    (held.racket, held.bat, held.ball)[rng.integers(3)](scene, who)
    others = [person(scene, vec(rng.uniform(-2, 2), 0, -rng.uniform(1, 4)), _yaw(scene, 1, 0.5), legs="stand") for _ in range(rng.integers(0, 3))]
    return _frame(scene, where, [who, *others][:1], shares=(0.68, 0.14, 0.05, 0, 0.13), lift=(0.15, 0.15))


def on_snow(scene: Scene) -> Shot:
    """Skiing or snowboarding."""
    rng, where = scene.rng, places.place(scene, "snow")
    ski = rng.random() < 0.5
    who = person(scene, vec(0, 0, 0), _yaw(scene, 0.9, 0.3), legs=str(rng.choice(("board", "stand", "lunge"))), arms="hold" if ski else str(rng.choice(("wide", "free", "down"))), lift_m=max(0.08, rng.normal(0, 0.2)))
    held.skis(scene, who) if ski else held.board(scene, who, 0.75, 0.14)
    return _frame(scene, where, [who], shares=(0.7, 0.12, 0.05, 0, 0.13), lift=(0.05, 0.15))


def surfing(scene: Scene) -> Shot:
    """On a surfboard, before a wave."""
    rng, where = scene.rng, places.place(scene, "water")
    who = person(scene, vec(0, 0, 0), _yaw(scene, 1.2, 0.3), legs=str(rng.choice(("board", "crouch"))), arms=str(rng.choice(("wide", "free"))), lift_m=0.15)
    held.board(scene, who, 1.0, 0.26)
    foam = scene.material(grey(0.95), (0.5, 0.7, 0.8), "cloud", 3, bump=1.0, bump_scale=6)
    with scene.thing("outdoors", vec(0, 0, -0.9), turn(y=rng.normal(0, 0.3))):
        for x in np.arange(-3, 3.1, 0.6):
            scene.ball(vec(x, 0.2, 0), (0.6, rng.uniform(0.3, 0.9), 0.5), foam if rng.random() < 0.6 else where.ground, 0.3)
    return _frame(scene, where, [who], shares=(0.75, 0.1, 0, 0, 0.15), lift=(0.1, 0.1))


def skating(scene: Scene) -> Shot:
    """On a skateboard, perhaps in the air."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("street", "pavement"))))
    who = person(scene, vec(0, 0, 0), _yaw(scene, 1.2, 0.3), legs=str(rng.choice(("board", "crouch", "lunge"))), arms=str(rng.choice(("wide", "free"))), lift_m=0.1 + max(0, rng.normal(0, 0.4)))
    held.board(scene, who, 0.4, 0.1)
    return _frame(scene, where, [who], shares=(0.75, 0.15, 0, 0, 0.1), lift=(-0.05, 0.15))


def riding(scene: Scene) -> Shot:
    """On a horse, elephant, motorcycle or bicycle."""
    rng = scene.rng
    mount = str(rng.choice(("horse", "motorbike", "bicycle", "elephant"), p=(0.3, 0.36, 0.28, 0.06)))
    road = mount in ("motorbike", "bicycle")
    where = places.place(scene, str(rng.choice(("street", "pavement", "park") if road else ("park", "savanna", "beach"))))
    yaw = rng.uniform(-np.pi, np.pi)
    if road:
        getattr(vehicles, mount)(scene, vec(0, 0, 0), yaw)
        seat = 0.8
    else:
        seat = animals.quadruped(scene, vec(0, 0, 0), yaw, mount) - 0.08
    back = turn(y=yaw) @ vec(0, 0, -0.2)
    who = person(scene, back, yaw, legs="ride", arms="bars", seat_m=seat)
    shot = _frame(scene, where, [who], shares=(0.72, 0.18, 0.05, 0, 0.05), aside=0.8)
    return Shot(where, shot.target - vec(0, 0.15, 0), shot.extent_m * 1.15, shot.lift, shot.aside)


def on_beach(scene: Scene) -> Shot:
    """By the sea or in a park: kites, balls, sitting in the sand."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("beach", "beach", "park", "savanna"))))
    legs = str(rng.choice(("stand", "walk", "run", "sit", "crouch")))
    who = person(scene, vec(0, 0, 0), _yaw(scene, 1.0, 0.35), legs=legs, seat_m=0.05)
    (held.kite, held.ball, held.umbrella)[rng.integers(3)](scene, who)
    return _frame(scene, where, [who], shares=(0.6, 0.18, 0.1, 0, 0.12))


def in_rain(scene: Scene) -> Shot:
    """Under an umbrella."""
    where = places.place(scene, str(scene.rng.choice(("street", "pavement", "park"))))
    who = person(scene, vec(0, 0, 0), _yaw(scene, 0.8, 0.3), legs=str(scene.rng.choice(("stand", "walk"))), arms="hold")
    held.umbrella(scene, who)
    return _frame(scene, where, [who], shares=(0.55, 0.3, 0.1, 0, 0.05))


def with_animal(scene: Scene) -> Shot:
    """With a dog, horse, cow, elephant."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("park", "savanna", "street", "living"))))
    kinds = animals.PETS if where.indoors else ("dog", "dog", "horse", "cow", "elephant")
    who = person(scene, vec(0, 0, 0), _yaw(scene, 0.7), legs=str(rng.choice(("stand", "walk", "crouch"))))
    animals.quadruped(scene, vec(rng.choice((-1, 1)) * rng.uniform(0.6, 1.2), 0, rng.uniform(-0.8, 0.4)), rng.uniform(0, 6), str(rng.choice(kinds)))
    return _frame(scene, where, [who], shares=(0.65, 0.25, 0.05, 0, 0.05))


def crowd(scene: Scene) -> Shot:
    """Many people at different distances."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("street", "pavement", "park", "hall", "beach"))))
    people = []
    for _ in range(rng.integers(5, 11)):
        spot = vec(rng.uniform(-1.8, 1.8), 0, rng.uniform(-3, 0.6))
        people.append(person(scene, spot, _yaw(scene, 0.8, 0.5), legs=str(rng.choice(("stand", "walk", "walk")))))
    people.sort(key=lambda one: -one.pelvis[2])
    return _frame(scene, where, people[:2], shares=(0.5, 0.35, 0, 0, 0.15), lift=(0.12, 0.12))


PEOPLE: dict[Callable, float] = {
    standing: 0.19, portrait: 0.12, group: 0.12, at_table: 0.1, at_desk: 0.04, on_sofa: 0.06, at_court: 0.09,
    on_snow: 0.05, surfing: 0.03, skating: 0.04, riding: 0.06, on_beach: 0.03, in_rain: 0.02, with_animal: 0.03,
    crowd: 0.02,
}  # fmt: skip

# ---- everything else ---------------------------------------------------------------------------


def wild_animals(scene: Scene) -> Shot:
    """One to four animals outdoors."""
    rng = scene.rng
    kinds = animals.WILD if rng.random() < 0.55 else animals.FARM
    where = places.place(scene, str(rng.choice(("savanna", "savanna", "park", "snow", "beach"), p=(0.35, 0.25, 0.25, 0.07, 0.08))))
    kind, count = str(rng.choice(kinds)), int(rng.integers(1, 5))
    for i in range(count):
        spot = vec((i - (count - 1) / 2) * rng.uniform(0.9, 1.6), 0, rng.normal(0, 0.7))
        back = animals.quadruped(scene, spot, rng.uniform(0, 6.28), kind, lying=rng.random() < 0.1)
    height = back * (1.9 if kind == "giraffe" else 1.2)
    return Shot(where, vec(0, rng.uniform(0.4, 0.65) * height, 0), height * rng.uniform(0.7, 2.2), aside=1.5)


def pet(scene: Scene) -> Shot:
    """A dog or cat, indoors on furniture or outdoors."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("living", "bedroom", "bathroom", "kitchen", "park", "street", "beach"))))
    kind = str(rng.choice(animals.PETS))
    height = 0.0
    if where.indoors and rng.random() < 0.6:
        make, height = ((furniture.sofa, 0.42), (furniture.bed, 0.56))[rng.integers(2)]
        make(scene, vec(0, 0, -0.1), 0.0)
    back = animals.quadruped(scene, vec(0, height, 0), rng.uniform(0, 6.28), kind, lying=rng.random() < 0.5)
    if rng.random() < 0.2:
        animals.quadruped(scene, vec(0.5, height, 0.1), rng.uniform(0, 6.28), kind)
    return Shot(where, vec(0, height + 0.6 * back, 0), rng.uniform(0.45, 1.3), (0.3, 0.25), 0.8)


def birds(scene: Scene) -> Shot:
    """Birds on the ground, on water, or flying."""
    rng = scene.rng
    flying = rng.random() < 0.35
    where = places.place(scene, "air" if flying else str(rng.choice(("park", "beach", "water", "street"))))
    for _ in range(rng.integers(1, 5)):
        spot = vec(rng.normal(0, 0.3), rng.uniform(0, 0.5) if flying else 0, rng.normal(0, 0.2))
        animals.bird(scene, spot, rng.uniform(0, 6.28), rng.uniform(0.8, 1.6), flying=flying)
    return Shot(where, vec(0, 0.25, 0), rng.uniform(0.45, 1.6), (-0.4 if flying else 0.15, 0.15), 2.0)


def food(scene: Scene) -> Shot:
    """Dishes on a table, from close by."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("kitchen", "living", "hall", "pavement"))))
    furniture.table(scene, vec(0, 0, 0), rng.normal(0, 0.3), half=(rng.uniform(0.4, 0.9), rng.uniform(0.35, 0.6)), things=0)
    dish = objects.EDIBLE[rng.integers(len(objects.EDIBLE))]
    objects.put(scene, dish, vec(0, 0.74, 0), rng.uniform(0.9, 1.3))
    for _ in range(rng.integers(0, 6)):
        angle, away = rng.uniform(0, 6.28), rng.uniform(0.22, 0.45)
        at = vec(away * np.cos(angle), 0.74, away * np.sin(angle) * 0.7)
        objects.put(scene, objects.TABLEWARE[rng.integers(len(objects.TABLEWARE))], at)
    return Shot(where, vec(rng.normal(0, 0.04), 0.77, 0), rng.uniform(0.25, 0.65), (0.75, 0.3), 1.5)


def desk_things(scene: Scene) -> Shot:
    """Computers, phones, books, vases on a table."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("office", "living", "bedroom"))))
    furniture.table(scene, vec(0, 0, 0), rng.normal(0, 0.3), half=(rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.5)), things=0)
    for i in range(rng.integers(1, 6)):
        at = vec(rng.normal(0, 0.25) * (i > 0), 0.74, rng.normal(0, 0.15) * (i > 0))
        kinds = objects.DESK if rng.random() < 0.7 else objects.ANYTHING
        with scene.thing("object", at, turn(y=rng.normal(0, 0.5))):
            kinds[rng.integers(len(kinds))](scene)
    return Shot(where, vec(0, 0.84, 0), rng.uniform(0.35, 1.0), (0.4, 0.25), 0.6)


def room(scene: Scene) -> Shot:
    """A furnished room without anyone."""
    rng = scene.rng
    name = str(rng.choice(("living", "kitchen", "bathroom", "bedroom", "office"), p=(0.27, 0.2, 0.27, 0.18, 0.08)))
    where = places.place(scene, name)
    makers = getattr(furniture, name.upper())
    for _ in range(rng.integers(1, 4)):
        make = makers[rng.integers(len(makers))]
        make(scene, vec(rng.uniform(-1.2, 1.2), 0, rng.uniform(-0.8, 0.4)), rng.normal(0, 0.6))
    return Shot(where, vec(rng.normal(0, 0.3), rng.uniform(0.45, 1.1), -0.2), rng.uniform(1.2, 2.9), (0.2, 0.2), 0.5)


def fitting(scene: Scene) -> Shot:
    """One piece of furniture, large."""
    rng = scene.rng
    name = str(rng.choice(("living", "kitchen", "bathroom", "bedroom", "office"), p=(0.25, 0.2, 0.35, 0.12, 0.08)))
    where = places.place(scene, name)
    makers = getattr(furniture, name.upper())
    makers[rng.integers(len(makers))](scene, vec(0, 0, 0), rng.normal(0, 0.7))
    return Shot(where, vec(0, rng.uniform(0.3, 0.8), 0), rng.uniform(0.8, 1.8), (0.3, 0.25), 0.6)


def on_road(scene: Scene) -> Shot:
    """Cars, buses, trains, bicycles, motorcycles, boats."""
    rng = scene.rng
    make, extent, places_of = (
        (vehicles.car, 2.2, ("street", "pavement", "park")), (vehicles.coach, 4.5, ("street", "pavement", "savanna")),
        (vehicles.motorbike, 1.5, ("street", "park")), (vehicles.bicycle, 1.5, ("street", "pavement", "park")),
        (vehicles.boat, 3.0, ("water", "water", "beach")),
    )[rng.choice(5, p=(0.27, 0.33, 0.15, 0.12, 0.13))]  # fmt: skip
    where = places.place(scene, str(rng.choice(places_of)))
    make(scene, vec(0, 0, 0), rng.uniform(0, 6.28))
    if rng.random() < 0.35:
        make(scene, vec(rng.choice((-1, 1)) * extent * 1.3, 0, rng.uniform(-2, 0)), rng.uniform(0, 6.28))
    return Shot(where, vec(rng.normal(0, 0.2), 0.32 * extent, 0), extent * rng.uniform(0.7, 1.6), aside=0.6)


def in_air(scene: Scene) -> Shot:
    """An airliner on the runway or in the sky, or a kite without anyone."""
    rng = scene.rng
    flying = rng.random() < 0.6
    where = places.place(scene, "air" if flying else "street")
    tilt = turn(*rng.normal(0, 0.2 if flying else 0, 3))
    height = 8.0 if flying else 2.1
    for i in range(int(rng.choice((1, 3), p=(0.8, 0.2)))):
        vehicles.aeroplane(scene, vec(6 * i, height + 2 * i, -5 * i), rng.uniform(0, 6.28), tilt=tilt)
    return Shot(where, vec(0, height, 0), rng.uniform(6, 30 if flying else 12), (-0.5 if flying else 0.05, 0.15), 2.0)


def street_things(scene: Scene) -> Shot:
    """Signs, lights, hydrants, benches, a clock tower, houses."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("street", "pavement", "park"))))
    kind = rng.random()
    if kind < 0.2:
        make, target, extent = (outdoors.tower if rng.random() < 0.6 else outdoors.building), vec(0, rng.uniform(3, 8), 0), rng.uniform(6, 14)
    else:
        make = outdoors.STREET[rng.integers(len(outdoors.STREET))]
        height = {outdoors.road_sign: 2.0, outdoors.traffic_light: 2.6, outdoors.lamp_post: 3.6}.get(make, 0.6)
        target, extent = vec(0, height * rng.uniform(0.7, 1.05), 0), rng.uniform(0.9, 2.6)
    make(scene, vec(0, 0, 0), rng.normal(0, 0.4))
    for _ in range(rng.integers(0, 3)):
        outdoors.STREET[rng.integers(len(outdoors.STREET))](scene, vec(rng.uniform(-2, 2), 0, rng.uniform(-2.5, -0.5)), rng.normal(0, 0.5))
    return Shot(where, target, extent, (-0.05, 0.15), 0.6)


def landscape(scene: Scene) -> Shot:
    """Open country, sea, snow, an empty street or court."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(places.OUTDOORS[:-1])))
    for _ in range(rng.integers(0, 5)):
        outdoors.GREEN[rng.integers(len(outdoors.GREEN))](scene, vec(rng.uniform(-4, 4), 0, rng.uniform(-6, 1)), rng.uniform(0, 6.28))
    return Shot(where, vec(0, rng.uniform(0.5, 2.5), 0), rng.uniform(1.5, 7), (0.1, 0.15), 3.0)


def toys(scene: Scene) -> Shot:
    """Teddy bears, on a bed, a sofa or the floor."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("living", "bedroom", "hall", "office"))))
    height = 0.0
    if rng.random() < 0.6:
        make, height = ((furniture.sofa, 0.42), (furniture.bed, 0.56))[rng.integers(2)]
        make(scene, vec(0, 0, -0.1), 0.0)
    for i in range(rng.integers(1, 4)):
        animals.teddy(scene, vec(0.4 * i - 0.2, height, rng.normal(0, 0.1)), rng.normal(0, 0.5), rng.uniform(0.6, 1.2))
    return Shot(where, vec(0, height + 0.33, 0), rng.uniform(0.6, 1.4), (0.15, 0.15))


def statue(scene: Scene) -> Shot:
    """A statue or a shop-window dummy: a human figure of one material, on a plinth."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("park", "pavement", "hall"))))
    colour = (grey(rng.uniform(0.35, 0.95)), hsv(0.1, 0.4, 0.3), hsv(0.4, 0.25, 0.45), hsv(0.11, 0.7, 0.75))[rng.choice(4, p=(0.5, 0.2, 0.15, 0.15))]
    stone = scene.material(colour, colour * 0.7, "cloud", 6, gloss=rng.uniform(0, 0.5), bump=0.3, bump_scale=20)
    plinth = rng.uniform(0.2, 1.2)
    who = person(scene, vec(0, 0, 0), _yaw(scene), legs=str(rng.choice(("stand", "walk", "sit", "lunge"))), seat_m=0.05, lift_m=plinth, statue=stone)
    with scene.thing("outdoors"):
        scene.box(vec(0, plinth / 2, 0), (0.45, plinth / 2, 0.45), stone)
    extent = rng.uniform(0.9, 2.6) * who.scale
    return Shot(where, who.pelvis + vec(0, 0.25, 0) * who.scale, extent, (-0.05, 0.15))


def poster(scene: Scene) -> Shot:
    """A picture of a head and shoulders on a wall or a screen: flat, not a person."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("living", "office", "hall", "bedroom"))))
    size, height = rng.uniform(0.6, 1.3), rng.uniform(1.2, 1.6)
    skin, hair = scene.material(hsv(0.07, rng.uniform(0.2, 0.6), rng.uniform(0.35, 0.95))), scene.material(grey(rng.uniform(0.05, 0.5)))
    back = scene.material(any_colour(rng), any_colour(rng), "cloud", 4)
    with scene.thing("figure", vec(0, height, 0.03 - where.back_m), size=size):
        scene.box(vec(0, 0, -0.015), (0.34, 0.42, 0.01), scene.material(any_colour(rng, (0, 0.5))))
        scene.box(vec(0, 0, 0), (0.31, 0.39, 0.005), back)
        scene.ball(vec(0, -0.33, 0), (0.22, 0.16, 0.012), cloth(scene), 0)
        scene.ball(vec(0, 0.06, 0), (0.12, 0.16, 0.015), hair, 0)
        scene.ball(vec(0, 0.02, 0.005), (0.1, 0.14, 0.018), skin, 0)
    furniture.sofa(scene, vec(rng.normal(0, 0.4), 0, 0.5 - where.back_m), 0.0)
    return Shot(where, vec(rng.normal(0, 0.2), height - rng.uniform(0, 0.4), 0.03 - where.back_m), rng.uniform(1.4, 2.6), (0.05, 0.1))


OTHERS: dict[Callable, float] = {
    wild_animals: 0.14, pet: 0.08, birds: 0.05, food: 0.16, desk_things: 0.06, room: 0.12, fitting: 0.07,
    on_road: 0.13, in_air: 0.05, street_things: 0.1, landscape: 0.05, toys: 0.03, statue: 0.02, poster: 0.01,
}  # fmt: skip


def choose(scene: Scene, subjects: dict[Callable, float]) -> Shot:
    """Build one of the subjects, drawn by its share."""
    makers, shares = list(subjects), np.array(list(subjects.values()))
    return makers[scene.rng.choice(len(makers), p=shares / shares.sum())](scene)
