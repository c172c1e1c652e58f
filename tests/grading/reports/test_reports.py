"""What teachers and students read: which attempt counts, and that no text can do harm."""

import csv
import html.parser
import json
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinylab.cache import read_results
from tinylab.course.exercises import find
from tinylab.course.notebooks.build import find_sources
from tinylab.course.notebooks.source import cut_markers
from tinylab.grading.intake.predictions import Prediction
from tinylab.grading.one.compare import answer_texts
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.records.record_book import RecordBook
from tinylab.grading.reports.feedback import page_name
from tinylab.grading.reports.tables import cell, visible
from tinylab.grading.reports.write import write_reports
from tinylab.grading.rules.config import read_config
from tinylab.grading.rules.result import PointResult, QuestionResult, Result

NAME = "00_start_here"
HOSTILE = "=HYPERLINK(1)\n\u202e<script>alert(1)</script>\x1b[0m'\";&"


def result(student, sha256, assignment, earned, message=None):
    """A result with the first `earned` points of an assignment."""
    questions, left = [], earned
    for one in assignment.exercise_ids:
        points = []
        for point in find(one).points:
            points.append(PointResult(point.name, left > 0, None if left > 0 else message))
            left -= 1
        questions.append(QuestionResult(one, "answered", tuple(points)))
    return Result(student, sha256, assignment.name, "graded", tuple(questions))


@pytest.fixture
def reported(tmp_path, key, assignment, assignments):
    """Write a book of (student, path, received, points) and return its tables."""

    def write(entries, course="", message=None):
        (tmp_path / "course.toml").write_text(course)
        out = tmp_path / "out"
        with RecordBook(out, key) as book:
            for n, (student, path, received, earned) in enumerate(entries):
                graded = result(student, f"{n:064x}", assignment, earned, message)
                book.append(HandInRecord(student, path, graded.sha256, received, 1, NAME, graded))
        write_reports(out, read_config(tmp_path / "course.toml"), {NAME: assignments[NAME]})
        return out

    return write


