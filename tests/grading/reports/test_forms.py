"""Words are graded on a page: what it shows, what it saves, and what becomes of that."""

import csv
import json
import re

import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.grading.one.words import LONGEST, own_words
from tinylab.grading.records.entries import HandInRecord, RubricRecord
from tinylab.grading.records.grades import read_grades
from tinylab.grading.records.record_book import RecordBook, entries, read_key
from tinylab.grading.records.rows import WORDS
from tinylab.grading.records.rubric import KIND, read_rubric
from tinylab.grading.reports.write import write_reports
from tinylab.grading.rules.assignment import load_assignments
from tinylab.grading.rules.config import read_config
from tinylab.grading.rules.result import PointResult, QuestionResult, Result

NAME = "00_start_here"
COURSE = f'[rubric]\nnotebooks = ["{NAME}"]\n'
HOSTILE = "I chose <script>document.title = 'hacked'</script> \"8 bits\"\nbecause \u202e of & flash"


def write_book(folder, *hand_ins):
    """A book of (student, words) and its reports; where they are, and the course's rules."""
    (folder / "course.toml").write_text(COURSE)
    config = read_config(folder / "course.toml")
    with RecordBook(folder / "out", read_key(folder / "key")) as book:
        for student, words in hand_ins:
            questions = (QuestionResult("weight_bytes", "answered", (PointResult("p", True),)),)
            result = Result(student, digest(student), NAME, "graded", questions)
            path = f"{student}.ipynb"
            record = HandInRecord(student, path, result.sha256, None, 1, NAME, result, words=words)
            book.append(record)
    write_reports(folder / "out", config, {NAME: load_assignments()[NAME]})
    return folder / "out", config


@pytest.fixture
def written(tmp_path):
    return lambda *hand_ins: write_book(tmp_path, *hand_ins)


def digest(student: str) -> str:
    return student.encode().hex().ljust(64, "0")


def saved(config, *graded, **more) -> str:
    """What the page would save."""
    entries = [
        {"student": who, "receipt": digest(who), "points": list(points), "comment": "Well said."}
        for who, points in graded
    ]
    plain = {"kind": KIND, "assignment": NAME, "questions": list(config.rubric.questions)}
    return json.dumps({**plain, "graded": entries, **more})


def test_own_words_are_hers_alone_and_of_bounded_length(assignment):
    cells = [dict(cell) for cell in assignment.notebook["cells"]]
    released = next(i for i, cell in enumerate(cells) if cell["cell_type"] == "markdown")
    cells[released]["source"] += "\nI added this line."
    own = {"id": None, "cell_type": "markdown", "metadata": {}, "source": "My choice \ud800"}
    code = {**own, "cell_type": "code", "source": "x = 1"}
    words = own_words({"cells": [*cells, own, code]}, assignment)
    assert words == ("I added this line.", "My choice ?")
    (cut,) = own_words({"cells": [{**own, "source": "x" * 2 * LONGEST}]}, assignment)
    assert len(cut) < LONGEST + 100 and cut.endswith("are kept]")


def test_words_wait_for_the_teacher_and_earn_what_she_gives(written, tmp_path):
    out, config = written(("ada", (HOSTILE,)), ("bob", ()))
    grades = read_grades(out, config)
    ada, bob = (one.counted[NAME] for one in grades.students)
    assert (ada.status, ada.earned, ada.maximum) == ("needs_review", 1, 7)
    assert (bob.status, bob.question(WORDS).status) == ("graded", "no_response")
    (tmp_path / "saved.json").write_text(saved(config, ("ada", (2, 1, 0))))
    files = {"--rubric": "saved.json", "--out": "out", "--key": "key", "--course": "course.toml"}
    options = [word for option, name in files.items() for word in (option, str(tmp_path / name))]
    result = CliRunner().invoke(main, ["grade", *options])
    assert result.exit_code == 0, result.output
    with (out / "grades.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first[f"{NAME}: {WORDS}"], first["points"], first["status"]) == ("3", "4", "graded")
    assert (second[f"{NAME}: {WORDS}"], second["points"]) == ("0", "1")
    (page,) = [p for p in (out / "feedback").iterdir() if p.name.startswith("ada")]
    assert "3 of 6" in page.read_text() and "Well said." in page.read_text()
    assert sum(isinstance(entry, RubricRecord) for entry in entries(out)) == 1


ENTRY = {"student": "ada", "receipt": "0", "points": [1, 1, 1], "comment": ""}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{half", "no file that a page"),
        (json.dumps([1]), "no file that a page"),
        ({"assignment": "other"}, "no notebook of"),
        ({"questions": ["Why?"]}, "other questions"),
        ({"graded": [{**ENTRY, "student": "eve"}]}, "not in the record book"),
        ({"graded": [{**ENTRY, "points": True}]}, "no file"),
        (("ada", (3, 0, 0)), "from 0 to 2"),
        (("ada", (1, 1)), "each of the questions"),
        (("ada", (float("nan"), 0, 0)), "from 0 to 2"),
    ],
)
def test_a_file_that_cannot_be_meant_is_a_sentence(written, tmp_path, text, sentence):
    out, config = written(("ada", ("because",)))
    if isinstance(text, tuple):
        text = saved(config, text)
    elif isinstance(text, dict):
        text = saved(config, **text)
    (tmp_path / "saved.json").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_rubric(tmp_path / "saved.json", read_grades(out, config), config.rubric)


def test_the_page_shows_words_as_words(written):
    out, _ = written(("ada", (HOSTILE,)), ("bob", ()))
    page = (out / "forms" / f"{NAME}.html").read_text()
    assert page.count("<script>") == 1 and "&lt;script&gt;" in page and "\u202e" not in page
    assert "http" not in re.sub(r"<meta http-equiv", "", page)
