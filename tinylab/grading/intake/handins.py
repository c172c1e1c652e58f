"""Files come in: bounded, given to their students and opened without trusting anything about them.

In: a folder, a class's download (zip or unpacked) or one file. Out: an `Intake`: a `HandIn` for
each file of a student, and whatever could not be given to one. Nothing is ever unpacked to disk,
links and devices are never opened, and every refusal is a sentence for the student.
"""

import io
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tinylab.grading.intake import archive
from tinylab.grading.intake.gradescope import METADATA, named_owners
from tinylab.grading.intake.handin import (
    HandIn,
    Intake,
    NotAssigned,
    Refused,
    irregular,
    open_regular,
    printable,
    too_large,
)
from tinylab.grading.intake.layout import Layout, layout_of, seems_a_class
from tinylab.grading.intake.platforms import Owner, owner_by_name
from tinylab.grading.intake.roster import NotOnRoster, Roster
from tinylab.grading.rules.config import IntakeLimits

__all__ = ["read_handin", "take_in"]

DEPTH = 6  # folders below the one that is graded
FILES = 200_000
NOTEBOOK, ZIP = ".ipynb", ".zip"
NO_NOTEBOOK = "there is no notebook in it; hand in the .ipynb file."


@dataclass(frozen=True)
class _Entry:
    """A file below the class's folder, on disk or in the class's zip file."""

    parts: tuple[str, ...]
    path: str
    file: str
    members: tuple[str, ...] = ()
    problem: tuple[str, str] | None = None  # status and sentence, where it must not be read

    def ends(self, *suffixes: str) -> bool:
        return self.parts[-1].lower().endswith(suffixes)


def take_in(
    root: str | Path,
    limits: IntakeLimits,
    *,
    roster: Roster = Roster(),
    notebooks: Collection[str] = (),
    time_zone: str = "UTC",
) -> Intake:
    """All hand-ins below a folder, in a zip file, or the one file given, sorted by path.

    Parameters
    ----------
    root : path
    limits : IntakeLimits
    roster : Roster, optional
        Who there is; whatever fits none of them cannot be given to anybody.
    notebooks : collection of str
        Names of the course's notebooks, which are no student's name.
    time_zone : str
        The zone of times that a platform writes into its names.

    Raises
    ------
    OSError
        Where `root` itself cannot be read.
    ValueError
        Where `root` is neither a folder, a zip file nor a notebook, or a zip file of which nobody
        can tell whether it is one student's or a class's.
    """
    root = Path(root)
    name, suffix = printable(root.name or root.resolve().name), root.suffix.lower()
    if stat.S_ISDIR(os.lstat(root).st_mode):
        entries = list(_in_folder(root))
    elif suffix == ZIP:
        try:
            entries = _in_class_zip(name, str(root), limits)
        except Refused as refused:  # damaged: somebody's, and a row says so
            owner = owner_by_name(name)
            return Intake((_refused(owner.student, name, str(root), refused),))
    elif suffix == NOTEBOOK:
        return Intake((_on_disk(owner_by_name(name).student, name, root),))
    else:
        raise ValueError(f"{root} is neither a folder, a zip file nor a notebook")
    known = {owner for entry in roster.entries for owner in (entry.student, entry.name)}
    layout = layout_of([one.parts for one in entries], name, notebooks, known)
    if suffix == ZIP and layout.platform == "folders":
        alone = _one_students_zip(name, layout, notebooks)
        if alone:
            layout = replace(layout, owners=dict.fromkeys(layout.owners, alone), refused={})
    if layout.platform == "Gradescope":
        layout = replace(layout, owners=_named(layout, entries, limits))
    return _assigned(entries, layout, limits, roster, time_zone)


