"""Which copy counts, who is absent, and what a teacher changes by hand."""

import csv
import zlib
from dataclasses import replace

import pytest

from tinylab.course.exercises import find
from tinylab.grading.intake.handin import NotAssigned
from tinylab.grading.intake.roster import RosterEntry
from tinylab.grading.outcome import Outcome
from tinylab.grading.records.entries import (
    HandInRecord,
    IntakeRecord,
    OverrideRecord,
    RosterRecord,
)
from tinylab.grading.records.grades import read_grades
from tinylab.grading.records.overrides import read_overrides
from tinylab.grading.records.record_book import RecordBook
from tinylab.grading.reports.tables import please_look
from tinylab.grading.reports.write import write_reports
from tinylab.grading.rules.config import read_config
from tinylab.grading.rules.result import PointResult, QuestionResult, Result
from tinylab.grading.whole_class.batch import Summary

NAME = "00_start_here"
NOTEBOOK_OF = {"weight_bytes": NAME, "battery_days": NAME}


def record(student, path, earned, answered=True, received=None, status="graded", review=None):
    """A hand-in with the first `earned` points of two exercises."""
    questions, left = [], earned
    for one in NOTEBOOK_OF:
        names = [point.name for point in find(one).points]
        points = tuple(PointResult(n, k < left, "why") for k, n in enumerate(names))
        left -= len(points)
        how = "answered" if answered else "no_response"
        questions.append(QuestionResult(one, how, points, review=review))
    result = Result(student, f"{zlib.crc32(path.encode()):064d}", NAME, status, tuple(questions))
    return HandInRecord(student, path, result.sha256, received, 1, NAME, result)


@pytest.fixture
def book(tmp_path, key):
    def write(*entries):
        with RecordBook(tmp_path, key) as book:
            for entry in entries:
                book.append(entry)
        return tmp_path

    return write


def grades_of(folder):
    grades = read_grades(folder, read_config())
    return grades, {one.student: one for one in grades.students}


def test_of_copies_the_one_with_answers_counts(book):
    folder = book(
        record("ada", "ada/2.ipynb", 0, answered=False), record("ada", "ada/2-Copy1.ipynb", 5)
    )
    _, students = grades_of(folder)
    counted = students["ada"].counted[NAME]
    assert (counted.path, counted.worth, counted.status) == ("ada/2-Copy1.ipynb", 5, "graded")


def test_copies_with_different_answers_are_named(book):
    folder = book(record("ada", "ada/a.ipynb", 5), record("ada", "ada/b.ipynb", 3))
    _, students = grades_of(folder)
    counted = students["ada"].counted[NAME]
    assert (counted.path, counted.status) == ("ada/a.ipynb", "needs_review")
    assert "ada/b.ipynb" in counted.message


def test_absent_students_and_what_has_no_student_are_listed(book, assignments):
    folder = book(
        RosterRecord((RosterEntry("Ada", "1"), RosterEntry("Bob"))),
        IntakeRecord("folders", (NotAssigned("x.ipynb", "nobody knows."),)),
        record("Ada_1", "Ada_1/a.ipynb", 5),
    )
    _, students = grades_of(folder)
    assert [one.handed_in for one in students.values()] == [True, False]
    write_reports(folder, read_config(), {NAME: assignments[NAME]})
    with (folder / "please_look.csv").open(newline="") as file:
        rows = [(row["student"], row["path"]) for row in csv.DictReader(file)]
    assert ("could not place", "x.ipynb") in rows and ("Bob", "") in rows
    report = str(
        Outcome(Summary(graded=1, kept=0, faults=()), read_grades(folder, read_config()), "")
    )
    assert f"For your eyes: {len(rows)} lines in please_look.csv." in report


