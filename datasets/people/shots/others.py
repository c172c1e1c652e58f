"""Pictures of everything but people, hard cases included. Each subject chooses its place."""

from collections.abc import Callable

import numpy as np

from datasets.people import places
from datasets.people.colours import any_colour, cloth, grey, hsv
from datasets.people.figure.person import person
from datasets.people.scene import Scene, turn, vec
from datasets.people.shots.shot import Shot, facing
from datasets.people.things import animals, furniture, objects, outdoors, vehicles


def wild_animals(scene: Scene) -> Shot:
    """One to four animals outdoors."""
    rng = scene.rng
    kinds = animals.WILD if rng.random() < 0.55 else animals.FARM
    where = places.place(
        scene,
        str(
            rng.choice(
                ("savanna", "savanna", "park", "snow", "beach"), p=(0.35, 0.25, 0.25, 0.07, 0.08)
            )
        ),
    )
    kind, count = str(rng.choice(kinds)), int(rng.integers(1, 5))
    for i in range(count):
        spot = vec((i - (count - 1) / 2) * rng.uniform(0.9, 1.6), 0, rng.normal(0, 0.7))
        back = animals.quadruped(scene, spot, rng.uniform(0, 6.28), kind, lying=rng.random() < 0.1)
    height = back * (1.9 if kind == "giraffe" else 1.2)
    return Shot(
        where, vec(0, rng.uniform(0.4, 0.65) * height, 0), height * rng.uniform(0.7, 2.2), aside=1.5
    )


def pet(scene: Scene) -> Shot:
    """A dog or cat, indoors on furniture or outdoors."""
    rng = scene.rng
    where = places.place(
        scene,
        str(rng.choice(("living", "bedroom", "bathroom", "kitchen", "park", "street", "beach"))),
    )
    kind = str(rng.choice(animals.PETS))
    height = 0.0
    if where.indoors and rng.random() < 0.6:
        make, height = ((furniture.sofa, 0.42), (furniture.bed, 0.56))[rng.integers(2)]
        make(scene, vec(0, 0, -0.1), 0.0)
    back = animals.quadruped(
        scene, vec(0, height, 0), rng.uniform(0, 6.28), kind, lying=rng.random() < 0.5
    )
    if rng.random() < 0.2:
        animals.quadruped(scene, vec(0.5, height, 0.1), rng.uniform(0, 6.28), kind)
    return Shot(where, vec(0, height + 0.6 * back, 0), rng.uniform(0.45, 1.3), (0.3, 0.25), 0.8)


def birds(scene: Scene) -> Shot:
    """Birds on the ground, on water, or flying."""
    rng = scene.rng
    flying = rng.random() < 0.35
    where = places.place(
        scene, "air" if flying else str(rng.choice(("park", "beach", "water", "street")))
    )
    for _ in range(rng.integers(1, 5)):
        spot = vec(rng.normal(0, 0.3), rng.uniform(0, 0.5) if flying else 0, rng.normal(0, 0.2))
        animals.bird(scene, spot, rng.uniform(0, 6.28), rng.uniform(0.8, 1.6), flying=flying)
    return Shot(
        where, vec(0, 0.25, 0), rng.uniform(0.45, 1.6), (-0.4 if flying else 0.15, 0.15), 2.0
    )


