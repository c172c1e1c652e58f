"""What one student's hand-in can mean for another's, and for the next run."""

import pytest

from tests.hostile import invariants
from tests.hostile.answers import ENERGY, HEAD
from tests.hostile.cases.integrity import CASES, READS_LEAKS
from tests.hostile.grader import HONEST
from tests.hostile.hostile_case import Case
from tests.hostile.outcomes import required

pytestmark = pytest.mark.hostile(quick=True)
BY_ID = {case.id: case for case in CASES}


def test_nothing_is_left_for_the_next_student(grader):
    run = grader.grade([BY_ID["D30"], READS_LEAKS])
    for case in (BY_ID["D30"], READS_LEAKS):
        required(case, run)


def test_the_command_as_it_is_typed(grader, honest):
    run = grader.grade([BY_ID["D11"]], HONEST, jobs=2, typed=True)
    for check in invariants.AFTER_EVERY_RUN:
        check(run)
    required(BY_ID["D11"], run)
    invariants.honest_results_are_the_same(run, honest[False])


def test_another_student_gets_other_inputs(grader):
    """Of an exercise whose judges draw nothing but by the student's seed."""
    tells = HEAD[ENERGY] + "    raise ValueError(power_mW)"
    cases = [Case("D30" + letter, "tells its inputs", answers={ENERGY: tells}) for letter in "xy"]
    run = grader.grade(cases)
    messages = []
    for case in cases:
        questions = {one.exercise_id: one for one in run.results(f"c-{case.id}")[0].questions}
        messages.append(questions[ENERGY].points[0].message)
    assert "ValueError" in messages[0] and messages[0] != messages[1]
