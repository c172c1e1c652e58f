"""Visual wake words' examples: 96 x 96 pictures with and without people.

`load` reads the built-in set of rendered scenes, or the real Visual Wake Words data set from a
folder; both give the same `Pictures`. The two classes and the picture size are MLPerf Tiny's.
"""

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tinylab.data.download.checksums import shipped
from tinylab.data.own import chosen, files
from tinylab.data.own.pictures import read_picture
from tinylab.data.published import visual_wake_words

if TYPE_CHECKING:
    from tinylab.data.cameras import Camera

__all__ = ["LABELS", "SPLITS", "WIDTH", "Pictures", "load", "names"]

LABELS = ("no person", "person")
SPLITS = ("train", "validation", "test")
WIDTH = visual_wake_words.WIDTH
SHEET = 500  # pictures in a mosaic


@dataclass(frozen=True)
class Pictures:
    """Pictures and what is known of each.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (n, 96, 96, 3), uint8, sRGB.
    labels : numpy.ndarray
        Shape (n,), int64: index into `names`.
    scenes : numpy.ndarray
        Shape (n,), int64: the number the picture was drawn from. A scene with people and the same
        scene without them share it: never put them on both sides of a test.
    person_shares : numpy.ndarray
        Shape (n,), float64: share of the picture that people cover, nan where it is not known.
    names : tuple of str
        What the labels stand for.
    """

    images: np.ndarray
    labels: np.ndarray
    scenes: np.ndarray
    person_shares: np.ndarray
    names: tuple[str, ...] = LABELS

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, choice: slice | np.ndarray | Sequence[int]) -> "Pictures":
        """Some of the pictures: a slice, a mask or a list of indices."""
        parts = (self.images, self.labels, self.scenes, self.person_shares)
        return Pictures(*(part[choice] for part in parts), self.names)


def load(
    split: str,
    *,
    limit: int | None = None,
    seed: int = 0,
    camera: "Camera | None" = None,
    source: str | Path | None = None,
) -> Pictures:
    """Pictures of a split, in random order.

    Parameters
    ----------
    split : {"train", "validation", "test"}
        No scene is in two of them.
    limit : int, optional
        Only so many pictures, as many of each class (one more of the first ones if odd).
    seed : int
        Chooses the pictures under `limit`, and the camera's chance.
    camera : Camera, optional
        Take the pictures with another camera (`tinylab.data.cameras`).
    source : str or Path, optional
        None for what `tinylab.data.use` has chosen, the built-in set if nothing; "built-in";
        "visual-wake-words" for the fetched public set; the folder of a
        copy of it: with folders `person` and `non_person`, or MLPerf Tiny's raw files; or a folder
        of your own, see `tinylab.data.folder`, whose labels are the names of its folders.

    Returns
    -------
    Pictures

    Raises
    ------
    ValueError
        If the split is unknown, a class has too few pictures for `limit`, or a built-in file is
        damaged.
    FileNotFoundError
        If the source is not there.
    """
    if split not in SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")
    own = chosen.own_set("visual_wake_words") if source is None else None
    source = own.source if own else source or "built-in"
    if str(source) == "built-in":
        pictures = _built_in(split, limit, seed)
    elif visual_wake_words.is_own(source):
        pictures = _own(source, split, limit, seed, own)
    else:
        listed = visual_wake_words.listing(source, split)
        kept = _choose(listed.labels, limit, seed)
        images = visual_wake_words.read([listed.files[i] for i in kept])
        unknown = np.full(len(kept), np.nan)
        pictures = Pictures(images, listed.labels[kept], kept.astype(np.int64), unknown)
    if camera is None:
        return pictures
    from tinylab.data.cameras import photograph  # only who changes the camera needs it

    return replace(pictures, images=photograph(pictures.images, camera, seed))


def names() -> tuple[str, ...]:
    """What the labels of the chosen set stand for: `LABELS`, or the names of your own folders."""
    own = chosen.own_set("visual_wake_words")
    return (own and own.names) or LABELS


def _built_in(split: str, limit: int | None, seed: int) -> Pictures:
    labels, scenes, shares = _index(split)
    kept = np.arange(len(labels)) if limit is None else _choose(labels, limit, seed)
    images = _read_sheets(split, kept)
    return Pictures(images, labels[kept], scenes[kept], shares[kept])


def _own(
    source: str | Path, split: str, limit: int | None, seed: int, own: chosen.OwnSet | None
) -> Pictures:
    listed = files.list_files(source, files.PICTURES).only(own and own.names)
    inside = listed.of(split)
    if own and limit is not None:
        limit = _what_there_is(own, split, limit, np.bincount(listed.labels[inside]))
    kept = inside[_choose(listed.labels[inside], limit, seed, listed.names)]
    images = np.stack([read_picture(listed.files[i], WIDTH) for i in kept])
    unknown = np.full(len(kept), np.nan)
    return Pictures(images, listed.labels[kept], listed.groups[kept], unknown, listed.names)


def _what_there_is(own: chosen.OwnSet, split: str, limit: int, counts: np.ndarray) -> int:
    """At most `limit` pictures, as many of each label as there are of the rarest."""
    classes, least = len(counts), int(counts.min())
    if limit <= classes * least:
        return limit
    chosen.say(
        f"{own.title}, {split}: asked for {limit} pictures, as many of each label; there are "
        f"{', '.join(f'{n} of {name}' for n, name in zip(counts, own.names, strict=True))}, so "
        f"{classes * least} are used."
    )
    return classes * least


def _choose(
    labels: np.ndarray, limit: int | None, seed: int, names: Sequence[str] = LABELS
) -> np.ndarray:
    """Indices of `limit` pictures, balanced over the classes, in random order."""
    rng = np.random.default_rng(seed)
    if limit is None:
        return rng.permutation(len(labels))
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    kept = []
    for label, name in enumerate(names):
        count = (limit + len(names) - 1 - label) // len(names)
        candidates = np.flatnonzero(labels == label)
        if len(candidates) < count:
            raise ValueError(
                f"limit {limit} needs {count} pictures of {name!r}, there are {len(candidates)}"
            )
        kept.append(rng.permutation(candidates)[:count])
    return rng.permutation(np.concatenate(kept))


def _index(split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label, scene and share of people of each picture of a split."""
    with open(shipped("people/pictures.csv"), newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    labels, scenes = (
        np.array([row[name] for row in rows], np.int64) for name in ("label", "scene")
    )
    return labels, scenes, np.array([row["person_share"] for row in rows], np.float64)


def _read_sheets(split: str, kept: np.ndarray) -> np.ndarray:
    """Some of the pictures of a split; only these stay in memory."""
    images = np.empty((len(kept), WIDTH, WIDTH, 3), np.uint8)

    def read(number: int) -> None:
        mine = np.flatnonzero(kept // SHEET == number)
        tiles = _tiles(shipped(f"people/{split}-{number:02}.jpg"))
        images[mine] = tiles[kept[mine] % SHEET]

    with ThreadPoolExecutor(2) as pool:  # each holds a whole mosaic several times
        list(pool.map(read, np.unique(kept // SHEET).tolist()))
    return images


def _tiles(path: Path) -> np.ndarray:
    """The pictures of a mosaic, row by row, uint8 (n, 96, 96, 3)."""
    with Image.open(path) as mosaic:
        pixels = np.asarray(mosaic.convert("RGB"))
    rows, columns = pixels.shape[0] // WIDTH, pixels.shape[1] // WIDTH
    tiles = pixels.reshape(rows, WIDTH, columns, WIDTH, 3).swapaxes(1, 2)
    return tiles.reshape(-1, WIDTH, WIDTH, 3)
