"""One picture from one seed: build the scene, aim, light, render, check the view, photograph."""

from dataclasses import dataclass

import numpy as np

from datasets.people import backdrop, places
from datasets.people.colours import grey
from datasets.people.marcher import VIEW, Rendering, render
from datasets.people.photograph import RENDERED_WIDTH, develop
from datasets.people.scene import TAGS, Scene, turn, vec
from datasets.people.shots.others import OTHERS
from datasets.people.shots.people import PEOPLE
from datasets.people.shots.shot import Shot, choose

LEAST_PERSON, LEAST_CONTRAST = 0.04, 0.1  # share of the pixels; standard deviation in 0..1
ATTEMPTS, PROBE_WIDTH = 12, 48


@dataclass(frozen=True)
class Picture:
    """A finished picture.

    Attributes
    ----------
    image : uint8 array (96, 96, 3)
    person_share : float
        Share of the pixels that show a person.
    """

    image: np.ndarray
    person_share: float


def pair_of(number: int, seed: int) -> tuple[Picture, Picture]:
    """The two pictures of a scene number: with people, and without.

    Every fourth number's second picture is the first without its people, so that a network learns
    to see the person, not the places where people usually are.
    """
    occupied, emptied = _first_good((seed, number, 1), person=True)
    if number % 4 == 0:
        return occupied, emptied
    return occupied, _first_good((seed, number, 0), person=False)[0]


def _first_good(seed: tuple[int, ...], *, person: bool) -> tuple[Picture, Picture | None]:
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng((*seed, attempt))
        picture = _attempt(rng, person)
        if picture is not None:
            return picture
    raise RuntimeError(f"seed {seed}: no good picture in {ATTEMPTS} attempts")


def _attempt(rng: np.random.Generator, person: bool) -> tuple[Picture, Picture | None] | None:
    scene = Scene(rng)
    shot = choose(scene, PEOPLE if person else OTHERS)
    places.clutter(scene, shot.where, int(rng.integers(0, 6)))
    view, distance = _aim(shot, rng)
    behind = _light(scene, shot.where, view, rng)
    if person and _probe(scene, view) < LEAST_PERSON:
        return None
    state = rng.bit_generator.state
    picture = _picture(
        render(view, scene.primitives, scene.planes, scene.materials, behind), distance, rng
    )
    if picture.image.std() < LEAST_CONTRAST * 255:
        return None
    if not person:
        return picture, None
    rng.bit_generator.state = state
    left = scene.without(("person", "held"))
    return picture, _picture(
        render(view, left, scene.planes, scene.materials, behind), distance, rng
    )


def _probe(scene: Scene, view: np.ndarray) -> float:
    """Share of the pixels that show a person, from a small rendering."""
    parts = (view, scene.primitives, scene.planes, scene.materials)
    seen = render(*parts, np.zeros((PROBE_WIDTH, PROBE_WIDTH, 3)))
    return float((seen.tags == TAGS["person"]).mean())


def _picture(seen: Rendering, focus_m: float, rng: np.random.Generator) -> Picture:
    return Picture(develop(seen, focus_m, rng), float((seen.tags == TAGS["person"]).mean()))


def _aim(shot: Shot, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Put the camera in front of the target; also its distance in metres."""
    angle = rng.uniform(0.6, 1.05)
    distance = shot.extent_m / 2 / np.tan(angle / 2)
    lift, aside = rng.normal(*shot.lift), rng.normal(0, shot.aside)
    lift = np.clip(lift, -0.5, 1.45)
    if shot.where.indoors:
        aside = np.clip(aside, -1.0, 1.0)
    away = vec(np.sin(aside) * np.cos(lift), np.sin(lift), np.cos(aside) * np.cos(lift))
    position = shot.target + distance * away
    position[1] = max(position[1], 0.1)
    if shot.where.indoors:
        position[0] = np.clip(position[0], 0.1 - shot.where.side_m, shot.where.side_m - 0.1)
        position[1] = min(position[1], 2.6)
    forward = shot.target - position
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 1, 0))
    right /= np.linalg.norm(right)
    roll = turn(z=rng.normal(0, 0.05))[:2, :2] @ np.stack((right, np.cross(right, forward)))
    view = np.zeros((), VIEW)
    view["position"], view["forward"], view["tangent"] = position, forward, np.tan(angle / 2)
    view["right"], view["up"] = roll
    return view, float(np.linalg.norm(shot.target - position))


def _light(
    scene: Scene, where: places.Place, view: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Set sun, sky and haze in the view; the backdrop in linear light, (144, 144, 3)."""
    width = RENDERED_WIDTH
    if where.indoors:
        warm = rng.uniform(-0.12, 0.25)
        tint, ambient = vec(1 + warm, 1, 1 - warm), rng.uniform(0.25, 0.8)
        flash = rng.random() < 0.2
        direction = (
            -view["forward"] + vec(0.1, 0.25, 0)
            if flash
            else vec(rng.normal(0, 0.7), rng.uniform(0.5, 1.3), rng.uniform(0.1, 1))
        )
        _set(
            view,
            direction,
            tint * rng.uniform(0.3, 1.1),
            tint * ambient,
            tint * ambient * rng.uniform(0.3, 0.7),
            0.0,
            rng.uniform(3, 14),
        )
        return np.broadcast_to(grey(0.5), (width, width, 3))
    slope = view["forward"][1] / max(np.hypot(view["forward"][0], view["forward"][2]), 1e-3)
    horizon = 0.5 + slope / (2 * view["tangent"])
    behind = backdrop.scenery(rng, width, float(horizon), where.backdrop) ** 2.2
    overcast = rng.random() < 0.4
    sky = behind[: width // 6].mean(axis=(0, 1)) * rng.uniform(0.5, 0.9) + 0.1
    sun = vec(1.08, 1, 0.88) * (rng.uniform(0.05, 0.4) if overcast else rng.uniform(0.7, 1.6))
    sun = sun * (0.35 if sky.mean() < 0.15 else 1.0)
    bounce = scene.materials[where.ground]["colour"] * rng.uniform(0.3, 0.8) + 0.03
    direction = vec(rng.normal(0, 1), rng.uniform(0.35, 1.6), rng.normal(0.2, 1))
    _set(view, direction, sun, sky, bounce, rng.choice((0, 0.004, 0.02)), rng.uniform(6, 30))
    return behind


def _set(view, direction, sun, sky, ground, fog, softness) -> None:
    view["sun_direction"] = direction / np.linalg.norm(direction)
    view["sun"], view["sky"], view["ground"], view["fog"], view["softness"] = (
        sun,
        sky,
        ground,
        fog,
        softness,
    )
