"""Pictures of people doing things. Each subject chooses its place."""

from collections.abc import Callable

import numpy as np

from datasets.people import places
from datasets.people.colours import grey
from datasets.people.figure.person import PersonPoints, person
from datasets.people.scene import Scene, turn, vec
from datasets.people.shots.hands import hand_holding, hands_at_table
from datasets.people.shots.shot import Shot, facing
from datasets.people.things import animals, furniture, held, objects, outdoors, vehicles

FRAMES = ("full", "half", "portrait", "close", "far")


def _frame(
    scene: Scene, where, people: list[PersonPoints], shares=(0.4, 0.27, 0.2, 0.05, 0.08), **angles
) -> Shot:
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
        middle = np.mean([person.pelvis for person in people], axis=0)
        target = np.array((middle[0], target[1], target[2]))
        extent = extent * (1 + 0.12 * (len(people) - 1))
    extent *= who.scale
    shift = vec(rng.normal(0, 0.13), rng.normal(0, 0.06), 0) * extent
    return Shot(where, target + shift, extent, **angles)


def _carry(scene: Scene, who: PersonPoints, chance: float = 0.3) -> None:
    if scene.rng.random() < chance:
        held.CARRIED[scene.rng.integers(len(held.CARRIED))](scene, who)


def standing(scene: Scene) -> Shot:
    """One person, standing or walking."""
    where = places.anywhere(scene)
    legs = str(scene.rng.choice(("stand", "walk", "run", "crouch"), p=(0.62, 0.26, 0.06, 0.06)))
    who = person(scene, vec(0, 0, 0), facing(scene), legs=legs)
    _carry(scene, who, 0.4)
    return _frame(scene, where, [who])


def portrait(scene: Scene) -> Shot:
    """Head and shoulders."""
    where = places.anywhere(scene)
    who = person(scene, vec(0, 0, 0), facing(scene, 0.4, 0.04), legs="stand")
    _carry(scene, who, 0.3)
    return _frame(scene, where, [who], shares=(0, 0.15, 0.6, 0.25, 0))


def group(scene: Scene) -> Shot:
    """Two to five people side by side, perhaps a second row."""
    rng, where = scene.rng, places.anywhere(scene)
    count, gap = int(rng.integers(2, 6)), rng.uniform(0.45, 0.9)
    legs = str(rng.choice(("stand", "stand", "walk", "sit")))
    people = []
    for i in range(count):
        spot = vec((i - (count - 1) / 2) * gap, 0, rng.normal(0, 0.25))
        people.append(
            person(
                scene, spot, facing(scene, 0.5, 0.12), legs=legs if rng.random() < 0.8 else "stand"
            )
        )
    if rng.random() < 0.25:
        for i in range(count):
            person(scene, vec((i - count / 2) * gap, 0, -0.9), facing(scene, 0.4, 0.1), lift_m=0.25)
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
        people.append(person(scene, spot, facing(scene, 0.4, 0.05), legs="sit", arms=arms))
        furniture.chair(scene, spot, 0.0)
    places.around_table(scene, rng.uniform(0.68, 0.78), 0.62, (0.4 + 0.3 * count, 0.3))
    return _frame(scene, where, people, shares=(0.15, 0.5, 0.3, 0.05, 0), lift=(0.2, 0.15))


def at_desk(scene: Scene) -> Shot:
    """Someone at a computer."""
    where = places.place(scene, str(scene.rng.choice(("office", "living", "bedroom"))))
    who = person(scene, vec(0, 0, 0), scene.rng.normal(0, 0.3), legs="sit", arms="hold")
    furniture.chair(scene, vec(0, 0, 0), 0.0)
    furniture.table(scene, vec(0, 0, 0.6), np.pi, height=0.7, half=(0.6, 0.28), kinds=objects.DESK)
    return _frame(
        scene, where, [who], shares=(0.25, 0.45, 0.25, 0.05, 0), lift=(0.2, 0.2), aside=0.8
    )