def test_a_teachers_changes(book, tmp_path):
    folder = book(record("ada", "a.ipynb", 1, review="look", status="needs_review"))
    text = (
        "student,exercise,points,excuse,comment\n"
        "ada,weight_bytes,2.5,,well done\nADA,battery_days,,yes,\n"
    )
    (tmp_path / "changes.csv").write_text(text)
    grades, _ = grades_of(folder)
    changes = read_overrides(tmp_path / "changes.csv", grades, NOTEBOOK_OF, "UTC")
    book(*changes)
    counted = grades_of(folder)[1]["ada"].counted[NAME]
    assert (counted.worth, counted.maximum, counted.status) == (2.5, 3, "graded")
    assert counted.question("weight_bytes").comment == "well done"
    book(OverrideRecord("ada", NAME, "weight_bytes", points=3.0))
    assert grades_of(folder)[1]["ada"].counted[NAME].worth == 3


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("eve,weight_bytes,1,,,", "no student 'eve'"),
        ("ada,none_such,1,,,", "no exercise or notebook"),
        ("ada,weight_bytes,-1,,,", "number from 0 up"),
        ("ada,,1,,,", "points are for one exercise"),
        ("ada,weight_bytes,,maybe,,", "excuse must be yes"),
        ("ada,weight_bytes,,,,", "changes nothing"),
        ("ada,,,,,soon", "extension must be a date"),
        ("bob,weight_bytes,1,,,", "no hand-in of 00_start_here"),
    ],
)
def test_a_change_that_cannot_be_meant_is_a_sentence(book, tmp_path, line, sentence):
    folder = book(RosterRecord((RosterEntry("bob"),)), record("ada", "a.ipynb", 1))
    head = "student,exercise,points,excuse,comment,extension\n"
    (tmp_path / "c.csv").write_text(f"{head}{line}\n")
    with pytest.raises(ValueError, match=sentence):
        read_overrides(tmp_path / "c.csv", grades_of(folder)[0], NOTEBOOK_OF, "UTC")


@pytest.mark.parametrize("points, noticed", ((3.0, False), (11.0, True)))
def test_more_points_than_there_are_is_said(book, points, noticed):
    own = OverrideRecord("ada", NAME, "weight_bytes", points=points)
    grades, _ = grades_of(book(record("ada", "a.ipynb", 2), own))
    reasons = [line[-1] for line in please_look(grades)]
    assert ("you gave 11 of 3 points." in reasons) == noticed


def test_what_was_not_graded_is_no_zero(book, assignments):
    folder = book(
        record("ada", "a.ipynb", 0, status="ungraded"), record("bob", "b.ipynb", 0, status="graded")
    )
    write_reports(folder, read_config(), {NAME: assignments[NAME]})
    with (folder / "grades.csv").open(newline="") as file:
        ada, bob = csv.DictReader(file)
    assert (ada["status"], ada["weight_bytes"], ada["maximum"]) == ("nothing graded", "", "0")
    assert (bob["status"], bob["weight_bytes"]) == ("graded", "0")


@pytest.mark.parametrize(
    ("platform", "student", "folder", "returned"),
    [
        (
            "Moodle",
            "Ada Byron_11",
            "Ada Byron_11_assignsubmission_onlinetext",
            "return_moodle/Ada Byron_11_assignsubmission_file/feedback.html",
        ),
        (
            "Canvas",
            "byronada_1001",
            "byronada_LATE_1001_90001_work.ipynb",
            "return_canvas/byronada_LATE_1001_90001_work.html",
        ),
        ("Moodle", "eve", "../../eve", None),
        ("folders", "bob", "bob", None),
    ],
)
def test_pages_lie_in_names_that_the_platform_takes_back(
    book, assignments, platform, student, folder, returned
):
    handed_in = replace(record(student, "a.ipynb", 1), folder=folder)
    out = book(IntakeRecord(platform, ()), handed_in)
    write_reports(out, read_config(), {NAME: assignments[NAME]})
    found = [p.relative_to(out).as_posix() for p in out.rglob("*.html") if "return_" in str(p)]
    assert found == ([returned] if returned else [])
    (page,) = (out / "feedback").iterdir()
    assert all((out / name).read_bytes() == page.read_bytes() for name in found)
