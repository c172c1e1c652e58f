"""`tinylab grade` and `tinylab check` as a teacher and a student type them."""

import csv
import json
import zipfile

import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.explore.widget import answers
from tinylab.grading.sandbox.level import LEVELS, best_level


@pytest.fixture
def type_in(tmp_path, monkeypatch):
    if best_level() == LEVELS[0]:
        pytest.skip("this machine allows no namespaces, so nothing is graded on it")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def handed_in(tmp_path, solved):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "work.ipynb").write_text(json.dumps(solved))
    (tmp_path / "in" / "bob.ipynb").write_text("damaged")


def test_grade_then_verify(type_in, handed_in, tmp_path):
    graded = type_in("grade", "in", "--out", "out", "--key", "key")
    assert graded.exit_code == 0, graded.output
    assert "1 graded, 1 unreadable" in graded.output
    verified = type_in("grade", "--verify", "out", "--key", "key")
    assert verified.exit_code == 0 and "4 entries are sound" in verified.output
    grades = tmp_path / "out" / "grades.csv"
    written = grades.read_text()
    grades.write_text(written.replace("12", "11"))
    verified = type_in("grade", "--verify", "out", "--key", "key")
    assert verified.exit_code == 1 and "grades.csv is not what the book says" in verified.output
    grades.write_text(written)
    book = tmp_path / "out" / "records.jsonl"
    book.write_text(book.read_text().replace("ada", "eve", 1))
    verified = type_in("grade", "--verify", "out", "--key", "key")
    assert verified.exit_code == 1 and "was changed" in verified.output


def test_what_the_class_predicted_is_printed(type_in, handed_in, solved, tmp_path):
    said = answers.record("Which \x1b[2J?", ["a", "b"], "", "a")
    code = next(cell for cell in solved["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [
        {"output_type": "display_data", "data": {answers.MIME: said}, "metadata": {}}
    ]
    (tmp_path / "in" / "ada" / "work.ipynb").write_text(json.dumps(solved))
    graded = type_in("grade", "in", "--out", "out", "--key", "key")
    assert graded.exit_code == 0, graded.output
    summary = "What the class predicted:\nWhich \\x1b[2J?\n    a: 1, b: 0; unanswered: 0\n"
    assert summary in graded.output
    assert (
        "What the class predicted"
        in type_in("grade", "in", "--out", "out", "--key", "key", "--resume").output
    )


def test_an_assignment_that_is_not_graded_is_a_wrong_one(type_in, handed_in, tmp_path):
    graded = type_in("grade", "in", "--out", "out", "--key", "key", "--assignment", "2_compress")
    assert graded.exit_code == 0, graded.output
    assert "1 unreadable, 1 wrong_assignment" in graded.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grade",), "name what to grade"),
        (("grade", "in"), "name what to grade"),
        (("grade", "in", "--out", "in/out", "--key", "key"), "somewhere else"),
        (("grade", "in", "--out", "out", "--key", "key", "--assignment", "nosuch"), "no notebook"),
        (("grade", "--verify", "in", "--key", "nokey"), "there is no key"),
        (("check", "in/bob.ipynb"), ""),
    ],
)
def test_what_cannot_be_done_is_a_sentence(type_in, handed_in, words, sentence):
    result = type_in(*words)
    assert result.exit_code in (1, 2)
    assert sentence in result.output and "Traceback" not in result.output


def test_check_tells_a_student_what_she_earns(type_in, handed_in, solved, tmp_path):
    for cell in solved["cells"]:
        if cell["metadata"].get("exercise") == "weight_bytes":
            cell["source"] = "def weight_bytes(parameters, bits):\n    return parameters * bits"
        if cell["metadata"].get("exercise") == "battery_days":
            cell["source"] = "def battery_days(*a):\n    raise NotImplementedError('later')"
    (tmp_path / "mine.ipynb").write_text(json.dumps(solved))
    result = type_in("check", "mine.ipynb")
    assert result.exit_code == 0, result.output
    assert "weight_bytes: 1 of 3 points" in result.output
    assert "a byte has 8 of them" in result.output
    assert "battery_days: not answered (0 of 2 points)" in result.output
    assert result.output.endswith("00_start_here: 8 of 12 points\n")


HIDDEN = """
import numpy as np
from tinylab.course.answers.exercise import Mistake, Point

def judge(answer, rng):
    bits = int(rng.integers(1, 9))
    if answer(8000, bits) != 1000 * bits:
        raise Mistake("a point that nobody knew of.")

POINTS = {"weight_bytes": [Point("of the teacher", judge)]}
"""


def test_points_of_the_teachers_own_and_weights(type_in, handed_in, solved, tmp_path):
    for cell in solved["cells"]:
        if cell["metadata"].get("exercise") == "weight_bytes":
            cell["source"] = "def weight_bytes(parameters, bits):\n    return parameters * bits"
    (tmp_path / "in" / "eve.ipynb").write_text(json.dumps(solved))
    (tmp_path / "course.toml").write_text(
        'hidden_points = "mine.py"\n[points]\nbattery_days = 0.5\n'
    )
    (tmp_path / "mine.py").write_text(HIDDEN)
    words = ("grade", "in", "--out", "out", "--key", "key", "--course", "course.toml")
    assert type_in(*words).exit_code == 0
    with (tmp_path / "out" / "grades.csv").open(newline="") as file:
        ada, bob, eve = csv.DictReader(file)
    assert (ada["weight_bytes"], ada["battery_days"], ada["maximum"]) == ("4", "1", "12")
    assert (eve["weight_bytes"], bob["status"]) == ("1", "nothing graded")
    (page,) = (tmp_path / "out" / "feedback").glob("eve-*.html")
    assert "a point that nobody knew of." in page.read_text()


def blackboard_zip(path, solved, *attempts) -> None:
    """A class archive with (student, file, date, answers) entries."""
    with zipfile.ZipFile(path, "w") as archive:
        for student, name, at, right in attempts:
            cells = solved["cells"] if right else solved["cells"][:3]
            plain = {**solved, "cells": cells if right else [*cells, *stubs(solved)]}
            archive.writestr(f"HW 1_{student}_attempt_{at}_{name}", json.dumps(plain))


def stubs(solved) -> list[dict]:
    """The answer cells, not answered."""
    cells = [cell for cell in solved["cells"] if "exercise" in cell["metadata"]]
    return [{**cell, "source": "pass"} for cell in cells]


def test_of_several_attempts_the_newest_before_the_deadline_counts(type_in, solved, tmp_path):
    (tmp_path / "course.toml").write_text(
        'time_zone = "Europe/Berlin"\n[assignments."00_start_here"]\n'
        "deadline = 2026-12-01T12:00:00\n"
    )
    blackboard_zip(
        tmp_path / "m.zip",
        solved,
        ("ada", "first.ipynb", "2026-11-30-09-00-00", False),
        ("ada", "a second.ipynb", "2026-12-01-11-58-00", True),
        ("ada", "late.ipynb", "2026-12-01-12-02-00", False),
    )
    words = ("grade", "m.zip", "--out", "out", "--key", "key", "--course", "course.toml")
    assert type_in(*words).exit_code == 0
    with (tmp_path / "out" / "handins.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    (counted,) = [row for row in rows if row["counts"] == "yes"]
    assert counted["path"].endswith("a second.ipynb")
    assert (counted["points"], counted["received"]) == ("12", "2026-12-01 11:58 CET")
    assert "ada,ada,12,12" in (tmp_path / "out/moodle/00_start_here.csv").read_text()
