"""How a person looks: build, skin, hair and clothes, drawn at random."""

from dataclasses import dataclass

import numpy as np

from datasets.people.colours import HAIRS, SKINS, any_colour, cloth, denim
from datasets.people.scene import Scene


@dataclass(frozen=True)
class Look:
    """What does not change with the pose; materials are numbers of the scene's."""

    height_m: float
    female: bool
    child: bool
    bulk: float
    skin: int
    hair: int
    hair_colour: np.ndarray
    top_cloth: int
    bottom_cloth: int
    shoe: int
    top: str
    bottom: str
    hairstyle: str
    hat: str


def random_look(scene: Scene, *, statue: int | None = None) -> Look:
    """A random look; with `statue`, a figure all of that one material."""
    rng = scene.rng
    child, female = rng.random() < 0.13, rng.random() < 0.5
    height = rng.uniform(0.95, 1.4) if child else np.clip(rng.normal(1.71, 0.09), 1.5, 1.95)
    skin = np.array(SKINS[rng.integers(len(SKINS))]) + rng.normal(0, 0.03, 3)
    hair = np.array(HAIRS[rng.integers(len(HAIRS))])
    of_stone = statue is not None
    top = cloth(scene)
    return Look(
        height,
        female,
        child,
        float(np.clip(rng.normal(1, 0.13), 0.8, 1.45)),
        statue if of_stone else scene.material(skin, gloss=0.12, shine=12),
        statue
        if of_stone
        else scene.material(hair, hair * 0.5, "cloud", 30, gloss=0.15, bump=0.5, bump_scale=40),
        hair,
        statue if of_stone else top,
        statue if of_stone else (denim(scene) if rng.random() < 0.4 else cloth(scene)),
        statue if of_stone else scene.material(any_colour(rng, (0, 0.4), (0.05, 0.9))),
        str(
            rng.choice(
                ("long", "short", "none", "jacket", "dress"),
                p=(0.36, 0.36, 0.08, 0.12, 0.08) if female else (0.4, 0.4, 0.06, 0.14, 0),
            )
        ),
        str(
            rng.choice(
                ("trousers", "shorts", "skirt"), p=(0.6, 0.2, 0.2) if female else (0.75, 0.25, 0)
            )
        ),
        str(
            rng.choice(
                ("short", "long", "bun", "bald", "bob", "afro", "tail"),
                p=(0.1, 0.38, 0.1, 0.01, 0.2, 0.06, 0.15)
                if female
                else (0.72, 0.05, 0.02, 0.12, 0.03, 0.06, 0),
            )
        ),
        str(rng.choice(("", "cap", "helmet", "beanie", "brim"), p=(0.72, 0.12, 0.07, 0.05, 0.04))),
    )