def table(path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DEADLINE = '[assignments."00_start_here"]\ndeadline = 2026-12-01T12:00:00Z\n'
FOUR = [
    ("ada", "1.ipynb", "2026-11-30T10:00:00+00:00", 9),
    ("ada", "2.ipynb", "2026-12-01T11:59:00+00:00", 4),
    ("ada", "3.ipynb", "2026-12-02T11:00:00+00:00", 8),
    ("ada", "4.ipynb", "2026-12-30T11:00:00+00:00", 9),
]


@pytest.mark.parametrize(
    ("rules", "entries", "counted", "points"),
    [
        (DEADLINE, FOUR, "2.ipynb", "4"),
        (DEADLINE, FOUR[2:], "3.ipynb", "7.2"),
        (DEADLINE, FOUR[3:], "4.ipynb", "0"),
        ("", FOUR, "4.ipynb", "9"),
        ('[attempts]\ncounts = "best"\n' + DEADLINE, FOUR, "1.ipynb", "9"),
        ('[attempts]\ncounts = "best"\n' + DEADLINE, FOUR[1:], "3.ipynb", "7.2"),
        ("[attempts]\nmaximum = 1\n" + DEADLINE, FOUR, "1.ipynb", "9"),
    ],
)
def test_which_attempt_counts(reported, rules, entries, counted, points):
    out = reported(entries, rules)
    rows = table(out / "handins.csv")
    assert [row["path"] for row in rows if row["counts"] == "yes"] == [counted]
    assert [row["attempt"] for row in rows] == [str(n + 1) for n in range(len(rows))]
    (grade,) = table(out / "grades.csv")
    assert grade["points"] == points


def test_the_newest_record_of_a_submission_counts(reported):
    out = reported([("ada", "1.ipynb", "2026-11-30T10:00:00+00:00", 3)])
    assert table(out / "grades.csv")[0]["points"] == "3"


def test_tables_for_moodle_and_canvas(reported):
    out = reported(
        [
            ("Ada Byron_4711", "a.ipynb", "2026-11-30T10:00:00+00:00", 9),
            ("bob", "b.ipynb", "2026-11-30T10:00:00+00:00", 5),
        ]
    )
    ada, bob = table(out / "moodle" / "00_start_here.csv")
    assert (ada["Identifier"], ada["Full name"], ada["Grade"]) == (
        "Participant 4711",
        "Ada Byron",
        "9",
    )
    assert (bob["Identifier"], bob["Grade"], bob["Maximum grade"]) == ("bob", "5", "12")
    possible, ada, bob = table(out / "canvas.csv")
    assert possible["Student"].strip() == "Points Possible" and possible[NAME] == "12"
    assert (ada["ID"], ada[NAME], bob["ID"], bob[NAME]) == ("4711", "9", "", "5")


def test_the_obvious_way_accuses_nobody_but_one_file_of_two_does(tmp_path, key, assignment):
    (source,) = find_sources([NAME])
    solutions = {name: cut_markers(code) for name, code in source.exercise_cells().items()}
    texts = answer_texts(solutions, assignment)
    out = tmp_path / "out"
    with RecordBook(out, key) as book:
        for student, digest in (("ada", "1"), ("bob", "2"), ("cy", "3"), ("dee", "3")):
            graded = result(student, digest * 64, assignment, 9)
            book.append(
                HandInRecord(student, "a.ipynb", graded.sha256, None, 1, NAME, graded, texts)
            )
    write_reports(out, read_config(), {NAME: assignment})
    rows = table(out / "similarity.csv")
    assert [(row["student"], row["other"]) for row in rows] == [("cy", "dee")]


def test_predictions_of_the_class_are_in_the_report(tmp_path, key, assignment):
    with RecordBook(tmp_path / "out", key) as book:
        for student, choice, number in (("ada", "a", 2.0), ("bob", "a", 4.0), ("eve", None, 9.0)):
            graded = result(student, student.ljust(64, "0"), assignment, 9)
            asked = Prediction("Which <b>?", ("a", "b"), "", choice=choice)
            many = Prediction("How many?", (), "ms", number=number)
            record = HandInRecord(student, "a.ipynb", graded.sha256, None, 1, NAME, graded)
            book.append(replace(record, predictions=(asked, many)))
    write_reports(tmp_path / "out", read_config(), {NAME: assignment})
    page = (tmp_path / "out" / "statistics.html").read_text()
    assert "Which &lt;b&gt;?" in page and "Unanswered: 1." in page and 'aria-label="2"' in page
    assert "median 4 ms, from 2 to 9 (3 answers)" in page


def test_junit_counts_exercises(reported):
    out = reported([("ada", "a.ipynb", "2026-11-30T10:00:00+00:00", 3)])
    (suite,) = ElementTree.parse(out / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "4", "0")


class Tags(html.parser.HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes = set(), set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}


def test_hostile_text_is_inert_everywhere(reported):
    out = reported([(HOSTILE, HOSTILE, "2026-11-30T10:00:00+00:00", 3)], message=HOSTILE)
    page = Tags((out / "feedback" / page_name(HOSTILE)).read_text())
    assert "script" not in page.tags
    assert not [name for name in page.attributes if name.startswith("on") or name == "src"]
    for path in out.rglob("*.csv"):
        for row in csv.reader(path.open(encoding="utf-8", newline="")):
            for value in row:
                assert value[:1] not in set("=+-@\t\r") and "\n" not in value
                assert "\u202e" not in value and "\x1b" not in value
    assert "\u202e" not in (out / "junit.xml").read_text()
    ElementTree.parse(out / "junit.xml")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=60))
def test_cells_and_file_names_of_any_text(text):
    shown = cell(text)
    assert shown[:1] not in ("=", "+", "-", "@") and shown.isprintable()
    assert shown.encode("utf-8").decode() == shown
    name = page_name(text)
    assert name.isascii() and "/" not in name and not name.startswith(".") and len(name) < 100
    assert visible(visible(text)) == visible(text)


def test_pages_of_different_students_never_share_a_name():
    names = {page_name(one) for one in ("a b", "a_b", "a/b", "a\u202eb", "a" * 80, "a" * 90)}
    assert len(names) == 6


def test_json_of_a_result_survives_a_record(assignment):
    one = result("ada", "0" * 64, assignment, 4)
    assert read_results(json.loads(json.dumps(asdict(one))), Result) == one
