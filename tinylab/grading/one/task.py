"""One hand-in from its bytes to a record: read, identify, assemble, grade.

In: a task (plain data) and the bytes of a notebook. Out: a `HandInRecord`. This runs in a process
of the hand-in's own, on this machine or another; it never raises for what a student did.
"""

import dataclasses
from collections.abc import Callable, Mapping

from tinylab.cache import read_results
from tinylab.course.exercises import find
from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.parse import digest, parse_notebook
from tinylab.grading.one.assemble import assemble
from tinylab.grading.one.compare import answer_texts
from tinylab.grading.one.words import own_words
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.rules.assignment import identify
from tinylab.grading.rules.config import IntakeLimits
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import (
    Assembled,
    Assignment,
    ParsedHandIn,
    PointResult,
    QuestionResult,
    Result,
)

__all__ = ["WRONG", "GradingTask", "grade_handin", "nothing_earned", "refused_record"]

WRONG = "this is not one of the notebooks that are graded."


@dataclasses.dataclass(frozen=True)
class GradingTask:
    """Everything about a hand-in but its bytes.

    Attributes
    ----------
    student, path, received_at, late, folder, flags
        As in `HandIn`.
    attempt : int
    graded : tuple of str
        Names of the assignments that are graded; a notebook of another one is a wrong one.
    seeds : str or None
        64 hex digits, from which the probes' inputs follow, others for every student; None for
        the inputs of the check cells.
    limits : Limits
    intake : IntakeLimits
    only : tuple of str
        Exercises that are graded, the others left out; empty for all.
    """

    student: str
    path: str
    received_at: str | None
    attempt: int
    graded: tuple[str, ...]
    seeds: str | None
    limits: Limits
    intake: IntakeLimits
    late: bool = False
    folder: str = ""
    flags: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def to_json(self) -> dict:
        """The task as plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, plain: dict) -> "GradingTask":
        """The task that `to_json` made plain."""
        return read_results(plain, cls)


def grade_handin(
    task: GradingTask,
    data: bytes,
    assignments: Mapping[str, Assignment],
    announce: Callable[[str], None] = lambda name: None,
) -> HandInRecord:
    """Grade one hand-in and return its record.

    Parameters
    ----------
    task : GradingTask
    data : bytes
        The notebook's file.
    assignments : mapping of str to Assignment
        All notebooks of the course.
    announce : callable
        Gets the assignment's name before any of the student's code runs.
    """
    sha256 = digest(data)
    try:
        notebook, flags = parse_notebook(data, task.intake)
    except Refused as refused:
        return refused_record(task, sha256, refused.status, str(refused))
    name = identify(notebook, assignments)
    if name is None or name not in task.graded:
        return refused_record(task, sha256, "wrong_assignment", WRONG, flags)
    announce(name)
    handin = ParsedHandIn(
        student=task.student,
        path=task.path,
        sha256=sha256,
        received_at=task.received_at,
        attempt=task.attempt,
        notebook=notebook,
        flags=(*task.flags, *flags),
        python=notebook["metadata"].get("python", ""),
    )
    return _graded(task, handin, _limited(assignments[name], task.only))


def _limited(assignment: Assignment, only: tuple[str, ...]) -> Assignment:
    """The assignment with those exercises alone, or with all."""
    if not set(only) & set(assignment.exercise_ids):
        return assignment
    chosen = tuple(exercise for exercise in assignment.exercise_ids if exercise in only)
    return dataclasses.replace(assignment, graded_ids=chosen)


def _graded(task: GradingTask, handin: ParsedHandIn, assignment: Assignment) -> HandInRecord:
    """The record of a hand-in that could be read."""
    from tinylab.grading.one.verdict import grade

    key = bytes.fromhex(task.seeds) if task.seeds else None
    assembled = assemble(handin.notebook, assignment)
    result = grade(handin, assignment, assembled=assembled, key=key, limits=task.limits)
    record = _record(task, result, assembled, assignment)
    return dataclasses.replace(
        record,
        words=own_words(handin.notebook, assignment),
        predictions=handin.notebook["predictions"],
    )


def refused_record(
    task: GradingTask, sha256: str, status: str, sentence: str, flags: tuple[str, ...] = ()
) -> HandInRecord:
    """The record of a hand-in that was not run, with a sentence for the student."""
    result = Result(
        student=task.student,
        sha256=sha256,
        assignment="",
        status=status,
        flags=tuple(flags),
        message=sentence,
    )
    return _record(task, result)


def nothing_earned(
    task: GradingTask, sha256: str, assignment: Assignment | None, status: str, sentence: str
) -> HandInRecord:
    """The record of a hand-in whose process had to be stopped, or fell over."""
    fitting = status if status in ("timeout", "crashed", "limit", "ungraded") else "error"
    questions = tuple(
        QuestionResult(
            exercise_id=exercise,
            status=fitting,
            points=tuple(PointResult(point.name, False) for point in find(exercise).points),
        )
        for exercise in (assignment.exercise_ids if assignment else ())
    )
    result = Result(
        student=task.student,
        sha256=sha256,
        assignment=assignment.name if assignment else "",
        status=status,
        questions=questions,
        flags=("stopped",),
        message=sentence,
    )
    return _record(task, result)


def _record(
    task: GradingTask,
    result: Result,
    assembled: Assembled | None = None,
    assignment: Assignment | None = None,
) -> HandInRecord:
    return HandInRecord(
        student=task.student,
        path=task.path,
        sha256=result.sha256,
        received_at=task.received_at,
        attempt=task.attempt,
        assignment=result.assignment,
        result=result,
        answers=answer_texts(assembled.answers, assignment) if assembled else (),
        late=task.late,
        folder=task.folder,
    )
