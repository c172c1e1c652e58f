"""The check cell: one stable line, clear sentences, and no way to disturb the judge."""

import numpy as np
import pytest

from tinylab.course import check
from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.checking import score
from tinylab.course.exercises import find
from tinylab.course.exercises.judging import expect_array, expect_close, expect_number


def doubles(answer, rng):
    x = rng.normal(size=10)
    got = expect_array(answer(x), shape=x.shape)
    expect_close(got, 2 * x, otherwise="not twice x.", likely={"that is x itself.": x})


def keeps_zero(answer, rng):
    expect_close(expect_number(answer(0.0)), 0.0, otherwise="zero must stay zero.")


TWICE = Exercise("twice", "Twice", (Point("doubles", doubles), Point("keeps zero", keeps_zero)))


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """`check` knows one exercise, whatever the notebooks hold."""
    monkeypatch.setattr("tinylab.course.exercises.all_exercises", lambda: {"twice": TWICE})


def test_a_right_answer_prints_one_line_and_returns_nothing(capsys):
    assert check("twice", lambda x: 2 * x) is None
    assert capsys.readouterr().out == "twice: 2 of 2 points\n"


def test_an_unanswered_exercise_prints_one_line(capsys):
    def stub(x):
        raise NotImplementedError("twice")

    check("twice", stub)
    assert capsys.readouterr().out == "twice: not answered (0 of 2 points)\n"


def test_lost_points_are_named(capsys):
    check("twice", lambda x: x)
    assert capsys.readouterr().out == ("twice: 1 of 2 points\n  - doubles: that is x itself.\n")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: None, "is a return missing?"),
        (lambda x: 1 / 0, "your function raised ZeroDivisionError"),
        (lambda x, y: x, "missing 1 required positional argument"),
        (lambda x: exit(), "your function raised"),
        (lambda x: np.ones((2, 2)), "has shape (2, 2) where (10,) is expected"),
        (lambda x: x * np.nan, "has NaN or infinite values"),
        (lambda x: "two", "must hold numbers"),
        (lambda x: object(), "objects of type object cannot be graded"),
        (lambda x: [[1], [1, 2]], "must be an array"),
        (lambda x: x, "that is x itself"),
        (3.0, "pass the function itself"),
    ],
)
def test_sentences(answer, sentence):
    result = score(TWICE, answer)
    assert result.points < 2
    assert sentence in str(result)


def test_part_of_the_points_without_an_answer_to_the_rest():
    def half(x):
        if np.ndim(x) == 0:
            raise NotImplementedError("later")
        return 2 * x

    result = score(TWICE, half)
    assert (result.points, result.answered) == (1, True)
    assert "keeps zero: not answered yet." in str(result)


def test_an_answer_cannot_change_the_judges_inputs():
    def spoils(x):
        doubled = 2 * x
        if np.ndim(x):
            x[:] = 0
        return doubled

    assert score(TWICE, spoils).points == 2


def test_an_answer_may_print_and_warn(capsys):
    def chatty(x):
        print("here")
        np.float64(1) / np.float64(0)
        return 2 * x

    assert score(TWICE, chatty).points == 2
    assert capsys.readouterr().out == ""


def test_inputs_are_the_same_each_time_and_differ_by_seed_and_point():
    seen = []
    for seed in (0, 0, 1):
        score(TWICE, lambda x: seen.append(x) if np.ndim(x) else 0.0, seed=seed)
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])


def test_equality_that_always_holds_does_not_pass():
    class Yes(float):
        def __eq__(self, other):
            return True

    assert score(TWICE, lambda x: Yes(4.0)).points == 0


def test_a_judge_that_stumbles_loses_the_point():
    def stumbles(answer, rng):
        answer(1)["key"]

    result = score(Exercise("e", "E", (Point("p", stumbles),)), lambda x: x)
    assert "the result could not be read (TypeError" in str(result)


def test_an_unknown_exercise_names_the_nearest():
    with pytest.raises(ValueError, match="there is no exercise 'twise'; there are: twice"):
        check("twise", lambda x: x)
    assert find("twice") is TWICE


def test_exercises_need_points_with_names_of_their_own():
    with pytest.raises(ValueError, match="points"):
        Exercise("e", "E", ())
    with pytest.raises(ValueError, match="points"):
        Exercise("e", "E", (TWICE.points[0], TWICE.points[0]))
    with pytest.raises(ValueError, match="identifier"):
        Exercise("a b", "E", TWICE.points)


def test_numbers():
    assert (
        expect_number(np.float32(2)) == expect_number([2][0]) == expect_number(np.array([2])) == 2
    )
    for wrong in ("2", None, np.ones(2), True + 1j, float("nan"), [2]):
        with pytest.raises(Mistake):
            expect_number(wrong)
