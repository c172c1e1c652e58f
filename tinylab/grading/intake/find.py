"""Files come in: found, bounded and opened without trusting anything about them.

In: a folder, an LMS download (zip or unpacked) or one file. Out: `Handin`s, a file of one student
each, and the bytes of one. Nothing is ever unpacked to disk, links and devices are never opened,
and every refusal is a sentence for the student.
"""

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tinylab.grading.intake import archive
from tinylab.grading.intake.handin import (
    Handin,
    Refused,
    irregular,
    open_regular,
    printable,
    student_of,
    too_large,
)
from tinylab.grading.rules.config import IntakeLimits

__all__ = ["find_handins", "read_handin"]

DEPTH = 6  # folders below the one that is graded
FILES = 200_000


def find_handins(root: str | Path, limits: IntakeLimits) -> list[Handin]:
    """All hand-ins below a folder, in a zip file, or the one file given, sorted by path.

    A student is the first folder below `root`, else what an LMS puts before the file's name, else
    the file's name. A student's folder without any notebook is a hand-in too, an unreadable one.

    Raises
    ------
    OSError
        Where `root` itself cannot be read.
    ValueError
        Where `root` is neither a folder, a zip file nor a notebook.
    """
    root = Path(root)
    suffix = root.suffix.lower()
    if stat.S_ISDIR(os.lstat(root).st_mode):
        found = _in_folder(root, limits)
    elif suffix == ".zip":
        found = _in_zip(printable(root.name), str(root), limits, None)
    elif suffix == ".ipynb":
        found = [_on_disk(student_of(printable(root.name)), printable(root.name), root)]
    else:
        raise ValueError(f"{root} is neither a folder, a zip file nor a notebook")
    return sorted(found, key=lambda one: (one.path, one.members))


def read_handin(handin: Handin, limits: IntakeLimits) -> bytes:
    """The bytes of a notebook, at most `limits.file_bytes` of them.

    Raises
    ------
    Refused
        A link, a device, too large, damaged, or refused already when it was found.
    """
    if handin.status:
        raise Refused(handin.status, handin.problem)
    if not handin.members:
        with open_regular(handin.file, limits.file_bytes) as stream:
            data = stream.read(limits.file_bytes + 1)
        if len(data) > limits.file_bytes:  # it grew since it was opened
            raise too_large(limits.file_bytes)
        return data
    with open_regular(handin.file, limits.zip_bytes) as stream:
        data = archive.read_member(stream, handin.members[0], limits)
    for member in handin.members[1:]:
        data = archive.read_member(io.BytesIO(data), member, limits)
    return data


def _in_folder(root: Path, limits: IntakeLimits) -> Iterator[Handin]:
    """The hand-ins of a folder of students, found without following links."""
    empty, filled = {}, set()
    for parts, entry in _walk(root):
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        student, path = student_of(parts[0]), "/".join(parts)
        if entry.is_dir(follow_symlinks=False) and suffix != ".ipynb":
            if len(parts) == 1:
                empty[student] = path
            continue
        if suffix not in (".ipynb", ".zip") and not (entry.is_symlink() and len(parts) == 1):
            continue
        filled.add(student)
        if suffix == ".zip" and entry.is_file(follow_symlinks=False):
            yield from _in_zip(path, entry.path, limits, student if len(parts) > 1 else None)
        else:
            yield _on_disk(student, path, Path(entry.path))
    for student in empty.keys() - filled:
        yield _refusal(student, empty[student], "", "unreadable", "the folder has no notebook.")


def _walk(root: Path) -> Iterator[tuple[tuple[str, ...], os.DirEntry]]:
    """The way to every entry below a folder, hidden and surplus ones left out."""
    waiting, seen = [(root, ())], 0
    while waiting:
        folder, parts = waiting.pop()
        for entry in _entries(folder):
            seen += 1
            if seen > FILES:
                raise ValueError(f"{root} holds more than {FILES:,} files")
            if entry.name.startswith(".") or entry.name in archive.IGNORED_FOLDERS:
                continue
            where = (*parts, printable(entry.name))
            yield where, entry
            descend = entry.is_dir(follow_symlinks=False) and len(where) <= DEPTH
            if descend and not entry.name.lower().endswith(".ipynb"):
                waiting.append((Path(entry.path), where))


def _entries(folder: Path) -> list[os.DirEntry]:
    """What a folder holds; nothing where it may not be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except PermissionError:
        return []


def _on_disk(student: str, path: str, file: Path) -> Handin:
    """A hand-in for a file, refused at once unless it is a regular one."""
    try:
        sentence = irregular(os.lstat(file).st_mode)
    except OSError as error:  # it went away, or may not be looked at
        sentence = f"the file cannot be read: {error.strerror}."
    if sentence:
        return _refusal(student, path, str(file), "unreadable", sentence)
    return Handin(student=student, path=path, file=str(file))


def _refusal(student: str, path: str, file: str, status: str, sentence: str) -> Handin:
    return Handin(student, path, file, status=status, problem=sentence)


def _in_zip(path: str, file: str, limits: IntakeLimits, owner: str | None) -> list[Handin]:
    """The hand-ins in a zip file: a student's own (`owner`), or a download of a whole class.

    Any unsafe entry condemns a student's archive; in a class's, which the LMS packed, it condemns
    that entry alone.
    """
    student = owner or student_of(PurePosixPath(path).name)
    try:
        with open_regular(file, limits.zip_bytes) as stream:
            entries = archive.listing(stream, limits)
    except Refused as refused:
        return [_refusal(student, path, file, refused.status, str(refused))]
    whole_class = owner is None and archive.is_class(entries)
    unsafe = archive.unsafe_entries(entries, limits)
    if unsafe and not whole_class:
        return [_refusal(student, path, file, *min(unsafe.items())[1])]
    found = []
    for info in archive.notebooks(entries):
        who = student_of(info.filename.split("/")[0]) if whole_class else student
        at = archive.zip_time(info) if whole_class else None
        place = f"{path}!{printable(info.filename)}"
        one = Handin(who, place, file, (info.filename,), at, *unsafe.get(info.filename, ()))
        nested = info.filename.lower().endswith(".zip") and one.status is None
        found += _nested(one, limits) if nested else [one]
    return found or [_refusal(student, path, file, "unreadable", "the zip file has no notebook.")]


def _nested(outer: Handin, limits: IntakeLimits) -> list[Handin]:
    """The notebooks of a student's zip file inside another one."""
    try:
        stream = io.BytesIO(read_handin(outer, limits))
        entries = archive.listing(stream, limits)
        unsafe = archive.unsafe_entries(entries, limits)
        if unsafe:
            raise Refused(*min(unsafe.items())[1])
    except Refused as refused:
        return [_refusal(outer.student, outer.path, outer.file, refused.status, str(refused))]
    names = [i.filename for i in archive.notebooks(entries) if i.filename.lower().endswith("nb")]
    if not names:
        sentence = "the zip file has no notebook."
        return [_refusal(outer.student, outer.path, outer.file, "unreadable", sentence)]
    return [
        Handin(
            student=outer.student,
            path=f"{outer.path}!{printable(name)}",
            file=outer.file,
            members=(*outer.members, name),
            received_at=outer.received_at,
        )
        for name in names
    ]