def on_sofa(scene: Scene) -> Shot:
    """Someone on a sofa, chair, bed or bench, perhaps with a pet."""
    rng = scene.rng
    outside = rng.random() < 0.3
    where = places.place(
        scene,
        str(rng.choice(("park", "street", "beach") if outside else ("living", "bedroom", "hall"))),
    )
    people = [
        person(scene, vec(x, 0, 0), rng.normal(0, 0.3), legs="sit", seat_m=0.45)
        for x in (0, 0.6)[: rng.integers(1, 3)]
    ]
    (outdoors.bench if outside else furniture.sofa)(scene, vec(0.25, 0, -0.02), 0.0)
    if rng.random() < 0.2:
        animals.quadruped(
            scene, vec(-0.8, 0, 0.4), rng.uniform(0, 6), str(rng.choice(animals.PETS))
        )
    return _frame(scene, where, people, shares=(0.45, 0.35, 0.15, 0.05, 0))


def at_court(scene: Scene) -> Shot:
    """Tennis, baseball, football."""
    rng = scene.rng
    where = places.place(
        scene, str(rng.choice(("grass court", "clay court", "blue court", "sand field", "park")))
    )
    legs = str(rng.choice(("lunge", "run", "stand", "board"), p=(0.45, 0.25, 0.15, 0.15)))
    who = person(
        scene,
        vec(0, 0, 0),
        facing(scene, 1.0, 0.3),
        legs=legs,
        arms="swing" if rng.random() < 0.7 else "free",
        lift_m=max(0, rng.normal(0, 0.12)),
    )
    (held.racket, held.bat, held.ball)[rng.integers(3)](scene, who)
    others = [
        person(
            scene,
            vec(rng.uniform(-2, 2), 0, -rng.uniform(1, 4)),
            facing(scene, 1, 0.5),
            legs="stand",
        )
        for _ in range(rng.integers(0, 3))
    ]
    return _frame(
        scene, where, [who, *others][:1], shares=(0.68, 0.14, 0.05, 0, 0.13), lift=(0.15, 0.15)
    )


def on_snow(scene: Scene) -> Shot:
    """Skiing or snowboarding."""
    rng, where = scene.rng, places.place(scene, "snow")
    ski = rng.random() < 0.5
    who = person(
        scene,
        vec(0, 0, 0),
        facing(scene, 0.9, 0.3),
        legs=str(rng.choice(("board", "stand", "lunge"))),
        arms="hold" if ski else str(rng.choice(("wide", "free", "down"))),
        lift_m=max(0.08, rng.normal(0, 0.2)),
    )
    held.skis(scene, who) if ski else held.board(scene, who, 0.75, 0.14)
    return _frame(scene, where, [who], shares=(0.7, 0.12, 0.05, 0, 0.13), lift=(0.05, 0.15))


def surfing(scene: Scene) -> Shot:
    """On a surfboard, before a wave."""
    rng, where = scene.rng, places.place(scene, "water")
    who = person(
        scene,
        vec(0, 0, 0),
        facing(scene, 1.2, 0.3),
        legs=str(rng.choice(("board", "crouch"))),
        arms=str(rng.choice(("wide", "free"))),
        lift_m=0.15,
    )
    held.board(scene, who, 1.0, 0.26)
    foam = scene.material(grey(0.95), (0.5, 0.7, 0.8), "cloud", 3, bump=1.0, bump_scale=6)
    with scene.thing("outdoors", vec(0, 0, -0.9), turn(y=rng.normal(0, 0.3))):
        for x in np.arange(-3, 3.1, 0.6):
            scene.ball(
                vec(x, 0.2, 0),
                (0.6, rng.uniform(0.3, 0.9), 0.5),
                foam if rng.random() < 0.6 else where.ground,
                0.3,
            )
    return _frame(scene, where, [who], shares=(0.75, 0.1, 0, 0, 0.15), lift=(0.1, 0.1))


