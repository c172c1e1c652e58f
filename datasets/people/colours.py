"""Colours and cloths to choose from; sRGB in 0..1."""

import colorsys

import numpy as np

from datasets.people.scene import Scene

SKINS = (
    (0.98, 0.85, 0.77),
    (0.95, 0.79, 0.69),
    (0.91, 0.73, 0.61),
    (0.86, 0.66, 0.52),
    (0.78, 0.57, 0.43),
    (0.67, 0.47, 0.35),
    (0.55, 0.38, 0.28),
    (0.43, 0.29, 0.21),
    (0.32, 0.22, 0.17),
)
HAIRS = (
    (0.08, 0.06, 0.05),
    (0.12, 0.09, 0.07),
    (0.2, 0.13, 0.08),
    (0.3, 0.2, 0.12),
    (0.45, 0.3, 0.16),
    (0.65, 0.5, 0.28),
    (0.8, 0.68, 0.42),
    (0.5, 0.22, 0.1),
    (0.6, 0.6, 0.6),
    (0.85, 0.85, 0.83),
)
FOODS = (
    (0.85, 0.55, 0.2),
    (0.75, 0.15, 0.08),
    (0.3, 0.5, 0.12),
    (0.95, 0.85, 0.5),
    (0.5, 0.28, 0.12),
    (0.93, 0.9, 0.82),
    (0.9, 0.45, 0.1),
    (0.45, 0.12, 0.15),
    (0.7, 0.75, 0.25),
)


def hsv(hue: float, saturation: float, value: float) -> np.ndarray:
    """One colour; hue goes round at 1."""
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, np.clip(saturation, 0, 1), np.clip(value, 0, 1)))


def grey(value: float) -> np.ndarray:
    """A neutral colour."""
    return np.full(3, value)


def any_colour(rng: np.random.Generator, saturation=(0.1, 0.9), value=(0.15, 0.95)) -> np.ndarray:
    """A random colour: warm and blue hues more often than the rest, pale more often than pure."""
    hue = (rng.random(), rng.normal(0.06, 0.05), rng.normal(0.59, 0.05))[
        rng.choice(3, p=(0.4, 0.37, 0.23))
    ]
    low, high = saturation
    return hsv(hue, low + (high - low) * rng.beta(1.2, 1.7), rng.uniform(*value))


def wood(scene: Scene) -> int:
    """A material of brown wood, light to dark."""
    rng = scene.rng
    colour = hsv(rng.uniform(0.04, 0.1), rng.uniform(0.3, 0.75), rng.uniform(0.2, 0.8))
    return scene.material(colour, colour * 0.6, "grain", rng.uniform(2, 8), gloss=0.2, shine=30)


def metal(scene: Scene, value=(0.15, 0.75)) -> int:
    """A grey, shiny material."""
    return scene.material(grey(scene.rng.uniform(*value)), gloss=0.5, shine=40)


def cloth(scene: Scene) -> int:
    """A material of fabric: plain, mottled, striped, checked or dotted, with folds."""
    rng = scene.rng
    bases = (
        any_colour(rng, (0.3, 0.95)),
        grey(rng.uniform(0.04, 0.25)),
        grey(rng.uniform(0.78, 0.98)),
        hsv(rng.uniform(0.55, 0.68), rng.uniform(0.3, 0.85), rng.uniform(0.15, 0.75)),
        hsv(rng.uniform(0.02, 0.12), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.75)),
        hsv(rng.uniform(-0.03, 0.03), rng.uniform(0.6, 0.95), rng.uniform(0.35, 0.9)),
        grey(rng.uniform(0.3, 0.7)),
    )
    base = bases[rng.choice(7, p=(0.28, 0.17, 0.16, 0.12, 0.09, 0.09, 0.09))]
    other = np.clip(base + rng.normal(0, 0.2, 3), 0, 1) if rng.random() < 0.5 else any_colour(rng)
    name, low, high = (
        ("plain", 1, 1),
        ("cloud", 4, 14),
        ("bars", 25, 90),
        ("check", 30, 80),
        ("spots", 10, 35),
        ("stripes", 30, 80),
        ("crumbs", 20, 60),
    )[rng.choice(7, p=(0.5, 0.16, 0.12, 0.07, 0.06, 0.05, 0.04))]
    other = base * rng.uniform(0.55, 0.85) if name == "cloud" else other
    folds = rng.uniform(0.2, 0.7)
    return scene.material(
        base, other, name, rng.uniform(low, high), bump=folds, bump_scale=rng.uniform(8, 18)
    )


def denim(scene: Scene) -> int:
    """Blue jeans, washed or dark."""
    rng = scene.rng
    colour = hsv(rng.uniform(0.57, 0.65), rng.uniform(0.25, 0.7), rng.uniform(0.15, 0.55))
    return scene.material(colour, colour * 0.75, "cloud", 8, bump=0.4, bump_scale=14)
