"""Proves every exercise: its stub, its solution and the wrong answers kept beside it.

A solution is taken from its source notebook and run after the imports cell alone, as a grader does.
"""

import ast
import functools

import pytest

from tests.course.wrong_answers import wrong_answers
from tests.sources import source_of, source_of_exercises
from tinylab.course.checking import score
from tinylab.course.exercises import all_exercises
from tinylab.course.notebooks.build import find_sources, source_names
from tinylab.course.notebooks.source import BEGIN, END, cut_solutions

SOURCES = source_of_exercises()
every_exercise = pytest.mark.parametrize("exercise_id", sorted(SOURCES))


@pytest.mark.parametrize("name", source_names())
def test_source_notebook_is_sound(name):
    assert source_of(name).name == name


def test_no_exercise_is_in_two_notebooks():
    find_sources()


@functools.cache
def imported(imports: str) -> dict:
    """The names of an imports cell; notebooks share many, so each cell is run once."""
    names = {"__name__": "notebook"}
    exec(compile(imports, "imports cell", "exec"), names)
    return names


def answer_of(exercise_id: str, code: str):
    """The checked function that an exercise cell defines, given nothing but the imports cell."""
    source = SOURCES[exercise_id]
    names = dict(imported(source.imports()))
    exec(compile(code, f"exercise {exercise_id}", "exec"), names)
    return names[source.answers[exercise_id]]


@every_exercise
def test_stub_is_the_solution_minus_its_region(exercise_id):
    cell = SOURCES[exercise_id].exercise_cells()[exercise_id]
    kept, inside = [], False
    for line in cell.splitlines():
        inside = inside or line.strip() == BEGIN
        if not inside:
            kept.append(line)
        inside = inside and line.strip() != END
    stub = next(
        c.source
        for c in SOURCES[exercise_id].student().cells
        if c.metadata.get("exercise") == exercise_id
    )
    raised = [line for line in stub.splitlines() if line.strip().startswith("raise NotImpl")]
    assert [line for line in stub.splitlines() if line not in raised] == kept
    assert raised, "nothing was left to the learner"


@every_exercise
def test_stub_raises_not_implemented_and_earns_nothing(exercise_id):
    stub = cut_solutions(SOURCES[exercise_id].exercise_cells()[exercise_id], exercise_id)
    function = answer_of(exercise_id, stub)
    arguments = [None] * (function.__code__.co_argcount + function.__code__.co_kwonlyargcount)
    names = function.__code__.co_varnames[: len(arguments)]
    with pytest.raises(NotImplementedError, match=exercise_id):
        function(**dict(zip(names, arguments)))
    result = score(all_exercises()[exercise_id], function)
    assert (result.points, result.answered) == (0, False)


@every_exercise
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_solution_earns_every_point(exercise_id, seed):
    function = answer_of(exercise_id, SOURCES[exercise_id].exercise_cells()[exercise_id])
    result = score(all_exercises()[exercise_id], function, seed=seed)
    assert result.points == result.maximum, str(result)


@pytest.mark.parametrize("exercise_id", sorted(all_exercises()))
def test_wrong_answers_lose_points_and_hear_why(exercise_id):
    wrong = wrong_answers().get(exercise_id, [])
    assert len(wrong) >= 3, f"{exercise_id} has {len(wrong)} wrong answers beside it, not 3"
    for function in wrong:
        for seed in (0, 1):
            result = score(all_exercises()[exercise_id], function, seed=seed)
            assert result.points < result.maximum, f"{function.__name__} passes"
            assert function.says in str(result), f"{function.__name__}: {result}"


@every_exercise
def test_stub_docstring_gives_an_example(exercise_id):
    cell = ast.parse(SOURCES[exercise_id].exercise_cells()[exercise_id])
    answer = SOURCES[exercise_id].answers[exercise_id]
    function = next(node for node in cell.body if getattr(node, "name", "") == answer)
    assert "Example" in ast.get_docstring(function)


def test_every_wrong_answer_has_its_exercise():
    assert set(wrong_answers()) <= set(all_exercises())