def food(scene: Scene) -> Shot:
    """Dishes on a table, from close by."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("kitchen", "living", "hall", "pavement"))))
    furniture.table(
        scene,
        vec(0, 0, 0),
        rng.normal(0, 0.3),
        half=(rng.uniform(0.4, 0.9), rng.uniform(0.35, 0.6)),
        things=0,
    )
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
    furniture.table(
        scene,
        vec(0, 0, 0),
        rng.normal(0, 0.3),
        half=(rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.5)),
        things=0,
    )
    for i in range(rng.integers(1, 6)):
        at = vec(rng.normal(0, 0.25) * (i > 0), 0.74, rng.normal(0, 0.15) * (i > 0))
        kinds = objects.DESK if rng.random() < 0.7 else objects.ANYTHING
        with scene.thing("object", at, turn(y=rng.normal(0, 0.5))):
            kinds[rng.integers(len(kinds))](scene)
    return Shot(where, vec(0, 0.84, 0), rng.uniform(0.35, 1.0), (0.4, 0.25), 0.6)


def room(scene: Scene) -> Shot:
    """A furnished room without anyone."""
    rng = scene.rng
    name = str(
        rng.choice(
            ("living", "kitchen", "bathroom", "bedroom", "office"), p=(0.27, 0.2, 0.27, 0.18, 0.08)
        )
    )
    where = places.place(scene, name)
    makers = getattr(furniture, name.upper())
    for _ in range(rng.integers(1, 4)):
        make = makers[rng.integers(len(makers))]
        make(scene, vec(rng.uniform(-1.2, 1.2), 0, rng.uniform(-0.8, 0.4)), rng.normal(0, 0.6))
    return Shot(
        where,
        vec(rng.normal(0, 0.3), rng.uniform(0.45, 1.1), -0.2),
        rng.uniform(1.2, 2.9),
        (0.2, 0.2),
        0.5,
    )


def fitting(scene: Scene) -> Shot:
    """One piece of furniture, large."""
    rng = scene.rng
    name = str(
        rng.choice(
            ("living", "kitchen", "bathroom", "bedroom", "office"), p=(0.25, 0.2, 0.35, 0.12, 0.08)
        )
    )
    where = places.place(scene, name)
    makers = getattr(furniture, name.upper())
    makers[rng.integers(len(makers))](scene, vec(0, 0, 0), rng.normal(0, 0.7))
    return Shot(where, vec(0, rng.uniform(0.3, 0.8), 0), rng.uniform(0.8, 1.8), (0.3, 0.25), 0.6)


def on_road(scene: Scene) -> Shot:
    """Cars, buses, trains, bicycles, motorcycles, boats."""
    rng = scene.rng
    make, extent, places_of = (
        (vehicles.car, 2.2, ("street", "pavement", "park")),
        (vehicles.coach, 4.5, ("street", "pavement", "savanna")),
        (vehicles.motorbike, 1.5, ("street", "park")),
        (vehicles.bicycle, 1.5, ("street", "pavement", "park")),
        (vehicles.boat, 3.0, ("water", "water", "beach")),
    )[rng.choice(5, p=(0.27, 0.33, 0.15, 0.12, 0.13))]
    where = places.place(scene, str(rng.choice(places_of)))
    make(scene, vec(0, 0, 0), rng.uniform(0, 6.28))
    if rng.random() < 0.35:
        make(
            scene,
            vec(rng.choice((-1, 1)) * extent * 1.3, 0, rng.uniform(-2, 0)),
            rng.uniform(0, 6.28),
        )
    return Shot(
        where, vec(rng.normal(0, 0.2), 0.32 * extent, 0), extent * rng.uniform(0.7, 1.6), aside=0.6
    )


def in_air(scene: Scene) -> Shot:
    """An airliner on the runway or in the sky, or a kite without anyone."""
    rng = scene.rng
    flying = rng.random() < 0.6
    where = places.place(scene, "air" if flying else "street")
    tilt = turn(*rng.normal(0, 0.2 if flying else 0, 3))
    height = 8.0 if flying else 2.1
    for i in range(int(rng.choice((1, 3), p=(0.8, 0.2)))):
        vehicles.aeroplane(
            scene, vec(6 * i, height + 2 * i, -5 * i), rng.uniform(0, 6.28), tilt=tilt
        )
    return Shot(
        where,
        vec(0, height, 0),
        rng.uniform(6, 30 if flying else 12),
        (-0.5 if flying else 0.05, 0.15),
        2.0,
    )


def street_things(scene: Scene) -> Shot:
    """Signs, lights, hydrants, benches, a clock tower, houses."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("street", "pavement", "park"))))
    kind = rng.random()
    if kind < 0.2:
        make, target, extent = (
            (outdoors.tower if rng.random() < 0.6 else outdoors.building),
            vec(0, rng.uniform(3, 8), 0),
            rng.uniform(6, 14),
        )
    else:
        make = outdoors.STREET[rng.integers(len(outdoors.STREET))]
        height = {
            outdoors.road_sign: 2.0,
            outdoors.traffic_light: 2.6,
            outdoors.lamp_post: 3.6,
        }.get(make, 0.6)
        target, extent = vec(0, height * rng.uniform(0.7, 1.05), 0), rng.uniform(0.9, 2.6)
    make(scene, vec(0, 0, 0), rng.normal(0, 0.4))
    for _ in range(rng.integers(0, 3)):
        outdoors.STREET[rng.integers(len(outdoors.STREET))](
            scene, vec(rng.uniform(-2, 2), 0, rng.uniform(-2.5, -0.5)), rng.normal(0, 0.5)
        )
    return Shot(where, target, extent, (-0.05, 0.15), 0.6)


