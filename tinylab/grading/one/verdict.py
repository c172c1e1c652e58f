"""One hand-in's verdict: assemble, run in a sandbox, probe, count.

In: a `ParsedHandIn` and its `Assignment`. Out: a `Result`, whatever the hand-in does. All that is
counted is worked out in this process.
"""

from tinylab.course.answers.exercise import Exercise
from tinylab.course.exercises import all_exercises, find
from tinylab.grading.one.questions import Questions
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import (
    Assembled,
    Assignment,
    ParsedHandIn,
    PointResult,
    QuestionResult,
    Result,
)
from tinylab.grading.sandbox.level import best_level, require
from tinylab.grading.sandbox.provisioner import register

__all__ = ["grade", "preload"]

BUSY = "this machine was too busy to grade it; it will be graded again."


def preload() -> None:
    """Do once what every hand-in needs: exercises, isolation level, how a kernel is started."""
    all_exercises()
    best_level()
    register()


def grade(
    handin: ParsedHandIn,
    assignment: Assignment,
    *,
    assembled: Assembled,
    key: bytes | None,
    limits: Limits,
) -> Result:
    """Grade one hand-in.

    Parameters
    ----------
    hand-in : ParsedHandIn
        As the intake made it.
    assignment : Assignment
        What was asked.
    assembled : Assembled
        The student's code, as `assemble` found it in the hand-in.
    key : bytes or None
        The course's secret, from which inputs are drawn; None for the inputs of the check cells.
    limits : Limits
        What the hand-in may use, and the isolation it must be run in.

    Raises
    ------
    IsolationError
        If this machine cannot isolate a kernel as well as `limits.isolation` asks.
    SandboxError
        If no kernel starts. Nothing that a hand-in does raises.
    """
    level = require(limits.isolation)
    flags, message, seconds = (*handin.flags, *assembled.flags), None, 0.0
    if assembled.matched:
        questions = Questions(assignment, assembled, handin, key, limits, level)
        results, seconds = questions.results(), questions.budget.spent
        flags = (*flags, *questions.flags)
        status = _overall(results, flags, questions.late)
        message = BUSY if status == "ungraded" else None
    else:
        status, message = "wrong_assignment", f"this is not the notebook {assignment.name}."
        results = _nothing(assignment, message)
    return Result(
        student=handin.student,
        sha256=handin.sha256,
        assignment=assignment.name,
        status=status,
        questions=results,
        flags=tuple(sorted(set(flags))),
        isolation_level=level,
        seconds=seconds,
        message=message,
    )


def _nothing(assignment: Assignment, message: str) -> tuple[QuestionResult, ...]:
    """Every question without an answer."""
    return tuple(
        QuestionResult(name, "no_response", _all_lost(find(name), message))
        for name in assignment.asked
    )


def _all_lost(exercise: Exercise, message: str) -> tuple[PointResult, ...]:
    return tuple(PointResult(point.name, False, message) for point in exercise.points)


def _overall(questions: tuple[QuestionResult, ...], flags: tuple[str, ...], late: bool) -> str:
    """The status of a hand-in: graded, unless nothing in it could be or a person must look."""
    statuses = {question.status for question in questions}
    if "ungraded" in statuses:
        return "ungraded"
    if late:
        return "timeout"
    tried = statuses - {"no_response", "error"}
    if tried and "answered" not in tried:
        return next(status for status in ("limit", "crashed", "timeout") if status in tried)
    to_review = "needs_review" in flags or any(question.review for question in questions)
    return "needs_review" if to_review else "graded"