def skating(scene: Scene) -> Shot:
    """On a skateboard, perhaps in the air."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("street", "pavement"))))
    who = person(
        scene,
        vec(0, 0, 0),
        facing(scene, 1.2, 0.3),
        legs=str(rng.choice(("board", "crouch", "lunge"))),
        arms=str(rng.choice(("wide", "free"))),
        lift_m=0.1 + max(0, rng.normal(0, 0.4)),
    )
    held.board(scene, who, 0.4, 0.1)
    return _frame(scene, where, [who], shares=(0.75, 0.15, 0, 0, 0.1), lift=(-0.05, 0.15))


def riding(scene: Scene) -> Shot:
    """On a horse, elephant, motorcycle or bicycle."""
    rng = scene.rng
    mount = str(
        rng.choice(("horse", "motorbike", "bicycle", "elephant"), p=(0.3, 0.36, 0.28, 0.06))
    )
    road = mount in ("motorbike", "bicycle")
    where = places.place(
        scene,
        str(rng.choice(("street", "pavement", "park") if road else ("park", "savanna", "beach"))),
    )
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
    who = person(scene, vec(0, 0, 0), facing(scene, 1.0, 0.35), legs=legs, seat_m=0.05)
    (held.kite, held.ball, held.umbrella)[rng.integers(3)](scene, who)
    return _frame(scene, where, [who], shares=(0.6, 0.18, 0.1, 0, 0.12))


def in_rain(scene: Scene) -> Shot:
    """Under an umbrella."""
    where = places.place(scene, str(scene.rng.choice(("street", "pavement", "park"))))
    who = person(
        scene,
        vec(0, 0, 0),
        facing(scene, 0.8, 0.3),
        legs=str(scene.rng.choice(("stand", "walk"))),
        arms="hold",
    )
    held.umbrella(scene, who)
    return _frame(scene, where, [who], shares=(0.55, 0.3, 0.1, 0, 0.05))


def with_animal(scene: Scene) -> Shot:
    """With a dog, horse, cow, elephant."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("park", "savanna", "street", "living"))))
    kinds = animals.PETS if where.indoors else ("dog", "dog", "horse", "cow", "elephant")
    who = person(
        scene, vec(0, 0, 0), facing(scene, 0.7), legs=str(rng.choice(("stand", "walk", "crouch")))
    )
    animals.quadruped(
        scene,
        vec(rng.choice((-1, 1)) * rng.uniform(0.6, 1.2), 0, rng.uniform(-0.8, 0.4)),
        rng.uniform(0, 6),
        str(rng.choice(kinds)),
    )
    return _frame(scene, where, [who], shares=(0.65, 0.25, 0.05, 0, 0.05))


def crowd(scene: Scene) -> Shot:
    """Many people at different distances."""
    rng = scene.rng
    where = places.place(scene, str(rng.choice(("street", "pavement", "park", "hall", "beach"))))
    people = []
    for _ in range(rng.integers(5, 11)):
        spot = vec(rng.uniform(-1.8, 1.8), 0, rng.uniform(-3, 0.6))
        people.append(
            person(
                scene,
                spot,
                facing(scene, 0.8, 0.5),
                legs=str(rng.choice(("stand", "walk", "walk"))),
            )
        )
    people.sort(key=lambda person: -person.pelvis[2])
    return _frame(scene, where, people[:2], shares=(0.5, 0.35, 0, 0, 0.15), lift=(0.12, 0.12))


PEOPLE: dict[Callable, float] = {
    standing: 0.17,
    portrait: 0.11,
    group: 0.12,
    at_table: 0.1,
    at_desk: 0.04,
    on_sofa: 0.06,
    at_court: 0.09,
    on_snow: 0.05,
    surfing: 0.03,
    skating: 0.04,
    riding: 0.06,
    on_beach: 0.03,
    in_rain: 0.02,
    with_animal: 0.03,
    crowd: 0.03,
    hands_at_table: 0.07,
    hand_holding: 0.02,
}
