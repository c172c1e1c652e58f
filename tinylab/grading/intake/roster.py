"""The teacher's list of her students: who there is, and whose an owner's name is.

In: a CSV file with a column `name` and, where there are any, `number`, `email`, `group`,
`extension`, `received`. Out: a `Roster`. An owner that fits nobody, or more than one, is not
guessed at.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tinylab.grading.intake.csv_files import csv_rows, csv_text
from tinylab.grading.intake.platforms import Owner

__all__ = ["NotOnRoster", "Roster", "RosterEntry", "local_time", "read_roster"]

COLUMNS = {
    "name": ("name", "full name", "student"),
    "number": ("number", "id", "id number", "student number", "sid"),
    "email": ("email", "e-mail", "email address", "login"),
    "group": ("group",),
    "extension": ("extension",),
    "received": ("received",),
}


NO_GROUP = "Default group"  # Moodle's word for who is in none


class NotOnRoster(ValueError):
    """Why an owner cannot be said to be one student of the roster."""


@dataclass(frozen=True)
class RosterEntry:
    """A student of the class; `extension` and `received` are ISO 8601 in UTC, or None."""

    name: str
    number: str = ""
    email: str = ""
    group: str = ""
    extension: str | None = None
    received: str | None = None

    @property
    def student(self) -> str:
        """What she is called in records."""
        return f"{self.name}_{self.number}" if self.number else self.name


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of the teacher's list."""

    entries: tuple[RosterEntry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    def entries_of(self, owner: Owner) -> tuple[RosterEntry, ...]:
        """The student an owner is, or all members of the group that it is.

        Raises
        ------
        NotOnRoster
            Where nobody fits, or more than one student.
        """
        if owner.number:
            same = [entry for entry in self.entries if entry.number == owner.number]
            if len(same) == 1:
                return (same[0],)
        wanted = {_plain(owner.login), _plain(owner.name), _plain(owner.student)} - {""}
        fitting = [entry for entry in self.entries if wanted & _names(entry)]
        if len(fitting) == 1:
            return (fitting[0],)
        if len(fitting) > 1:
            both = " and ".join(entry.student for entry in fitting[:2])
            raise NotOnRoster(f"{owner.student} may be {both} of the roster: add their numbers.")
        members = tuple(
            entry for entry in self.entries if entry.group and _plain(entry.group) in wanted
        )
        if not members:
            raise NotOnRoster(f"{owner.student} is not on the roster.")
        return members


def _names(entry: RosterEntry) -> set[str]:
    """The ways in which platforms write a student's name, without spaces and accents."""
    words = re.split(r"[\s,]+", entry.name.strip())
    turned = {"".join(words[i:] + words[:i]) for i in range(len(words))}
    login = entry.email.partition("@")[0]
    names = {*turned, entry.student, entry.email, login, entry.number}
    plain = {_plain(name) for name in names} - {""}
    # Where a class hands in by groups, Moodle writes "Group A-Ada Byron".
    groups = {_plain(group) for group in (entry.group, NO_GROUP)} - {""}
    return plain | {group + name for group in groups for name in plain}


def _plain(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if c.isalnum())


def read_roster(path: str | Path, time_zone: str) -> Roster:
    """Read a roster; times without a zone are in the course's.

    Raises
    ------
    ValueError
        No column `name`, a student twice, or a time that is none, in one sentence.
    OSError
        A file that cannot be read.
    """
    entries = []
    for number, row in enumerate(csv_rows(csv_text(path)), 2):
        values = _columns(row)
        if "name" not in values:
            raise ValueError(f"{path} has no column called name; its first line must name columns")
        if not values["name"]:
            raise ValueError(f"{path}, line {number}: the name is empty")
        for column in ("extension", "received"):
            if column in values:
                where = f"{path}, line {number}: {column}"
                values[column] = local_time(values[column], time_zone, where)
        entries.append(RosterEntry(**values))
    _require_different(path, entries)
    return Roster(tuple(entries))


def _columns(row: dict) -> dict[str, str]:
    """The values of a row that a roster knows, by its own names for them."""
    given = {name.casefold(): value for name, value in row.items()}
    return {
        own: given[name] for own, names in COLUMNS.items() for name in names[::-1] if name in given
    }


def _require_different(path, entries: list[RosterEntry]) -> None:
    """A ValueError where two students could not be told apart."""
    if not entries:
        raise ValueError(f"{path} lists no student")
    for what in ("student", "number"):
        values = [getattr(entry, what) for entry in entries if getattr(entry, what)]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice:
            raise ValueError(f"{path} lists {twice} twice: give each student a number of her own")


def local_time(text: str, time_zone: str, where: str) -> str | None:
    """An ISO 8601 date and time, in the course's zone unless it says otherwise, as UTC."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        example = "2026-12-01T23:59"
        raise ValueError(f"{where} must be a date and time like {example}, not {text!r}") from None
    zone = ZoneInfo(time_zone)
    when = when if when.tzinfo else when.replace(tzinfo=zone)
    return when.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds")
