"""One hand-in's verdict, and that it agrees with what the check cells say."""

import dataclasses
import inspect
import json
import textwrap

import pytest

from tests.course.wrong_answers import wrong_answers
from tinylab.cache import read_results
from tinylab.course import exercises
from tinylab.course.checking import score
from tinylab.grading.one import probes
from tinylab.grading.one import verdict as grade_one
from tinylab.grading.one.assemble import assemble
from tinylab.grading.one.probes import StandIn, judge, seed_of, shuffled
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import ParsedHandIn, PointResult, QuestionResult, Result
from tinylab.grading.sandbox.kernel import SandboxedKernel
from tinylab.grading.sandbox.level import best_level

LIMITS = Limits(start_s=60.0, isolation="none")
KEY = b"key"
FORBIDDEN = "tinylab.signal.mfcc.mfcc"


@pytest.fixture(scope="module")
def kernel():
    started = SandboxedKernel(LIMITS, best_level())
    yield started
    started.stop()


def wrong(notebook_module: str) -> list:
    """The wrong answers to a notebook's exercises."""
    every = [answer for answers in wrong_answers().values() for answer in answers]
    return [answer for answer in every if answer.__module__.endswith(notebook_module)]


@pytest.mark.parametrize("module", ["start_here", "keyword_spotting.compress"])
def test_wrong_answers_lose_the_same_points_as_in_the_notebook(kernel, module):
    answers = wrong(module)
    assert len(answers) >= 10
    kernel.allow(60)
    assert kernel.run("import numpy as np").error is None
    for answer in answers:
        exercise = exercises.find(answer.wrong_answer_to)
        source = inspect.getsource(answer).partition("\n")[2]
        assert kernel.run(textwrap.dedent(source)).error is None
        stand_in = StandIn(kernel, answer.__name__)
        verdicts = [judge(exercise, point, stand_in, seed=0).point for point in exercise.points]
        here = score(exercise, answer, seed=0)
        assert sum(point.earned for point in verdicts) == here.points
        mistakes = [f"{point.name}: {point.message}" for point in verdicts if not point.earned]
        for remote, local in zip(mistakes, here.mistakes, strict=True):
            assert remote == local or "called with" in local or "could not be read" in local


def test_seeds_depend_on_key_code_and_exercise():
    seeds = {seed_of(k, s, e) for k in (b"a", b"b") for s in ("1", "2") for e in ("x", "y")}
    assert len(seeds) == 8
    assert seed_of(b"a", "1", "x") == seed_of(b"a", "1", "x")
    assert seed_of(None, "1", "x") == 0


def test_the_order_of_points_is_shuffled_and_repeatable():
    points = exercises.find("affine_quantize").points
    orders = {tuple(p.name for p in shuffled(points, seed)) for seed in range(20)}
    assert len(orders) > 1 and all(sorted(o) == sorted(p.name for p in points) for o in orders)
    assert shuffled(points, 3) == shuffled(points, 3)


def handed_in(notebook, **fields) -> ParsedHandIn:
    return ParsedHandIn("ada", "ada.ipynb", "ab" * 32, **{"notebook": notebook, **fields})


def answer(notebook: dict, exercise: str, source: str) -> dict:
    for cell in notebook["cells"]:
        if cell["metadata"].get("exercise") == exercise:
            cell["source"] = source
    return notebook


def graded(handin, assignment, **limits) -> Result:
    return grade_one.grade(
        handin,
        assignment,
        assembled=assemble(handin.notebook, assignment),
        key=KEY,
        limits=dataclasses.replace(LIMITS, **limits),
    )


def test_right_answers_earn_everything(solved, assignment):
    result = graded(handed_in(solved), assignment)
    assert (result.status, result.earned, result.flags) == ("graded", result.maximum, ())
    assert result.isolation_level == best_level()
    assert read_results(json.loads(json.dumps(dataclasses.asdict(result))), Result) == result


