"""Tables of a record book: grades, hand-ins, JUnit XML, and files an LMS imports.

In: records that verified. Out: CSV and XML files. Whatever a student chose (names, paths, what her
code raised) is shown with its control characters written out and never begins a formula.
"""

import csv
import io
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from tinylab.files import replacing
from tinylab.grading.records.rows import WORDS, ClassGrades, Row, StudentGrades
from tinylab.grading.rules.result import Assignment

__all__ = ["cell", "please_look", "slug", "visible", "write_csv", "write_tables"]

MOODLE_HEAD = ["Identifier", "Full name", "Grade", "Maximum grade", "Feedback comments"]
CANVAS_HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
HANDINS_HEAD = [
    "student",
    "path",
    "sha256",
    "assignment",
    "attempt",
    "received",
    "status",
    "points",
    "maximum",
    "kept",
    "counts",
    "flags",
    "message",
    "about its time",
]


def visible(text: str) -> str:
    """Text with control, bidirectional and unpaired characters written as escapes."""
    return "".join(
        c
        if c == " " or unicodedata.category(c)[0] not in "CZ"
        else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def cell(value) -> str:
    """A value as a CSV cell that no spreadsheet takes for a formula."""
    if isinstance(value, (int, float)):
        return f"{value:g}"
    text = visible(str(value))
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text


def write_tables(
    folder: Path, grades: ClassGrades, assignments: Mapping[str, Assignment]
) -> list[Path]:
    """Write grades.csv, handins.csv, please_look.csv, junit.xml, canvas.csv and moodle/*.csv.

    Parameters
    ----------
    folder : Path
    grades : ClassGrades
    assignments : mapping of str to Assignment
        Those that are graded: the columns.
    """
    seen = {row.assignment for row in grades.rows}
    shown = {name: assignment for name, assignment in assignments.items() if name in seen} or dict(
        assignments
    )
    tables = {
        "grades.csv": _grades(grades.students, grades.rows, shown),
        "handins.csv": _handins(grades.rows),
        "please_look.csv": please_look(grades),
        "canvas.csv": _canvas(grades.students, shown),
        **{f"moodle/{slug(name)}.csv": _moodle(grades.students, name) for name in shown},
    }
    for name, table in tables.items():
        write_csv(folder / name, table)
    with replacing(folder / "junit.xml") as temporary:
        _junit(grades.students, grades.rows).write(
            temporary, encoding="utf-8", xml_declaration=True
        )
    return [folder / name for name in (*tables, "junit.xml")]


def slug(name: str) -> str:
    """A name as part of a file name: at most 60 plain characters."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("._")[:60] or "unnamed"


def write_csv(path: Path, table: Iterable[list]) -> None:
    """Write a table; only rows, no cell, may end a line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cell(value) for value in row] for row in table)
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def _grades(students, rows, assignments: Mapping[str, Assignment]) -> Iterable[list]:
    """One row a student: a column an exercise, then total and share kept for each notebook."""
    exercises = [
        (name, exercise)
        for name, assignment in assignments.items()
        for exercise in assignment.exercise_ids
    ]
    worded = {row.assignment for row in rows if row.question(WORDS)}
    exercises += [(name, WORDS) for name in assignments if name in worded]
    totals = [f"{name}: {what}" for name in assignments for what in ("points", "kept")]
    heads = [f"{name}: {WORDS}" if exercise == WORDS else exercise for name, exercise in exercises]
    yield ["student", "status", *heads, *totals, "points", "maximum"]
    for student in students:
        row: list = [student.student, _status(student)]
        for name, exercise in exercises:
            counted = student.counted.get(name)
            question = counted.question(exercise) if counted else None
            row.append("excused" if question and _is_excused(question) else _points(question))
        for name in assignments:
            counted = student.counted.get(name)
            row += [counted.worth, counted.kept] if counted else ["", ""]
        yield [*row, student.worth, student.maximum]


def _points(question) -> float | str:
    return question.earned if question else ""


def _is_excused(question) -> bool:
    return question.changed and question.maximum == 0


def _status(student: StudentGrades) -> str:
    """A word on a student: absent, or the statuses of what counts where they are not "graded"."""
    if not student.handed_in:
        return "absent"
    if not student.counted:
        return "nothing graded"
    odd = {row.status for row in student.counted.values()} - {"graded"}
    return " ".join(sorted(odd)) or "graded"


