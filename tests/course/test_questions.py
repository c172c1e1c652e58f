"""Concept questions: what stands in a notebook and what its check knows are about the same."""

import re

import pytest

from tests.sources import source_of_exercises
from tinylab.course.checking import score
from tinylab.course.exercises import all_exercises
from tinylab.course.exercises.questioning import Question, concept_questions

SOURCES = source_of_exercises()
ASKED = sorted(name for name in all_exercises() if name.startswith("questions_"))


def around(exercise_id):
    """The text before the cell of an exercise, and the hint behind it."""
    cells = SOURCES[exercise_id].notebook.cells
    at = [cell.metadata.get("exercise") for cell in cells].index(exercise_id)
    return cells[at - 1].source, cells[at + 1].source


def test_every_notebook_asks_some():
    assert {SOURCES[name].name for name in ASKED} == {source.name for source in SOURCES.values()}
    assert all(3 <= len(all_exercises()[name].points) <= 5 for name in ASKED)


@pytest.mark.parametrize("exercise_id", ASKED)
def test_every_choice_has_an_answer_and_every_question_a_heading_to_go_back_to(exercise_id):
    text, hint = around(exercise_id)
    questions = re.split(r"^\*\*\d\.\*\*", text, flags=re.M)[1:]
    letters = [re.findall(r"^- ([a-z])\)", question, re.M) for question in questions]
    assert len(questions) == len(all_exercises()[exercise_id].points)
    right = solution(exercise_id)
    for number, choices in enumerate(letters):
        for letter in choices:
            tried = right[:number] + letter + right[number + 1 :]
            result = score(all_exercises()[exercise_id], lambda tried=tried: tried)
            lost = 0 if letter == right[number] else 1
            assert result.points == result.maximum - lost
            assert lost == 0 or f"not {letter}: " in str(result)
        beyond = right[:number] + chr(ord(choices[-1]) + 1) + right[number + 1 :]
        assert "no choice" in str(score(all_exercises()[exercise_id], lambda tried=beyond: tried))
    source = "\n".join(cell.source for cell in SOURCES[exercise_id].notebook.cells)
    headings = re.findall(r"\*([^*]+)\* \(\d\)", hint.replace("\n", " "))
    assert len(headings) == len(questions)
    assert all(re.search(rf"^##+ {re.escape(heading)}$", source, re.M) for heading in headings)


def solution(exercise_id):
    """The right letters, from the source notebook."""
    cell = SOURCES[exercise_id].exercise_cells()[exercise_id]
    return re.search(r'return "(\w+)"', cell).group(1)


def test_right_letters_are_spread():
    letters = "".join(map(solution, ASKED))
    assert all(len(letters) / 4 < letters.count(letter) < len(letters) / 2 for letter in "abc")


THREE = concept_questions(
    "questions_here",
    Question("one", "a", {"b": "no."}),
    Question("two", "b", {"a": "no."}),
    Question("three", "c", {"a": "no.", "b": "no, either."}),
)


@pytest.mark.parametrize(
    ("given", "points", "says"),
    [
        ("abc", 3, "3 of 3"),
        (" ABC ", 3, "3 of 3"),
        ("a-c", 2, "question 2 is still open"),
        ("---", 0, "question 1 is still open"),
        ("ab", 0, "a string of 3 letters"),
        (["a", "b", "c"], 0, "a string of 3 letters"),
        ("abx", 2, "question 3 has no choice x"),
    ],
)
def test_letters_are_read_as_a_person_writes_them(given, points, says):
    result = score(THREE, lambda: given)
    assert (result.points, says in str(result)) == (points, True), str(result)


def test_letters_run_from_a_on():
    with pytest.raises(ValueError, match="from a on"):
        Question("one", "b", {"c": "no."})