def _one_students_zip(name: str, layout: Layout, notebooks: Collection[str]) -> Owner | None:
    """The owner of a zip file that is one student's, None for a class's; else a ValueError."""
    if any("students" in reason for reason in layout.refused.values()):
        return None
    own = [path for path in layout.owners if path[-1].lower().endswith((NOTEBOOK, ZIP))]
    stems = {path[-1].rpartition(".")[0].casefold() for path in own}
    of_course = {word.casefold() for one in notebooks for word in one.split("/")}
    if (
        len({layout.owners[path].student for path in own}) <= 1
        or stems <= of_course
        and all(len(path) == 1 for path in own)
    ):
        return owner_by_name(name)
    if all(len(path) > 1 for path in own):
        return None
    raise ValueError(
        f"nobody can tell whether {name} is one student's or a class's: unpack it, with a folder "
        "for each student"
    )


def _named(layout: Layout, entries: list[_Entry], limits: IntakeLimits) -> dict:
    """Gradescope's owners with the names in the file that it writes beside its folders."""
    wanted = [one for one in entries if one.parts[layout.depth :] == (METADATA,)]
    if not wanted:
        return layout.owners
    one = wanted[0]
    text = read_handin(HandIn("", one.path, one.file, one.members), limits)
    return named_owners(text, layout.owners)


def _assigned(
    entries: list[_Entry], layout: Layout, limits: IntakeLimits, roster: Roster, time_zone: str
) -> Intake:
    """Hand-ins of the entries that have an owner; the others as they are."""
    handins: dict[str, list[HandIn]] = {}
    not_assigned = {"/".join(path): reason for path, reason in layout.refused.items()}
    for entry in entries:
        owner = layout.owners.get(entry.parts)
        if owner is None:
            continue
        try:
            students = roster.entries_of(owner) if roster else (None,)
        except NotOnRoster as unknown:
            not_assigned[entry.path] = str(unknown)
            continue
        if layout.platform == "folders" and _holds_a_class(entry, limits):
            not_assigned[entry.path] = "it is a class's download: grade it by itself."
            continue
        for student in students:
            who = student.student if student else owner.student
            stated = student.received if student else None
            received = stated or _in_utc(owner.received, time_zone)
            folder = entry.parts[layout.depth] if layout.platform != "folders" else ""
            for one in _of_entry(entry, who, owner, limits):
                more = {"received_at": received, "late": owner.late, "folder": folder}
                handins.setdefault(who, []).append(replace(one, **more))
    chosen = (one for own in handins.values() for one in _without_attachments(own))
    return Intake(
        handins=tuple(sorted(chosen, key=lambda one: (one.path, one.members, one.student))),
        not_assigned=tuple(NotAssigned(*pair) for pair in sorted(not_assigned.items())),
        platform=layout.platform,
    )


def _in_utc(when: datetime | None, time_zone: str) -> str | None:
    """A platform's time as ISO 8601 in UTC; without a zone it is in the course's."""
    if when is None:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(time_zone))
    return when.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds")


def _of_entry(entry: _Entry, student: str, owner: Owner, limits: IntakeLimits) -> list[HandIn]:
    """The hand-ins in one entry of a student's: itself, or what her zip file holds."""
    one = HandIn(student, entry.path, entry.file, entry.members)
    if entry.problem:
        return [replace(one, status=entry.problem[0], problem=entry.problem[1])]
    if entry.ends(ZIP):
        return _in_own_zip(one, limits)
    if entry.ends(NOTEBOOK) and not owner.text_only:
        return [one]
    return [replace(one, status="unreadable", problem=NO_NOTEBOOK, flags=("attachment",))]


def _without_attachments(own: list[HandIn]) -> list[HandIn]:
    """A student's notebooks; where she has none, one row that says what she handed in instead."""
    notebooks = [one for one in own if "attachment" not in one.flags]
    if notebooks:
        return notebooks
    first = own[0]
    names = ", ".join(one.path.rpartition("/")[2] for one in own if one.file)[:200]
    sentence = f"there is no notebook, only {names}; hand in the .ipynb file." if names else None
    return [replace(first, problem=sentence or NO_NOTEBOOK, flags=())]


