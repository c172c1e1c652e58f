"""The bundle that students get: the workbook without solutions and without what is the teacher's.

In: this project. Out: a folder with the student notebooks, the helper package, the data sets, the
requirements and checksums.

What a bundle holds of the grading: the judges of all exercises, because the check cells need them,
and the grader itself, for `tinylab check`. A judge holds no answers; it works out what is right for
inputs that it draws at random, and the teacher's inputs follow from a key that is not in the
bundle. Left out are the sources with the solutions, the executed solutions, the marked wrong
answers, tests, benchmarks and the learner's own work.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tinylab import paths
from tinylab.course.notebooks.build import find_sources
from tinylab.grading.rules.assignment import RELEASED, load_assignments, released_text

__all__ = ["CHECKSUMS", "Release", "release", "released_files"]

CHECKSUMS = "SHA256SUMS"
FILES = (
    "README.md",
    "LICENSE",
    "requirements.txt",
    "colab.txt",
    "pyproject.toml",
    "start.py",
    "docs/moving_picture.webp",
)
FOLDERS = ("tinylab", "datasets")
LINK = re.compile(r"!?\[(?P<text>[^\]]+)\]\((?!https?:|#)(?P<path>[^)#]+)[^)]*\)")
LEFT_OUT = (".pyc", ".tmp")
FOLDERS_LEFT_OUT = frozenset({"__pycache__", "public"})


@dataclass(frozen=True)
class Release:
    """What a bundle came to."""

    folder: Path
    files: int
    bytes: int


def release(out: Path) -> Release:
    """Write the students' bundle into a folder, whole or not at all.

    Parameters
    ----------
    out : Path
        A folder that does not exist yet, or is empty.

    Raises
    ------
    FileExistsError
        Where there is something in `out`.
    FileNotFoundError
        Where this is itself a bundle, without sources.
    SourceError
        Where a source notebook is not in order.
    """
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} is there already; name a new folder")
    sources = find_sources()
    if not sources:
        raise FileNotFoundError("there are no source notebooks here; release from your own copy")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".writing-") as folder:
        whole = Path(folder) / "bundle"
        _copy(whole)
        for source in sources:
            _write(whole / "notebooks" / f"{source.name}.ipynb", nbformat.writes(source.student()))
        readme = whole / "README.md"
        _write(readme, _linked(readme.read_text(encoding="utf-8"), whole).rstrip("\n"))
        masters = RELEASED.relative_to(paths.PROJECT)
        _write(whole / masters, released_text(load_assignments()).rstrip("\n"))
        sums = list(_sums(whole))
        _write(whole / CHECKSUMS, "\n".join(f"{digest}  {name}" for digest, name, _ in sums))
        if out.exists():
            out.rmdir()  # fails where something has come into it
        whole.rename(out)
    return Release(folder=out, files=len(sums) + 1, bytes=sum(size for _, _, size in sums))


def _copy(whole: Path) -> None:
    """Copy what goes into the bundle as it is."""
    for file in released_files():
        target = whole / file.relative_to(paths.PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _linked(text: str, folder: Path) -> str:
    """Markdown in which what is not in the folder is named, but no link leads there."""

    def kept(link: re.Match) -> str:
        return link[0] if (folder / link["path"]).exists() else link["text"]

    return LINK.sub(kept, text)


def released_files() -> Iterator[Path]:
    """Every file of this project that goes out as it is."""
    yield from (paths.PROJECT / name for name in FILES)
    yield from _chosen(paths.PROJECT / folder for folder in FOLDERS)


def _chosen(folders: Iterable[Path]) -> Iterator[Path]:
    """The regular files below some folders that students may have."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(folder).parts
            hidden = any(part.startswith(".") or part in FOLDERS_LEFT_OUT for part in inside)
            left_out = hidden or file.name.endswith(LEFT_OUT) or file == RELEASED
            if file.is_file() and not file.is_symlink() and not left_out:
                yield file


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _sums(whole: Path) -> Iterator[tuple[str, str, int]]:
    """(SHA-256, path, bytes) of every file, by path."""
    for file in sorted(whole.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            name = file.relative_to(whole).as_posix()
            yield hashlib.sha256(data).hexdigest(), name, len(data)
