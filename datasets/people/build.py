"""Build the pictures: `python -m datasets.people.build`.

Needs the workbook's own environment and nothing else. Everything random comes from one seed and the
scene's number. Writes beside itself

    SPLIT-NN.jpg   mosaics of 25 x 20 pictures, 96 x 96 pixels each, in the order of the index
    pictures.csv   one row a picture: split, label, scene, share of its pixels that show a person

Rendering takes a quarter of an hour of one core. Finished pieces are kept in the folder `--pieces`,
so that a build that was stopped goes on; a second process may begin at the other end
(`--backwards`).
"""

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from datasets.people.photograph import sheet
from datasets.people.picture import pair_of
from tinylab.data.download.checksums import record
from tinylab.files import replacing

HERE = Path(__file__).resolve().parent
SEED = 2026
FIRST_SCENE = {"train": 0, "validation": 100_000, "test": 200_000}
SCENES = {"train": 4700, "validation": 300, "test": 500}
PIECE = 50
COLUMNS, ROWS = 25, 20
JPEG_QUALITY = 86


def pieces(scale: float) -> list[tuple[str, range]]:
    """Split and scene numbers of each piece; `scale` shrinks the whole set.

    The splits' pieces alternate, so that a build that was stopped has some of each.
    """
    planned = []
    for split, count in SCENES.items():
        first, pieces_of_split = FIRST_SCENE[split], max(1, int(count * scale) // PIECE)
        for i in range(pieces_of_split):
            start = first + i * PIECE
            planned.append((i / pieces_of_split, split, range(start, start + PIECE)))
    return [(split, numbers) for _, split, numbers in sorted(planned, key=lambda piece: piece[0])]


def render_piece(numbers: range, path: Path) -> None:
    """Render the pairs of some scenes into an archive of arrays."""
    pairs = [pair_of(number, SEED) for number in numbers]
    flat = [picture for pair in pairs for picture in pair]
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            images=np.stack([picture.image for picture in flat]),
            shares=np.array([picture.person_share for picture in flat]),
        )


def pack(scale: float, source: Path, folder: Path) -> None:
    """Lay the pieces out as mosaics, write the index, remove what an earlier build left."""
    rows, written = [], []
    for split in SCENES:
        mine = [numbers for name, numbers in pieces(scale) if name == split]
        parts = [np.load(source / _name(split, numbers)) for numbers in mine]
        images = np.concatenate([part["images"] for part in parts])
        shares = np.concatenate([part["shares"] for part in parts])
        scenes = np.repeat(np.concatenate([np.array(numbers) for numbers in mine]), 2)
        order = np.random.default_rng(SEED).permutation(len(images))
        rows += [(split, 1 - i % 2, scenes[i], f"{shares[i]:.3f}") for i in order]
        written += _write_sheets(folder, split, images[order])
    with replacing(folder / "pictures.csv") as path, open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("split", "label", "scene", "person_share"))
        writer.writerows(rows)
    for stale in set(folder.glob("*.jpg")) - set(written):
        stale.unlink()
    if folder == HERE:
        record([*written, folder / "pictures.csv"])


def _write_sheets(folder: Path, split: str, images: np.ndarray) -> list[Path]:
    each, paths = COLUMNS * ROWS, []
    for start in range(0, len(images), each):
        paths.append(folder / f"{split}-{start // each:02d}.jpg")
        with replacing(paths[-1]) as temporary:
            mosaic = sheet(images[start : start + each], COLUMNS)
            mosaic.save(temporary, quality=JPEG_QUALITY, optimize=True)
    return paths


def _name(split: str, numbers: range) -> str:
    return f"{split}-{numbers.start:06d}.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="share of the whole set to make")
    parser.add_argument(
        "--pieces", type=Path, default=Path(tempfile.gettempdir()) / "tinylab-people"
    )
    parser.add_argument("--backwards", action="store_true", help="begin with the last piece")
    parser.add_argument("--output", type=Path, default=HERE)
    wanted = parser.parse_args()
    every = pieces(wanted.scale)
    for split, numbers in tqdm(every[::-1] if wanted.backwards else every):
        path = wanted.pieces / _name(split, numbers)
        if not path.is_file():
            render_piece(numbers, path)
    if not wanted.backwards:
        pack(wanted.scale, wanted.pieces, wanted.output)


if __name__ == "__main__":
    main()
