"""The real Visual Wake Words data set on disk: pictures derived from COCO, 96 x 96 pixels.

Two layouts are read:

- folders `person` and `non_person` of image files, as MLPerf Tiny trains on them; either below
  folders named after the splits, or without, and then the file's name decides the split (a
  tenth each for validation and test);
- MLPerf Tiny's raw files: `NAME.bin` of 96 * 96 * 3 bytes and `y_labels.csv` with rows
  `NAME.bin, classes, label`: a test split only.

Source: Chowdhery et al., "Visual Wake Words Dataset" (2019), arXiv:1906.05721.
"""

import csv
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tinylab.paths import public_datasets_dir

__all__ = ["PUBLIC_NAME", "WIDTH", "Listing", "is_own", "listing", "read"]

WIDTH = 96
PUBLIC_NAME = "visual-wake-words"
FOLDERS = ("non_person", "person")  # in the order of the labels
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
RAW_LABELS = "y_labels.csv"


@dataclass(frozen=True)
class Listing:
    """Files of a split and their labels, int64 (n,)."""

    files: tuple[Path, ...]
    labels: np.ndarray


def is_own(source: str | Path) -> bool:
    """Whether a folder has labels of its own: neither this data set's folders nor its raw files."""
    root = Path(source)
    if str(source) == PUBLIC_NAME or not root.is_dir():
        return False
    names = {path.name for pattern in ("*", "*/*") for path in root.glob(pattern)}
    return not names.intersection((RAW_LABELS, *FOLDERS))


def listing(source: str | Path, split: str) -> Listing:
    """The files of a split.

    Parameters
    ----------
    source : str or Path
        "visual-wake-words" for the fetched set, or a folder.
    split : {"train", "validation", "test"}

    Raises
    ------
    FileNotFoundError
        If the folder or its pictures are not there.
    """
    folder = public_datasets_dir() / PUBLIC_NAME if str(source) == PUBLIC_NAME else Path(source)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}: pass the folder of the data set")
    for root in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if (root / RAW_LABELS).is_file():
            return _raw(root, split)
        if all((root / name).is_dir() for name in FOLDERS):
            own_split = root.name == split and root != folder
            if own_split or not any((folder / name).is_dir() for name in ("train", "test")):
                return _classes(root, None if own_split else split)
    raise FileNotFoundError(
        f"{folder} has neither folders {' and '.join(FOLDERS)} of split {split!r} nor {RAW_LABELS}"
    )


def read(files: list[Path]) -> np.ndarray:
    """The pictures, uint8 (n, 96, 96, 3); larger ones are scaled down, whatever their shape.

    Raises
    ------
    ValueError
        If a raw file has the wrong size or an image cannot be read.
    """
    with ThreadPoolExecutor() as pool:
        images = list(pool.map(_read_one, files))
    return np.stack(images) if images else np.empty((0, WIDTH, WIDTH, 3), np.uint8)


def _read_one(path: Path) -> np.ndarray:
    if path.suffix == ".bin":
        pixels = np.fromfile(path, np.uint8)
        if pixels.size != WIDTH * WIDTH * 3:
            raise ValueError(
                f"{path} has {pixels.size} bytes, not {WIDTH * WIDTH * 3}: fetch it anew"
            )
        return pixels.reshape(WIDTH, WIDTH, 3)
    try:
        with Image.open(path) as image:
            image = image.convert("RGB")
            if image.size != (WIDTH, WIDTH):
                image = image.resize((WIDTH, WIDTH), Image.Resampling.BOX)
            return np.asarray(image)
    except OSError as error:
        raise ValueError(
            f"{path} is not a readable image ({error}): remove or replace it"
        ) from error


def _classes(root: Path, split: str | None) -> Listing:
    files, labels = [], []
    for label, name in enumerate(FOLDERS):
        paths = [
            path
            for path in sorted((root / name).rglob("*"))
            if path.suffix.lower() in IMAGE_SUFFIXES
        ]
        paths = [path for path in paths if split is None or _split_of(path.stem) == split]
        files += paths
        labels += [label] * len(paths)
    return _checked(root, files, labels)


def _split_of(stem: str) -> str:
    """By the file's name, so that the split does not depend on which other files are there."""
    tenth = zlib.crc32(stem.encode()) % 10
    return {8: "validation", 9: "test"}.get(tenth, "train")


def _raw(root: Path, split: str) -> Listing:
    if split != "test":
        raise FileNotFoundError(f"{root} holds MLPerf Tiny's test pictures only: ask for 'test'")
    with open(root / RAW_LABELS, newline="", encoding="utf-8") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    files = [root / row[0] for row in rows]
    kept = [i for i, path in enumerate(files) if path.is_file()]
    return _checked(root, [files[i] for i in kept], [int(rows[i][2]) for i in kept])


def _checked(root: Path, files: list[Path], labels: list[int]) -> Listing:
    if not files:
        raise FileNotFoundError(f"{root} has no pictures of this split")
    return Listing(tuple(files), np.array(labels, np.int64))
