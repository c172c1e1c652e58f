"""`marcher.c` from Python: compiled by the pinned C compiler, called without Python's lock."""

import ctypes
import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_name("marcher.c")
FLAGS = ("-std=c99", "-O3", "-ffast-math", "-march=native", "-fPIC", "-shared")

PRIMITIVE = np.dtype(
    [
        ("centre", "f4", 3),
        ("axes", "f4", 9),
        ("size", "f4", 6),
        ("blend", "f4"),
        ("bound", "f4"),
        ("kind", "i4"),
        ("material", "i4"),
        ("group", "i4"),
        ("tag", "i4"),
    ]
)
MATERIAL = np.dtype(
    [
        ("colour", "f4", 3),
        ("second", "f4", 3),
        ("scale", "f4"),
        ("phase", "f4"),
        ("gloss", "f4"),
        ("shine", "f4"),
        ("glow", "f4"),
        ("bump", "f4"),
        ("bump_scale", "f4"),
        ("holes", "f4"),
        ("pattern", "i4"),
    ]
)
PLANE = np.dtype([("normal", "f4", 3), ("offset", "f4"), ("material", "i4")])
VIEW = np.dtype(
    [
        ("position", "f4", 3),
        ("right", "f4", 3),
        ("up", "f4", 3),
        ("forward", "f4", 3),
        ("tangent", "f4"),
        ("sun_direction", "f4", 3),
        ("sun", "f4", 3),
        ("sky", "f4", 3),
        ("ground", "f4", 3),
        ("fog", "f4"),
        ("softness", "f4"),
    ]
)
MOST_PRIMITIVES = 2048


@dataclass(frozen=True)
class Rendering:
    """What the marcher saw.

    Attributes
    ----------
    image : float32 array (width, width, 3)
        Linear light.
    depth_m : float32 array (width, width)
        Distance from the camera; 80 where only the backdrop is seen.
    tags : int32 array (width, width)
        Tag of the thing seen, 0 for planes and the backdrop.
    """

    image: np.ndarray
    depth_m: np.ndarray
    tags: np.ndarray


def render(
    view: np.ndarray,
    primitives: np.ndarray,
    planes: np.ndarray,
    materials: np.ndarray,
    backdrop: np.ndarray,
) -> Rendering:
    """Render a square picture as large as `backdrop`, float (width, width, 3) in linear light.

    Raises
    ------
    ValueError
        If the scene has more primitives than the marcher's lists hold.
    """
    if len(primitives) > MOST_PRIMITIVES:
        raise ValueError(
            f"a scene holds at most {MOST_PRIMITIVES} primitives, not {len(primitives)}"
        )
    width = len(backdrop)
    image = np.ascontiguousarray(backdrop, np.float32).copy()
    depth, tags = np.empty((width, width), np.float32), np.empty((width, width), np.int32)
    parts = (primitives, len(primitives), planes, len(planes), materials, image, depth, tags)
    _library().render(width, _pointer(view), *map(_pointer, parts))
    return Rendering(image, depth, tags)


def _pointer(part):
    return part.ctypes.data_as(ctypes.c_void_p) if isinstance(part, np.ndarray) else part


@cache
def _library() -> ctypes.CDLL:
    """The compiled marcher; its file name tells the source and flags it was made from."""
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"tinylab-marcher-{digest}.so"
    if not path.is_file():
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            fresh = Path(folder) / path.name
            compiler = (sys.executable, "-m", "ziglang", "cc")
            subprocess.run([*compiler, *FLAGS, str(SOURCE), "-o", str(fresh)], check=True)
            fresh.replace(path)
    return ctypes.CDLL(str(path))