def test_an_unanswered_notebook_needs_no_kernel(assignment, monkeypatch):
    monkeypatch.setattr(SandboxedKernel, "__init__", None)
    result = graded(handed_in(assignment.notebook), assignment)
    assert (result.status, result.earned) == ("graded", 0) and result.maximum > 0
    assert {q.status for q in result.questions} == {"no_response"}


def test_a_notebook_of_another_assignment_is_not_graded(assignment):
    other = {**assignment.notebook, "cells": []}
    result = graded(handed_in(other), assignment)
    assert result.status == "wrong_assignment" and result.earned == 0


def test_a_forbidden_function_that_is_called_costs_the_points(solved, assignment):
    limited = dataclasses.replace(assignment, forbidden={"weight_bytes": (FORBIDDEN,)})
    source = (
        "def weight_bytes(parameters, bits):\n    from tinylab.signal.mfcc import mfcc\n"
        "    mfcc(0)\n    return (parameters * bits + 7) // 8"
    )
    changed = answer(solved, "weight_bytes", source)
    (question, *others) = graded(handed_in(changed), limited).questions
    assert (question.earned, question.flags) == (0, ("forbidden", "names_library"))
    assert FORBIDDEN in question.points[0].message
    assert all(other.earned == other.maximum for other in others)


def test_a_forbidden_function_that_is_named_but_not_called_costs_nothing(solved, assignment):
    limited = dataclasses.replace(assignment, forbidden={"weight_bytes": (FORBIDDEN,)})
    source = (
        "def weight_bytes(parameters, bits):\n    mfcc = (parameters * bits + 7) // 8\n"
        "    return mfcc\n\nfrom tinylab.signal import mfcc\nassert mfcc.mfcc([0.0]) is None"
    )
    changed = answer(solved, "weight_bytes", source)
    question = graded(handed_in(changed), limited).questions[0]
    assert question.earned == question.maximum


def test_a_message_never_tells_the_inputs(solved, assignment):
    source = "def weight_bytes(parameters, bits):\n    return undefined"
    result = graded(handed_in(answer(solved, "weight_bytes", source)), assignment)
    for point in result.questions[0].points:
        assert point.message == "your function raised NameError: name 'undefined' is not defined"


def test_a_cell_that_fails_after_its_function_is_still_graded(solved, assignment):
    source = (
        "def weight_bytes(parameters, bits):\n    return (parameters * bits + 7) // 8\n"
        "weight_bytes('a trial')"
    )
    question = graded(handed_in(answer(solved, "weight_bytes", source)), assignment).questions[0]
    assert question.earned == question.maximum


def test_a_cell_without_the_function_says_what_it_raised(solved, assignment):
    broken = answer(solved, "weight_bytes", "def weight_bytes(parameters, bits)\n    return 1")
    question = graded(handed_in(broken), assignment).questions[0]
    assert question.status == "error" and "SyntaxError" in question.points[0].message


def test_the_time_for_the_notebook_is_kept(solved, assignment):
    slow = answer(solved, "weight_bytes", "import time\ntime.sleep(10_000)")
    result = graded(handed_in(slow), assignment, notebook_s=1.0)
    assert 1.0 <= result.seconds < 5_000  # of the 10,000 that the cell sleeps
    assert result.status == "timeout" and result.earned == 0


def test_numbers_are_counted_and_statuses_closed():
    points = (PointResult("a", True), PointResult("b", False, "no"))
    question = QuestionResult("x", "answered", points)
    assert (question.earned, question.maximum) == (1, 2)
    result = Result("s", "0", "n", "graded", (question,))
    with pytest.raises(ValueError, match="earned"):
        read_results({**dataclasses.asdict(result), "earned": 99}, Result)
    with pytest.raises(ValueError, match="status 'perfect' is none of"):
        QuestionResult("x", "perfect", points)
    with pytest.raises(ValueError, match="status 'perfect' is none of"):
        Result("s", "0", "n", "perfect")


def test_limits_must_be_positive():
    with pytest.raises(ValueError, match="limit cell_s must be above 0, not 0"):
        Limits(cell_s=0)


def test_what_is_said_of_a_full_machine_is_a_limit():
    assert any(mark in "OSError [Errno 28] No space left on device" for mark in probes.FULL)
