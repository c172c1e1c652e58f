"""Hand-ins in zip files: a class's, a student's own, and zip files in those; none is unpacked.

In: an open zip file, or a hand-in in one. Out: entries, hand-ins, the bytes of a notebook.
"""

import io
import re
from dataclasses import replace
from pathlib import PurePosixPath

from tinylab.grading.intake import archive
from tinylab.grading.intake.folders import MODEL, NOTEBOOK, ZIP, Entry, refused_file
from tinylab.grading.intake.handin import HandIn, Refused, open_regular, printable, too_large
from tinylab.grading.intake.layout import seems_a_class
from tinylab.grading.intake.platforms import owner_by_name
from tinylab.grading.rules.config import IntakeLimits

__all__ = [
    "NO_NOTEBOOK",
    "attachment",
    "holds_a_class",
    "in_class_zip",
    "in_own_zip",
    "is_for_board",
    "read_handin",
]

NO_NOTEBOOK = "there is no notebook in it; hand in the .ipynb file."


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


def in_class_zip(name: str, file: str, limits: IntakeLimits) -> list[Entry]:
    """The files of the zip file that is graded; an unsafe one is condemned alone."""
    with open_regular(file, limits.zip_bytes) as stream:
        infos = archive.listing(stream, limits)
    unsafe = archive.unsafe_entries(infos, limits)
    visible = archive.visible_entries(infos)
    if not visible:
        raise Refused("unreadable", "the zip file has no notebook.")
    return [
        Entry(
            parts=tuple(printable(part) for part in shown.replace("\\", "/").split("/")),
            path=f"{name}!{printable(shown)}",
            file=file,
            members=(info.filename,),
            problem=unsafe.get(info.filename),
        )
        for info, shown in ((info, archive.shown_name(info)) for info in visible)
    ]


def in_own_zip(outer: HandIn, limits: IntakeLimits, depth: int = 0) -> list[HandIn]:
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
        return [refused_file(outer.student, outer.path, outer.file, refused)]
    inside: list[HandIn] = []
    for info in archive.notebooks(infos):
        path = f"{outer.path}!{printable(archive.shown_name(info))}"
        handin = replace(outer, path=path, members=(*outer.members, info.filename))
        if is_for_board(handin):
            inside.append(attachment(handin))
            continue
        is_zip = info.filename.lower().endswith(ZIP)
        inside += in_own_zip(handin, limits, depth + 1) if is_zip and depth < 1 else [handin]
    inside = [
        handin
        for handin in inside
        if handin.members[-1].lower().endswith(NOTEBOOK) or handin.status
    ]
    if inside:
        return inside
    nothing = Refused("unreadable", "the zip file has no notebook.")
    return [refused_file(outer.student, outer.path, outer.file, nothing)]


def attachment(handin: HandIn) -> HandIn:
    """A file that is no notebook: its owner has a row for it where she has no notebook."""
    return replace(handin, status="unreadable", problem=NO_NOTEBOOK, flags=("attachment",))


def is_for_board(handin: HandIn) -> bool:
    """Whether a file is a model that its owner wants to see on the class's board."""
    name = PurePosixPath(handin.path.replace("!", "/")).name.casefold()
    return handin.path.lower().endswith(MODEL) and re.search(r"(^|_)board[^/]*$", name) is not None


def holds_a_class(entry: Entry, limits: IntakeLimits) -> bool:
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
