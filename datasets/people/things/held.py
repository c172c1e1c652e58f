"""What people carry, swing and stand on. The tag is "held": it goes when the person goes."""

import numpy as np

from datasets.people.colours import any_colour, grey, metal, wood
from datasets.people.figure.person import PersonPoints
from datasets.people.scene import Scene, turn, vec


def racket(scene: Scene, who: PersonPoints) -> None:
    """A tennis racket in the first hand."""
    frame, strings = (
        scene.material(any_colour(scene.rng)),
        scene.material(grey(0.85), grey(0.2), "check", 90),
    )
    with scene.thing("held", who.hands[0], turn(*scene.rng.uniform(-1, 1, 3)), who.scale):
        scene.capsule(vec(0, 0, 0), vec(0, 0.3, 0), 0.018, 0.014, frame, 0)
        scene.ring(vec(0, 0.44, 0), 0.14, 0.014, frame)
        scene.ball(vec(0, 0.44, 0), (0.13, 0.13, 0.004), strings, 0)


def bat(scene: Scene, who: PersonPoints) -> None:
    """A baseball bat."""
    stick = wood(scene) if scene.rng.random() < 0.6 else metal(scene, (0.05, 0.5))
    with scene.thing("held", who.hands[0], turn(*scene.rng.uniform(-1, 1, 3)), who.scale):
        scene.capsule(vec(0, -0.05, 0), vec(0, 0.8, 0), 0.016, 0.035, stick, 0)


def umbrella(scene: Scene, who: PersonPoints) -> None:
    """An open umbrella over the head."""
    rng = scene.rng
    fabric = scene.material(
        any_colour(rng, (0.1, 1)), any_colour(rng), "plain" if rng.random() < 0.6 else "stripes", 8
    )
    with scene.thing(
        "held", who.hands[0], turn(x=rng.normal(0, 0.2), z=rng.normal(0, 0.2)), who.scale
    ):
        scene.capsule(vec(0, -0.1, 0), vec(0, 0.85, 0), 0.012, 0.01, scene.material(grey(0.2)), 0)
        scene.cone(vec(0, 0.8, 0), 0.11, 0.52, 0.03, fabric)


def bag(scene: Scene, who: PersonPoints) -> None:
    """A bag hanging from a hand."""
    leather = scene.material(any_colour(scene.rng))
    with scene.thing("held", who.hands[1], turn(y=scene.rng.uniform(0, 3)), who.scale):
        scene.ring(vec(0, -0.06, 0), 0.07, 0.01, leather)
        scene.box(vec(0, -0.25, 0), (0.17, 0.14, 0.06), leather, rounding=0.04)


def phone(scene: Scene, who: PersonPoints) -> None:
    """A phone."""
    with scene.thing("held", who.hands[0], turn(x=scene.rng.normal(0.3, 0.3)), who.scale):
        scene.box(
            vec(0, 0.04, 0),
            (0.035, 0.07, 0.006),
            scene.material(grey(scene.rng.uniform(0.03, 0.8)), gloss=0.4),
        )


def cup(scene: Scene, who: PersonPoints) -> None:
    """A cup, bottle or piece of food."""
    colour = scene.material(any_colour(scene.rng), gloss=0.4)
    with scene.thing("held", who.hands[0], size=who.scale):
        scene.cone(vec(0, 0.05, 0.02), 0.07, 0.03, 0.038, colour)


def ball(scene: Scene, who: PersonPoints) -> None:
    """A ball in the hand or in the air, or a flying disc."""
    rng = scene.rng
    skin = scene.material(any_colour(rng, (0, 1), (0.4, 1)), any_colour(rng), "stripes", 25)
    offset = rng.normal(0, 0.5, 3) * (rng.random() < 0.5)
    radii = rng.uniform(0.05, 0.12) if rng.random() < 0.7 else (0.13, 0.015, 0.13)
    with scene.thing("held", who.hands[0] + offset + vec(0, 0.05, 0), size=who.scale):
        scene.ball(vec(0, 0, 0), radii, skin, 0)


def kite(scene: Scene, who: PersonPoints) -> None:
    """A kite up in the air with its line."""
    rng = scene.rng
    cloth = scene.material(
        any_colour(rng, (0.6, 1), (0.5, 1)), any_colour(rng, (0.6, 1)), "stripes", 6
    )
    away = vec(rng.uniform(-1.5, 1.5), rng.uniform(0.8, 2), -rng.uniform(0, 2))
    with scene.thing("held", who.hands[0]):
        scene.capsule(vec(0, 0, 0), away, 0.004, 0.004, scene.material(grey(0.9)), 0)
        scene.box(away, (0.4, 0.3, 0.02), cloth, turn(z=0.7))


def board(scene: Scene, who: PersonPoints, length: float, width: float) -> None:
    """A snowboard, surfboard or skateboard under the feet."""
    rng = scene.rng
    a, b = who.feet
    deck = scene.material(
        any_colour(rng, (0, 1), (0.1, 1)),
        any_colour(rng),
        "plain" if rng.random() < 0.5 else "stripes",
        10,
        gloss=0.3,
    )
    across = np.arctan2(b[0] - a[0], b[2] - a[2]) if abs(b - a).sum() > 1e-3 else who.yaw
    centre = (a + b) / 2 + vec(0, -0.075, 0)
    with scene.thing("held", centre, turn(y=across)):
        scene.ball(vec(0, 0, 0), (width, 0.025, length), deck, 0)
        if length < 0.5:
            for z in (-0.25, 0.25):
                scene.capsule(
                    vec(-0.09, -0.05, z),
                    vec(0.09, -0.05, z),
                    0.03,
                    0.03,
                    scene.material(grey(0.9)),
                    0,
                )


def skis(scene: Scene, who: PersonPoints) -> None:
    """Skis and poles."""
    rng, deck, pole = (
        scene.rng,
        scene.material(any_colour(scene.rng, (0.3, 1))),
        metal(scene, (0.05, 0.5)),
    )
    for foot in who.feet:
        with scene.thing("held", foot + vec(0, -0.07, 0), turn(y=who.yaw)):
            scene.box(vec(0, 0, 0.05), (0.045, 0.01, 0.8), deck)
    for hand in who.hands:
        with scene.thing("held", hand, turn(x=rng.normal(0.4, 0.4))):
            scene.capsule(vec(0, 0.1, 0), vec(0, -0.9, 0), 0.012, 0.01, pole, 0)


CARRIED = (bag, phone, phone, cup, cup, ball)