def landscape(scene: Scene) -> Shot:
    """Open country, sea, snow, an empty street or court."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(places.OUTDOORS[:-1])))
    for _ in range(rng.integers(0, 5)):
        outdoors.GREEN[rng.integers(len(outdoors.GREEN))](
            scene, vec(rng.uniform(-4, 4), 0, rng.uniform(-6, 1)), rng.uniform(0, 6.28)
        )
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
        animals.teddy(
            scene,
            vec(0.4 * i - 0.2, height, rng.normal(0, 0.1)),
            rng.normal(0, 0.5),
            rng.uniform(0.6, 1.2),
        )
    return Shot(where, vec(0, height + 0.33, 0), rng.uniform(0.6, 1.4), (0.15, 0.15))


def statue(scene: Scene) -> Shot:
    """A statue or a shop-window dummy: a human figure of one material, on a plinth."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("park", "pavement", "hall"))))
    colour = (
        grey(rng.uniform(0.35, 0.95)),
        hsv(0.1, 0.4, 0.3),
        hsv(0.4, 0.25, 0.45),
        hsv(0.11, 0.7, 0.75),
    )[rng.choice(4, p=(0.5, 0.2, 0.15, 0.15))]
    stone = scene.material(
        colour, colour * 0.7, "cloud", 6, gloss=rng.uniform(0, 0.5), bump=0.3, bump_scale=20
    )
    plinth = rng.uniform(0.2, 1.2)
    who = person(
        scene,
        vec(0, 0, 0),
        facing(scene),
        legs=str(rng.choice(("stand", "walk", "sit", "lunge"))),
        seat_m=0.05,
        lift_m=plinth,
        statue=stone,
    )
    with scene.thing("outdoors"):
        scene.box(vec(0, plinth / 2, 0), (0.45, plinth / 2, 0.45), stone)
    extent = rng.uniform(0.9, 2.6) * who.scale
    return Shot(where, who.pelvis + vec(0, 0.25, 0) * who.scale, extent, (-0.05, 0.15))


def poster(scene: Scene) -> Shot:
    """A picture of a head and shoulders on a wall or a screen: flat, not a person."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("living", "office", "hall", "bedroom"))))
    size, height = rng.uniform(0.6, 1.3), rng.uniform(1.2, 1.6)
    skin, hair = (
        scene.material(hsv(0.07, rng.uniform(0.2, 0.6), rng.uniform(0.35, 0.95))),
        scene.material(grey(rng.uniform(0.05, 0.5))),
    )
    back = scene.material(any_colour(rng), any_colour(rng), "cloud", 4)
    with scene.thing("figure", vec(0, height, 0.03 - where.back_m), size=size):
        scene.box(vec(0, 0, -0.015), (0.34, 0.42, 0.01), scene.material(any_colour(rng, (0, 0.5))))
        scene.box(vec(0, 0, 0), (0.31, 0.39, 0.005), back)
        scene.ball(vec(0, -0.33, 0), (0.22, 0.16, 0.012), cloth(scene), 0)
        scene.ball(vec(0, 0.06, 0), (0.12, 0.16, 0.015), hair, 0)
        scene.ball(vec(0, 0.02, 0.005), (0.1, 0.14, 0.018), skin, 0)
    furniture.sofa(scene, vec(rng.normal(0, 0.4), 0, 0.5 - where.back_m), 0.0)
    return Shot(
        where,
        vec(rng.normal(0, 0.2), height - rng.uniform(0, 0.4), 0.03 - where.back_m),
        rng.uniform(1.4, 2.6),
        (0.05, 0.1),
    )


OTHERS: dict[Callable, float] = {
    wild_animals: 0.14,
    pet: 0.08,
    birds: 0.05,
    food: 0.16,
    desk_things: 0.06,
    room: 0.12,
    fitting: 0.07,
    on_road: 0.13,
    in_air: 0.05,
    street_things: 0.1,
    landscape: 0.05,
    toys: 0.03,
    statue: 0.02,
    poster: 0.01,
}
