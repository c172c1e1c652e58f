"""Every hostile hand-in through `tinylab grade`, alone and among hostile and honest students."""

import shutil

import pytest

from tests.hostile import invariants
from tests.hostile.cases.all_cases import CASES, REQUIRED
from tests.hostile.grader import HONEST, student_of
from tests.hostile.outcomes import required


def test_no_case_is_missing():
    assert {case.id[:3] for case in CASES} == REQUIRED


@pytest.mark.hostile
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_alone_and_in_a_class(case, grader, honest, one_honest, beside):
    alone, among_others = grader.grade([case], packed=case.packed), beside(case)
    for run in (alone, among_others):
        for check in invariants.AFTER_EVERY_RUN:
            check(run)
        required(case, run)
    if getattr(case, "at_once", False):
        invariants.no_longer_than_a_notebook_that_runs(alone, one_honest)
    invariants.honest_results_are_the_same(among_others, honest[case.packed])
    invariants.grading_again_gives_the_same(alone, among_others, student_of(case))
    shutil.rmtree(alone.folder)


@pytest.mark.hostile(quick=True)
def test_honest_students_earn_everything(honest):
    for run in honest.values():
        for check in invariants.AFTER_EVERY_RUN:
            check(run)
        for student in HONEST:
            (row,) = run.rows(student)
            assert (row["points"], row["maximum"], row["flags"]) == ("12", "12", "")
