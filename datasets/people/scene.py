"""A scene being built: materials, primitives in things, planes. Metres, y up, things face +z."""

from collections.abc import Sequence
from contextlib import contextmanager

import numpy as np

from datasets.people.marcher import MATERIAL, PLANE, PRIMITIVE

KINDS = ("capsule", "ellipsoid", "box", "cone", "ring")
PATTERNS = (
    "plain",
    "cloud",
    "bars",
    "check",
    "brick",
    "grain",
    "spots",
    "windows",
    "stripes",
    "tiles",
    "leaves",
    "zebra",
    "planks",
    "lines",
    "crumbs",
)
# What a pixel can show: the label of a picture is decided by these.
TAGS = {
    "person": 1,
    "held": 2,
    "animal": 3,
    "vehicle": 4,
    "outdoors": 5,
    "furniture": 6,
    "object": 7,
    "figure": 8,
}
NO_TURN = np.eye(3)


def vec(x: float, y: float, z: float) -> np.ndarray:
    """A point or direction."""
    return np.array((x, y, z), float)


def turn(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> np.ndarray:
    """Rotation matrix: about x, then y, then z (radians)."""
    cx, sx, cy, sy, cz, sz = np.cos(x), np.sin(x), np.cos(y), np.sin(y), np.cos(z), np.sin(z)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


class Scene:
    """Collects what the marcher needs; `rng` is the only source of chance for everything in it."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self._materials: list[tuple] = []
        self._primitives: list[tuple] = []
        self._planes: list[tuple] = []
        self._groups = 0
        self._frame = (NO_TURN, vec(0, 0, 0), 1.0, 0)

    def material(
        self,
        colour: Sequence[float],
        second: Sequence[float] | None = None,
        pattern: str = "plain",
        scale: float = 1.0,
        *,
        gloss: float = 0.05,
        shine: float = 20.0,
        glow: float = 0.0,
        bump: float = 0.0,
        bump_scale: float = 10.0,
        holes: float = 0.0,
    ) -> int:
        """Enter a material; colours are sRGB in 0..1, `second` is the pattern's other colour."""
        colour = np.clip(colour, 0, 1) ** 2.2
        second = colour if second is None else np.clip(second, 0, 1) ** 2.2
        phase = self.rng.uniform(0, 50)
        self._materials.append(
            (
                colour,
                second,
                scale,
                phase,
                gloss,
                shine,
                glow,
                bump,
                bump_scale,
                holes,
                PATTERNS.index(pattern),
            )
        )
        return len(self._materials) - 1

    def plane(self, normal: Sequence[float], offset: float, material: int) -> None:
        """Fill the half space where normal . point + offset < 0."""
        self._planes.append((normal, offset, material))

    @contextmanager
    def thing(
        self, tag: str, position=(0, 0, 0), rotation: np.ndarray = NO_TURN, size: float = 1.0
    ):
        """Primitives added inside belong to one thing, in its own coordinates."""
        before = self._frame
        self._groups += 1
        self._frame = (rotation, np.asarray(position, float), size, TAGS[tag])
        yield
        self._frame = before

    def part(self) -> None:
        """What follows is no longer smoothly joined to what came before in the same thing."""
        self._groups += 1

    def capsule(self, start, end, r_start, r_end, material, blend=0.02) -> None:
        """A rounded, tapered stick."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        half = (end - start) / 2
        bound = np.linalg.norm(half) + max(r_start, r_end)
        rotation, _, size, _ = self._frame
        numbers = (*(rotation @ half * size), r_start * size, r_end * size, 0)
        self._add("capsule", (start + end) / 2, NO_TURN, numbers, bound, material, blend)

    def ball(self, centre, radii, material, blend=0.02, rotation=NO_TURN) -> None:
        """An ellipsoid; one radius or three."""
        radii = np.broadcast_to(np.asarray(radii, float), 3) * self._frame[2]
        bound = radii.max() / self._frame[2]
        self._add("ellipsoid", centre, rotation, (*radii, *(1 / radii)), bound, material, blend)

    def box(self, centre, half, material, rotation=NO_TURN, rounding=0.01, blend=0.0) -> None:
        """A rounded box of half edges `half`."""
        half = np.asarray(half, float)
        size, rounding = self._frame[2], min(rounding, 0.9 * half.min())
        numbers = (*(half * size), rounding * size, 0, 0)
        self._add("box", centre, rotation, numbers, np.linalg.norm(half), material, blend)

    def cone(
        self, centre, half_height, r_bottom, r_top, material, rotation=NO_TURN, blend=0.0
    ) -> None:
        """A cylinder or cut cone along y."""
        size = self._frame[2]
        rounding = 0.3 * min(half_height, max(r_bottom, r_top), 0.015)
        numbers = (half_height * size, r_bottom * size, r_top * size, rounding * size, 0, 0)
        bound = np.hypot(half_height, max(r_bottom, r_top))
        self._add("cone", centre, rotation, numbers, bound, material, blend)

    def ring(self, centre, radius, thickness, material, rotation=NO_TURN) -> None:
        """A torus about z."""
        size = self._frame[2]
        numbers = (radius * size, thickness * size, 0, 0, 0, 0)
        self._add("ring", centre, rotation, numbers, radius + thickness, material, 0.0)

    def _add(self, kind, centre, rotation, numbers, bound, material, blend) -> None:
        frame, position, size, tag = self._frame
        at = frame @ (np.asarray(centre, float) * size) + position
        axes = (frame @ rotation).T.reshape(-1)
        self._primitives.append(
            (
                at,
                axes,
                numbers,
                blend * size,
                (bound + blend) * size + 0.01,
                KINDS.index(kind),
                material,
                self._groups,
                tag,
            )
        )

    def without(self, tags: Sequence[str]) -> np.ndarray:
        """The primitives, structured array, but for those of some tags."""
        rows = np.array(self._primitives, PRIMITIVE)
        return rows[~np.isin(rows["tag"], [TAGS[tag] for tag in tags])]

    @property
    def primitives(self) -> np.ndarray:
        """All primitives, structured array."""
        return self.without(())

    @property
    def planes(self) -> np.ndarray:
        """All planes, structured array."""
        return np.array(self._planes, PLANE)

    @property
    def materials(self) -> np.ndarray:
        """All materials, structured array."""
        return np.array(self._materials, MATERIAL)
