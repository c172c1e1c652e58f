"""The outcome that a case requires, asserted of a run of the command."""

import json
from dataclasses import asdict

from tests.hostile.grader import Run, student_of
from tests.hostile.handed_in import MAXIMA, HandedIn
from tests.hostile.hostile_case import Case, Hostile
from tinylab.grading.rules.result import Result


def required(case: Hostile, run: Run) -> None:
    """Assert that a run made of a case what it requires."""
    row, result = run.rows(student_of(case))[-1], run.results(student_of(case))[-1]
    assert set(case.flags) <= set(result.flags) == set(row["flags"].split()), row
    assert row["status"] == result.status
    if isinstance(case, HandedIn):
        _of_files(case, row, result)
    else:
        _of_answers(case, result)
    if case.also is not None:
        case.also(run)


def _of_files(case: HandedIn, row: dict, result: Result) -> None:
    row_text = json.dumps(row)
    assert result.status == case.status, row_text
    assert not set(case.without) & set(result.flags), row_text
    if case.status in ("graded", "needs_review"):
        earned = {one.exercise_id: one.earned for one in result.questions}
        assert earned == {k: 0 if k in case.lost else v for k, v in MAXIMA.items()}, row_text
        assert {one.exercise_id: one.maximum for one in result.questions} == MAXIMA
    else:
        assert (int(row["points"]), row["counts"]) == (0, "no") and row["message"].endswith("."), (
            row_text
        )


def _of_answers(case: Case, result: Result) -> None:
    shown = "\n".join(map(str, result.questions)) + f"\n{result.status} {result.flags}"
    assert result.status in case.status, shown
    for question in result.questions:
        name = question.exercise_id
        allowed = case.question.get(name)
        assert allowed is None or question.status in allowed, shown
        if name in case.lost:
            assert question.earned == 0, shown
        elif name in case.partly:
            assert 0 < question.earned < question.maximum, shown
        elif not case.free:
            assert question.earned == question.maximum, shown
    for word in case.without:
        assert word not in json.dumps(asdict(result)), shown
