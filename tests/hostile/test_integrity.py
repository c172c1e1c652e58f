"""D: points come from what an answer returns for inputs it has not seen, and from nothing else."""

import dataclasses


def test_required_outcome(integrity_case, attempt, meets):
    meets(integrity_case, attempt(integrity_case))


def test_nothing_is_left_for_the_next_student(attempt, meets):
    from integrity_cases import CASES, READS_LEAKS

    leaks = next(case for case in CASES if case.id == "D30")
    for case in (leaks, READS_LEAKS):
        meets(case, attempt(case))


def test_regrading_gives_the_same_result(attempt):
    from integrity_cases import CASES

    case = next(case for case in CASES if case.id == "D22")
    first, second = (dataclasses.replace(attempt(case), seconds=0.0) for _ in range(2))
    assert first == second


def test_another_key_gives_other_inputs(attempt):
    from execution_cases import BYTES, inside
    from hostile_case import Case

    tells = Case("D30c", "tells its inputs", {BYTES: inside("raise ValueError(parameters)")})
    told = [attempt(tells, key).questions[0].points[0].message for key in (b"one", b"two")]
    assert "ValueError" in told[0] and told[0] != told[1]
