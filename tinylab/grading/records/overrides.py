"""What a teacher changes by hand: a CSV file in, signed lines of the record book out.

Columns: `student`, `exercise` (or a notebook's name, or empty for everything), and of `points`,
`excuse`, `comment`, `extension` those that are needed. A file is taken whole or not at all.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from tinylab.grading.intake.csv_files import csv_rows, csv_text
from tinylab.grading.intake.roster import local_time
from tinylab.grading.records.entries import OverrideRecord
from tinylab.grading.records.rows import ClassGrades

__all__ = ["read_overrides"]

COLUMNS = ("student", "exercise", "points", "excuse", "comment", "extension")
YES, NO = ("yes", "true", "1", "x"), ("", "no", "false", "0")


def read_overrides(
    path: str | Path,
    grades: ClassGrades,
    notebook_of: Mapping[str, str],
    time_zone: str,
) -> list[OverrideRecord]:
    """The changes in a file.

    Parameters
    ----------
    path : path
    grades : ClassGrades
        Who there is, and what was handed in.
    notebook_of : mapping of str to str
        The notebook of every exercise.
    time_zone : str
        Of extensions without a zone.

    Raises
    ------
    ValueError
        A student or an exercise that is not there, or a value that is none, with the line.
    """
    rows = [
        {name.casefold(): value for name, value in row.items()} for row in csv_rows(csv_text(path))
    ]
    names = list(rows[0]) if rows else []
    unknown = set(names) - set(COLUMNS)
    if "student" not in names or unknown:
        raise ValueError(
            f"{path}: the columns must be of {', '.join(COLUMNS)}, student among them"
            + (f"; there is {sorted(unknown)[0]!r}" if unknown else "")
        )
    people = _people(grades)
    return [
        _override(f"{path}, line {number}", row, people, grades, notebook_of, time_zone)
        for number, row in enumerate(rows, 2)
        if any(row.values())
    ]


def _people(grades: ClassGrades) -> dict[str, str]:
    """The student that each way of writing her name means, where it means one."""
    people: dict[str, set[str]] = {}
    for student in grades.students:
        for name in (student.student, *student.name_and_number):
            if name:
                people.setdefault(name.casefold(), set()).add(student.student)
    return {name: min(who) for name, who in people.items() if len(who) == 1}


def _override(
    where: str,
    row: Mapping[str, str],
    people: Mapping[str, str],
    grades: ClassGrades,
    notebook_of: Mapping[str, str],
    time_zone: str,
) -> OverrideRecord:
    """One change, checked against what there is."""
    given = {name: (row.get(name) or "").strip() for name in COLUMNS}
    student = people.get(given["student"].casefold())
    if student is None:
        raise ValueError(f"{where}: there is no student {given['student']!r}, or more than one")
    assignment, exercise = _about(where, given["exercise"], notebook_of)
    if exercise and given["extension"]:
        raise ValueError(f"{where}: an extension is for a notebook, not for one exercise")
    points = _points(where, given["points"])
    if points is not None and not exercise:
        raise ValueError(f"{where}: points are for one exercise; name it")
    excused = _yes(where, given["excuse"])
    if points is not None or excused:
        _require_hand_in(where, student, assignment, grades)
    extension = local_time(given["extension"], time_zone, f"{where}: extension")
    if points is None and not excused and not given["comment"] and extension is None:
        raise ValueError(f"{where}: it changes nothing: give points, excuse, comment or extension")
    return OverrideRecord(
        student=student,
        assignment=assignment,
        exercise_id=exercise,
        points=points,
        excused=excused,
        comment=given["comment"],
        extension=extension,
    )


def _about(where: str, name: str, notebook_of: Mapping[str, str]) -> tuple[str, str]:
    """(notebook, exercise) that a name means; empty strings for everything."""
    if name in notebook_of:
        return notebook_of[name], name
    if name == "" or name in notebook_of.values():
        return name, ""
    raise ValueError(f"{where}: there is no exercise or notebook {name!r}")


def _points(where: str, text: str) -> float | None:
    if not text:
        return None
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points < 1e6:
        raise ValueError(f"{where}: points must be a number from 0 up, not {text!r}")
    return points


def _yes(where: str, text: str) -> bool:
    if text.casefold() not in YES + NO:
        raise ValueError(f"{where}: excuse must be yes or empty, not {text!r}")
    return text.casefold() in YES


def _require_hand_in(where: str, student: str, assignment: str, grades: ClassGrades) -> None:
    """A ValueError where a change would have nothing to change."""
    own: Collection[str] = {row.assignment for row in grades.rows if row.student == student}
    if not own or (assignment and assignment not in own):
        what = assignment or "anything"
        raise ValueError(f"{where}: {student} has no hand-in of {what} whose points could change")