def _handins(rows: Iterable[Row]) -> Iterable[list]:
    """One row a hand-in, whether or not it counts."""
    yield HANDINS_HEAD
    for row in rows:
        yield [
            row.student,
            row.path,
            row.sha256,
            row.assignment,
            row.attempt,
            row.received or "not known",
            row.status,
            row.earned,
            row.maximum,
            row.kept,
            "yes" if row.counts else "no",
            " ".join(row.flags),
            row.message or "",
            row.late_note,
        ]


def please_look(grades: ClassGrades) -> Iterable[list]:
    """Rows of what a person should look at, and why, below their head."""
    yield ["student", "path", "assignment", "exercise", "why"]
    for left_over in grades.intake.not_assigned if grades.intake else ():
        yield ["could not place", left_over.path, "", "", left_over.reason]
    for row in grades.rows:
        about = [row.student, row.path, row.assignment]
        for question in row.questions:
            if question.review:
                yield [*about, question.exercise_id, question.review]
            if question.earned > question.maximum:
                given = f"you gave {question.earned:g} of {question.maximum:g} points."
                yield [*about, question.exercise_id, given]
        if row.status not in ("graded", "needs_review") or "copies" in row.flags:
            yield [*about, "", f"{row.status}: {row.message or ''}"]
        elif row.status == "needs_review" and not any(q.review for q in row.questions):
            yield [*about, "", row.message or "copies of one cell have different answers."]
        if row.late_note and "marked late" in row.late_note:
            yield [*about, "", row.late_note]
        odd = {"forbidden", "metadata_edited"} & set(row.flags)
        if odd:
            yield [*about, "", f"flags: {' '.join(sorted(odd))}"]
    for student in grades.students:
        if not student.handed_in:
            yield [student.student, "", "", "", "absent: nothing was handed in."]


def _canvas(students, assignments: Mapping[str, Assignment]) -> Iterable[list]:
    """What Canvas' gradebook imports: two heads, then a row a student."""
    yield [*CANVAS_HEAD, *assignments]
    yield ["    Points Possible", "", "", "", "", *_maxima(students, assignments)]
    for student in students:
        name, number = student.name_and_number
        worth = [
            student.counted[assignment].worth if assignment in student.counted else ""
            for assignment in assignments
        ]
        yield [name, number, "", "", "", *worth]


def _maxima(students, assignments: Mapping[str, Assignment]) -> list:
    """The most points of each notebook that anybody could get."""
    return [
        max((s.counted[name].maximum for s in students if name in s.counted), default="")
        for name in assignments
    ]


def _moodle(students, assignment: str) -> Iterable[list]:
    """What Moodle's offline grading worksheet of one assignment imports."""
    yield MOODLE_HEAD
    for student in students:
        counted = student.counted.get(assignment)
        if counted:
            name, number = student.name_and_number
            identifier = f"Participant {number}" if number else name
            comment = counted.comment or f"{counted.earned:g} of {counted.maximum:g} points"
            yield [identifier, name, counted.worth, counted.maximum, comment]


def _junit(students, rows) -> ElementTree.ElementTree:
    """A suite a student, a case an exercise; hand-ins that could not be run are errors."""
    root = ElementTree.Element("testsuites", name="tinylab grade")
    unread = defaultdict(list)
    for row in rows:
        if not row.assignment:
            unread[row.student].append(row)
    for student in students:
        suite = ElementTree.SubElement(root, "testsuite", name=visible(student.student))
        for name, counted in student.counted.items():
            for question in counted.questions:
                about = {"classname": name, "name": question.exercise_id}
                case = ElementTree.SubElement(suite, "testcase", about)
                if question.earned < question.maximum:
                    message = f"{question.earned:g} of {question.maximum:g} points"
                    ElementTree.SubElement(case, "failure", message=message)
        for row in unread[student.student]:
            about = {"classname": row.status, "name": visible(row.path)}
            case = ElementTree.SubElement(suite, "testcase", about)
            ElementTree.SubElement(case, "error", message=visible(row.message or row.status))
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            suite.set(attribute, str(len(suite.findall(f".//{tag}"))))
    return ElementTree.ElementTree(root)
