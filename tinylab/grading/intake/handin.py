"""What a hand-in is before it is read, and the one way a file is opened.

In: a path that a student chose. Out: an open regular file of bounded size, or a `Refused`.
"""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = [
    "HandIn",
    "Intake",
    "NotAssigned",
    "Refused",
    "irregular",
    "open_regular",
    "printable",
    "too_large",
]


@dataclass(frozen=True)
class HandIn:
    """A file of one student, not yet read, or why it will not be.

    Attributes
    ----------
    student : str
        Who, by the learning platform's structure or the teacher's roster.
    path : str
        Where below the graded folder, members of zip files after "!": for people and records.
    file : str
        The file on disk.
    members : tuple of str
        The way into zip files, one name for each level.
    received_at : str or None
        ISO 8601 in UTC where the platform or the roster says so, else None.
    status, problem : str or None
        The end that is already known ("unreadable", "limit"), and a sentence for the student.
    late : bool
        Whether the platform marks it as late.
    folder : str
        What the platform calls the student's folder, for returning feedback; else empty.
    flags : tuple of str
        What the intake noticed.
    """

    student: str
    path: str
    file: str
    members: tuple[str, ...] = ()
    received_at: str | None = None
    status: str | None = None
    problem: str | None = None
    late: bool = False
    folder: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotAssigned:
    """A file that belongs to no student as far as can be told, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """Everything in a class's download: hand-ins, and what could not be given to a student.

    `platform` is whose structure it has ("Moodle", "Canvas", ... or "folders"); `models` are files
    for the class's board.
    """

    handins: tuple[HandIn, ...]
    not_assigned: tuple[NotAssigned, ...] = ()
    platform: str = "folders"
    models: tuple[HandIn, ...] = ()


class Refused(Exception):
    """Why a file is not read: a status ("unreadable", "limit") and a sentence for the student."""

    def __init__(self, status: str, sentence: str):
        super().__init__(sentence)
        self.status = status


def printable(name: str) -> str:
    """A file name as valid text: bytes that are no UTF-8 become escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def irregular(mode: int) -> str | None:
    """Why a file of that mode is not read, or None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISLNK(mode):
        return "the file is a link; hand in the notebook itself."
    if stat.S_ISDIR(mode):
        return "this is a folder with a notebook's name; hand in the notebook itself."
    return "this is not a regular file; hand in the notebook itself."


def open_regular(file: str | Path, most: int) -> BinaryIO:
    """Open a regular file of at most `most` bytes; never follows a link nor waits for a pipe.

    Raises
    ------
    Refused
        For anything else.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(file, flags | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused("unreadable", irregular(stat.S_IFLNK)) from None
        raise Refused("unreadable", f"the file cannot be read: {error.strerror}.") from None
    status = os.fstat(handle)
    sentence = irregular(status.st_mode)
    if sentence or status.st_size > most:
        os.close(handle)
        raise Refused("unreadable", sentence) if sentence else too_large(most)
    return open(handle, "rb")


def too_large(most: int) -> Refused:
    """The refusal of a file with more than `most` bytes."""
    return Refused(
        "limit",
        f"the file is larger than {most / 1e6:,.0f} MB; clear the outputs, remove attachments "
        "and hand it in again.",
    )
