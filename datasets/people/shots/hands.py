"""Pictures of hands; the rest of the person is outside them."""

import numpy as np

from datasets.people import places
from datasets.people.figure.hand import hand, random_arm
from datasets.people.scene import Scene, turn, vec
from datasets.people.shots.shot import Shot
from datasets.people.things import furniture, objects

HELD = (objects.phone, objects.cup, objects.bottle, objects.sandwich, objects.fruit)


def hands_at_table(scene: Scene) -> Shot:
    """One or two hands at something on a table."""
    rng = scene.rng
    rooms = ("kitchen", "living", "office", "hall", "pavement", "park")
    where = places.place(scene, str(rng.choice(rooms)))
    half = (rng.uniform(0.4, 0.9), rng.uniform(0.35, 0.6))
    furniture.table(scene, vec(0, 0, 0), rng.normal(0, 0.3), half=half, things=0)
    kinds = objects.EDIBLE if rng.random() < 0.6 else objects.DESK
    objects.put(scene, kinds[rng.integers(len(kinds))], vec(0, 0.74, 0))
    for _ in range(rng.integers(0, 5)):
        angle, away = rng.uniform(0, 6.28), rng.uniform(0.22, 0.45)
        at = vec(away * np.cos(angle), 0.74, away * np.sin(angle) * 0.7)
        objects.put(scene, objects.TABLEWARE[rng.integers(len(objects.TABLEWARE))], at)
    arm, towards = random_arm(scene), rng.uniform(0, 6.28)
    for side in (-1, 1)[: 2 if rng.random() < 0.5 else 1]:
        rotation = turn(x=rng.uniform(0.15, 0.9), y=towards - side * rng.uniform(0.2, 0.7))
        tips = vec(rng.normal(0, 0.05), rng.uniform(0.76, 0.86), rng.normal(0, 0.05))
        wrist = tips - rotation @ vec(0, 0, 0.15)
        roll = rotation @ turn(z=rng.normal(0, 0.5))
        hand(scene, arm, wrist, roll, side=side, curl=rng.uniform(0.1, 0.8))
    target = vec(rng.normal(0, 0.05), 0.79, rng.normal(0, 0.03))
    return Shot(where, target, rng.uniform(0.28, 0.6), (0.7, 0.3), 1.5)


def hand_holding(scene: Scene) -> Shot:
    """A hand that holds something up to the camera."""
    rng, where = scene.rng, places.anywhere(scene)
    at = vec(0, rng.uniform(1.0, 1.4), 0)
    rotation = turn(rng.uniform(-1.5, 0.2), rng.uniform(0, 6.28), rng.normal(0, 0.4))
    hand(
        scene,
        random_arm(scene),
        at,
        rotation,
        side=int(rng.choice((-1, 1))),
        curl=rng.uniform(0.2, 0.9),
    )
    with scene.thing(
        "object", at + rotation @ vec(0, -0.05, 0.09), turn(*rng.uniform(-0.5, 0.5, 3))
    ):
        HELD[rng.integers(len(HELD))](scene)
    return Shot(where, at + rotation @ vec(0, 0, 0.06), rng.uniform(0.24, 0.5), (0.15, 0.3), 1.0)
