"""Tables of a record book: grades, submissions, JUnit XML, and files an LMS imports.

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
from tinylab.grading.records.standing import Row, Standing
from tinylab.grading.rules.result import Assignment

__all__ = ["cell", "visible", "write_tables"]

MOODLE_HEAD = ["Identifier", "Full name", "Grade", "Maximum grade", "Feedback comments"]
CANVAS_HEAD = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
SUBMISSIONS_HEAD = [
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
    folder: Path, standings: list[Standing], rows: list[Row], assignments: Mapping[str, Assignment]
) -> None:
    """Write grades.csv, submissions.csv, junit.xml, canvas.csv and moodle/*.csv.

    Parameters
    ----------
    folder : Path
    standings : list of Standing
        One for each student.
    rows : list of Row
        One for each submission.
    assignments : mapping of str to Assignment
        Those that are graded: the columns.
    """
    _write_csv(folder / "grades.csv", _grades(standings, assignments))
    _write_csv(folder / "submissions.csv", _submissions(rows))
    _write_csv(folder / "canvas.csv", _canvas(standings, assignments))
    for name in assignments:
        _write_csv(folder / "moodle" / f"{slug(name)}.csv", _moodle(standings, name))
    with replacing(folder / "junit.xml") as temporary:
        _junit(standings, rows).write(temporary, encoding="utf-8", xml_declaration=True)


def slug(name: str) -> str:
    """A name as part of a file name: at most 60 plain characters."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("._")[:60] or "unnamed"


def _write_csv(path: Path, table: Iterable[list]) -> None:
    """Write a table; only rows, no cell, may end a line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cell(one) for one in row] for row in table)
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def _grades(standings: list[Standing], assignments: Mapping[str, Assignment]) -> Iterable[list]:
    """One row a student: a column an exercise, then total and share kept for each notebook."""
    exercises = [(name, one) for name, a in assignments.items() for one in a.exercise_ids]
    totals = [f"{name}: {what}" for name in assignments for what in ("points", "kept")]
    yield ["student", *(one for _, one in exercises), *totals, "points", "maximum"]
    for standing in standings:
        row: list = [standing.student]
        for name, exercise in exercises:
            counted = standing.counted.get(name)
            row.append(counted.points(exercise) if counted else "")
        for name in assignments:
            counted = standing.counted.get(name)
            row += [counted.worth, counted.kept] if counted else ["", ""]
        yield [*row, standing.worth, standing.maximum]


def _submissions(rows: list[Row]) -> Iterable[list]:
    """One row a submission, whether or not it counts."""
    yield SUBMISSIONS_HEAD
    for row in rows:
        yield [
            row.student,
            row.path,
            row.sha256,
            row.assignment,
            row.attempt,
            row.received,
            row.status,
            row.earned,
            row.maximum,
            row.kept,
            "yes" if row.counts else "no",
            " ".join(row.flags),
            row.message or "",
        ]


def _canvas(standings: list[Standing], assignments: Mapping[str, Assignment]) -> Iterable[list]:
    """What Canvas' gradebook imports: two heads, then a row a student."""
    yield [*CANVAS_HEAD, *assignments]
    yield ["    Points Possible", "", "", "", "", *_maxima(standings, assignments)]
    for standing in standings:
        name, number = standing.name_and_number
        worth = [
            standing.counted[one].worth if one in standing.counted else "" for one in assignments
        ]
        yield [name, number, "", "", "", *worth]


def _maxima(standings: list[Standing], assignments: Mapping[str, Assignment]) -> list:
    from tinylab.course.exercises import find

    return [sum(len(find(e).points) for e in one.exercise_ids) for one in assignments.values()]


def _moodle(standings: list[Standing], assignment: str) -> Iterable[list]:
    """What Moodle's offline grading worksheet of one assignment imports."""
    yield MOODLE_HEAD
    for standing in standings:
        counted = standing.counted.get(assignment)
        if counted:
            name, number = standing.name_and_number
            identifier = f"Participant {number}" if number else name
            comment = f"{counted.earned} of {counted.maximum} points"
            yield [identifier, name, counted.worth, counted.maximum, comment]


def _junit(standings: list[Standing], rows: list[Row]) -> ElementTree.ElementTree:
    """A suite a student, a case an exercise; submissions that could not be run are errors."""
    root = ElementTree.Element("testsuites", name="tinylab grade")
    unread = defaultdict(list)
    for row in rows:
        if not row.assignment:
            unread[row.student].append(row)
    for standing in standings:
        suite = ElementTree.SubElement(root, "testsuite", name=visible(standing.student))
        for name, counted in standing.counted.items():
            for exercise, earned, most in counted.questions:
                case = ElementTree.SubElement(suite, "testcase", classname=name, name=exercise)
                if earned < most:
                    told = f"{earned} of {most} points"
                    ElementTree.SubElement(case, "failure", message=told)
        for row in unread[standing.student]:
            place = {"classname": row.status, "name": visible(row.path)}
            case = ElementTree.SubElement(suite, "testcase", place)
            ElementTree.SubElement(case, "error", message=visible(row.message or row.status))
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            suite.set(attribute, str(len(suite.findall(f".//{tag}"))))
    return ElementTree.ElementTree(root)