def _holds_a_class(entry: _Entry, limits: IntakeLimits) -> bool:
    """Whether a zip file among students' folders was packed by a platform for a whole class."""
    lone = len(entry.parts) == 1 and entry.ends(ZIP) and not entry.problem
    if not lone or owner_by_name(entry.parts[0]).number:
        return False
    try:
        with open_regular(entry.file, limits.zip_bytes) as stream:
            infos = archive.listing(stream, limits)
    except Refused:
        return False
    return seems_a_class({info.filename.split("/")[0] for info in archive.notebooks(infos)})


def read_handin(handin: HandIn, limits: IntakeLimits) -> bytes:
    """The bytes of a notebook, at most `limits.file_bytes` of them.

    Raises
    ------
    Refused
        A link, a device, too large, damaged, or refused already when it came in.
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


def _in_folder(root: Path) -> Iterator[_Entry]:
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
            one = _on_disk("", path, Path(entry.path))
            problem = (one.status, one.problem) if one.status else None
        yield _Entry(parts, path, entry.path, problem=problem)
    for name in sorted(empty.keys() - filled):
        yield _Entry((name, ""), name, "", problem=("unreadable", "the folder has no notebook."))


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


def _on_disk(student: str, path: str, file: Path) -> HandIn:
    """A hand-in for a file, refused at once unless it is a regular one."""
    try:
        sentence = irregular(os.lstat(file).st_mode)
    except OSError as error:  # it went away, or may not be looked at
        sentence = f"the file cannot be read: {error.strerror}."
    if sentence:
        return _refused(student, path, str(file), Refused("unreadable", sentence))
    return HandIn(student=student, path=path, file=str(file))


def _refused(student: str, path: str, file: str, refused: Refused) -> HandIn:
    return HandIn(student, path, file, status=refused.status, problem=str(refused))


def _in_class_zip(name: str, file: str, limits: IntakeLimits) -> list[_Entry]:
    """The files of the zip file that is graded; an unsafe one is condemned alone."""
    with open_regular(file, limits.zip_bytes) as stream:
        infos = archive.listing(stream, limits)
    unsafe = archive.unsafe_entries(infos, limits)
    visible = archive.visible_entries(infos)
    if not visible:
        raise Refused("unreadable", "the zip file has no notebook.")
    return [
        _Entry(
            parts=tuple(printable(part) for part in info.filename.replace("\\", "/").split("/")),
            path=f"{name}!{printable(info.filename)}",
            file=file,
            members=(info.filename,),
            problem=unsafe.get(info.filename),
        )
        for info in visible
    ]


def _in_own_zip(outer: HandIn, limits: IntakeLimits, depth: int = 0) -> list[HandIn]:
    """The notebooks in a student's zip file, and in zip files in it; all of them are hers."""
    try:
        if outer.members:
            stream = io.BytesIO(read_handin(outer, limits))
            infos = archive.listing(stream, limits)
        else:
            with open_regular(outer.file, limits.zip_bytes) as stream:
                infos = archive.listing(stream, limits)
        unsafe = archive.unsafe_entries(infos, limits)
        if unsafe:
            raise Refused(*min(unsafe.items())[1])
    except Refused as refused:
        return [_refused(outer.student, outer.path, outer.file, refused)]
    inside: list[HandIn] = []
    for info in archive.notebooks(infos):
        path = f"{outer.path}!{printable(info.filename)}"
        one = replace(outer, path=path, members=(*outer.members, info.filename))
        is_zip = info.filename.lower().endswith(ZIP)
        inside += _in_own_zip(one, limits, depth + 1) if is_zip and depth < 1 else [one]
    inside = [one for one in inside if one.members[-1].lower().endswith(NOTEBOOK) or one.status]
    if inside:
        return inside
    nothing = Refused("unreadable", "the zip file has no notebook.")
    return [_refused(outer.student, outer.path, outer.file, nothing)]
