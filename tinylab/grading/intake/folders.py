"""The files below a folder, listed without opening one: links and devices are never followed.

In: a folder. Out: an `Entry` for each file, with why it must not be read where that is so.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinylab.grading.intake import archive
from tinylab.grading.intake.handin import HandIn, Refused, irregular, printable

__all__ = ["MODEL", "NOTEBOOK", "ZIP", "Entry", "in_folder", "on_disk", "refused_file"]

DEPTH = 6  # folders below the one that is graded
FILES = 200_000
NOTEBOOK, ZIP, MODEL = ".ipynb", ".zip", ".tflite"


@dataclass(frozen=True)
class Entry:
    """A file below the class's folder, on disk or in the class's zip file."""

    parts: tuple[str, ...]
    path: str
    file: str
    members: tuple[str, ...] = ()
    problem: tuple[str, str] | None = None  # status and sentence, where it must not be read

    def ends(self, *suffixes: str) -> bool:
        return self.parts[-1].lower().endswith(suffixes)


def in_folder(root: Path) -> Iterator[Entry]:
    """Every file below a folder, links not followed; a top folder without any as one entry."""
    empty, filled = {}, set()
    for parts, entry in _walk(root):
        path, is_folder = "/".join(parts), entry.is_dir(follow_symlinks=False)
        if is_folder and not parts[-1].lower().endswith(NOTEBOOK):
            if len(parts) == 1:
                empty[parts[0]] = entry.path
            continue
        filled.add(parts[0])
        problem = None
        if parts[-1].lower().endswith((NOTEBOOK, ZIP)) or len(parts) == 1:
            handin = on_disk("", path, Path(entry.path))
            problem = (handin.status, handin.problem) if handin.status else None
        yield Entry(parts, path, entry.path, problem=problem)
    for name in sorted(empty.keys() - filled):
        yield Entry((name, ""), name, "", problem=("unreadable", "the folder has no notebook."))


def _walk(root: Path) -> Iterator[tuple[tuple[str, ...], os.DirEntry]]:
    """The way to every entry below a folder, hidden and surplus ones left out."""
    waiting, seen = [(root, ())], 0
    while waiting:
        folder, parts = waiting.pop()
        for entry in _listed(folder):
            seen += 1
            if seen > FILES:
                raise ValueError(f"{root} holds more than {FILES:,} files")
            if entry.name.startswith(".") or entry.name in archive.IGNORED_FOLDERS:
                continue
            where = (*parts, printable(entry.name))
            yield where, entry
            descend = entry.is_dir(follow_symlinks=False) and len(where) <= DEPTH
            if descend and not entry.name.lower().endswith(NOTEBOOK):
                waiting.append((Path(entry.path), where))


def _listed(folder: Path) -> list[os.DirEntry]:
    """What a folder holds; nothing where it may not be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except PermissionError:
        return []


def on_disk(student: str, path: str, file: Path) -> HandIn:
    """A hand-in for a file, refused at once unless it is a regular one."""
    try:
        sentence = irregular(os.lstat(file).st_mode)
    except OSError as error:  # it went away, or may not be looked at
        sentence = f"the file cannot be read: {error.strerror}."
    if sentence:
        return refused_file(student, path, str(file), Refused("unreadable", sentence))
    return HandIn(student=student, path=path, file=str(file))


def refused_file(student: str, path: str, file: str, refused: Refused) -> HandIn:
    return HandIn(student, path, file, status=refused.status, problem=str(refused))
