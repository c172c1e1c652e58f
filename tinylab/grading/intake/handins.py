"""Files come in: bounded, given to their students and opened without trusting anything about them.

In: a folder, a class's download (zip or unpacked) or one file. Out: an `Intake`: a `HandIn` for
each file of a student, and whatever could not be given to one. Nothing is ever unpacked to disk,
links and devices are never opened, and every refusal is a sentence for the student.
"""

import os
import stat
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tinylab.grading.intake.folders import NOTEBOOK, ZIP, Entry, in_folder, on_disk, refused_file
from tinylab.grading.intake.gradescope import METADATA, named_owners
from tinylab.grading.intake.handin import (
    HandIn,
    Intake,
    NotAssigned,
    Refused,
    printable,
)
from tinylab.grading.intake.layout import Layout, layout_of, without_lone_notebooks
from tinylab.grading.intake.platforms import Owner, owner_by_name
from tinylab.grading.intake.roster import NotOnRoster, Roster
from tinylab.grading.intake.zips import (
    NO_NOTEBOOK,
    attachment,
    holds_a_class,
    in_class_zip,
    in_own_zip,
    is_for_board,
    read_handin,
)
from tinylab.grading.rules.config import IntakeLimits

__all__ = ["take_in"]


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
        entries = list(in_folder(root))
    elif suffix == ZIP:
        try:
            entries = in_class_zip(name, str(root), limits)
        except Refused as refused:  # damaged: somebody's, and a row says so
            owner = owner_by_name(name)
            return Intake((refused_file(owner.student, name, str(root), refused),))
    elif suffix == NOTEBOOK:
        return Intake((on_disk(owner_by_name(name).student, name, root),))
    else:
        raise ValueError(f"{root} is neither a folder, a zip file nor a notebook")
    known = {owner for entry in roster.entries for owner in (entry.student, entry.name)}
    layout = layout_of([entry.parts for entry in entries], name, notebooks, known)
    is_zip = suffix == ZIP and layout.platform == "folders"
    alone = _one_students_zip(name, layout, notebooks) if is_zip else None
    if alone:
        layout = replace(layout, owners=dict.fromkeys(layout.owners, alone), refused={})
    else:
        layout = without_lone_notebooks(layout, notebooks)
    if layout.platform == "Gradescope":
        layout = replace(layout, owners=_named(layout, entries, limits))
    return _assigned(entries, layout, limits, roster, time_zone)


def _one_students_zip(name: str, layout: Layout, notebooks: Collection[str]) -> Owner | None:
    """The owner of a zip file that is one student's, None for a class's; else a ValueError."""
    if any("students" in reason for reason in layout.refused.values()):
        return None
    own = [path for path in layout.owners if path[-1].lower().endswith((NOTEBOOK, ZIP))]
    stems = {path[-1].rpartition(".")[0].casefold() for path in own}
    of_course = {word.casefold() for notebook in notebooks for word in notebook.split("/")}
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


def _named(layout: Layout, entries: list[Entry], limits: IntakeLimits) -> dict:
    """Gradescope's owners with the names in the file that it writes beside its folders."""
    wanted = [entry for entry in entries if entry.parts[layout.depth :] == (METADATA,)]
    if not wanted:
        return layout.owners
    metadata = wanted[0]
    text = read_handin(HandIn("", metadata.path, metadata.file, metadata.members), limits)
    return named_owners(text, layout.owners)


def _assigned(
    entries: list[Entry], layout: Layout, limits: IntakeLimits, roster: Roster, time_zone: str
) -> Intake:
    """Hand-ins of the entries that have an owner; the others as they are."""
    handins: dict[str, list[HandIn]] = {}
    not_assigned = {"/".join(path): reason for path, reason in layout.refused.items()}
    for entry in entries:
        owner = layout.owners.get(entry.parts)
        if owner is None:
            continue
        try:
            owner = _one_reading(owner, roster)
            students = roster.entries_of(owner) if roster else (None,)
        except NotOnRoster as unknown:
            not_assigned[entry.path] = str(unknown)
            continue
        if layout.platform == "folders" and holds_a_class(entry, limits):
            not_assigned[entry.path] = "it is a class's download: grade it by itself."
            continue
        for student in students:
            who = student.student if student else owner.student
            stated = student.received if student else None
            received = stated or _in_utc(owner.received, time_zone)
            folder = entry.parts[layout.depth] if layout.platform != "folders" else ""
            for handin in _of_entry(entry, who, owner, limits):
                more = {"received_at": received, "late": owner.late, "folder": folder}
                handins.setdefault(who, []).append(replace(handin, **more))
    chosen = (handin for own in handins.values() for handin in _without_attachments(own))
    models = (handin for own in handins.values() for handin in own if is_for_board(handin))
    return Intake(
        handins=tuple(
            sorted(chosen, key=lambda handin: (handin.path, handin.members, handin.student))
        ),
        not_assigned=tuple(NotAssigned(*pair) for pair in sorted(not_assigned.items())),
        platform=layout.platform,
        models=tuple(
            replace(model, status=None, problem=None, flags=())
            for model in sorted(
                models, key=lambda model: (model.path, model.members, model.student)
            )
        ),
    )


def _one_reading(owner: Owner, roster: Roster) -> Owner:
    """The owner, or of the ways to read the platform's name the one whose number is listed.

    Raises
    ------
    NotOnRoster
        Where nobody can tell which it is.
    """
    if not owner.others:
        return owner
    numbers = {entry.number for entry in roster.entries if entry.number}
    readings = (owner, *owner.others)
    listed = [reading for reading in readings if reading.number in numbers]
    if len(listed) != 1:
        either = " or ".join(reading.student for reading in readings)
        raise NotOnRoster(
            f"its name may mean {either}: give a roster with Canvas' numbers, or rename it."
        )
    return listed[0]


def _in_utc(when: datetime | None, time_zone: str) -> str | None:
    """A platform's time as ISO 8601 in UTC; without a zone it is in the course's."""
    if when is None:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=ZoneInfo(time_zone))
    return when.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds")


def _of_entry(entry: Entry, student: str, owner: Owner, limits: IntakeLimits) -> list[HandIn]:
    """The hand-ins in one entry of a student's: itself, or what her zip file holds."""
    handin = HandIn(student, entry.path, entry.file, entry.members)
    if entry.problem:
        return [replace(handin, status=entry.problem[0], problem=entry.problem[1])]
    if entry.ends(ZIP):
        return in_own_zip(handin, limits)
    if entry.ends(NOTEBOOK) and not owner.text_only:
        return [handin]
    return [attachment(handin)]


def _without_attachments(own: list[HandIn]) -> list[HandIn]:
    """A student's notebooks; where she has none, one row that says what she handed in instead."""
    notebooks = [handin for handin in own if "attachment" not in handin.flags]
    if notebooks:
        return notebooks
    first = own[0]
    names = ", ".join(handin.path.rpartition("/")[2] for handin in own if handin.file)[:200]
    sentence = f"there is no notebook, only {names}; hand in the .ipynb file." if names else None
    return [replace(first, problem=sentence or NO_NOTEBOOK, flags=())]
