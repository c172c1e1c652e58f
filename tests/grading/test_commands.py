"""`tinylab grade` and `tinylab check` as a teacher and a student type them."""

import json

import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.course.grading.sandbox.level import LEVELS, best_level


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
    assert verified.exit_code == 0 and "2 records are sound" in verified.output
    book = tmp_path / "out" / "records.jsonl"
    book.write_text(book.read_text().replace("ada", "eve", 1))
    verified = type_in("grade", "--verify", "out", "--key", "key")
    assert verified.exit_code == 1 and "was changed" in verified.output


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
    assert result.output.endswith("00_start_here: 5 of 9 points\n")
