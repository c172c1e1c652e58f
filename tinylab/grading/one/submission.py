"""One submission from its bytes to a record: read, identify, assemble, grade.

In: a job (plain data) and the bytes of a notebook. Out: a record, plain data again. This runs in a
process of the submission's own, on this machine or another; it never raises for what a student
did.
"""

import dataclasses
from collections.abc import Callable, Mapping

from tinylab.course.exercises import find
from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.parse import digest, parse_notebook
from tinylab.grading.one.assemble import assemble
from tinylab.grading.reports.similarity import fingerprints
from tinylab.grading.rules.assignment import identify
from tinylab.grading.rules.config import IntakeLimits
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import Assignment, PointResult, QuestionResult, Result, Submission

__all__ = ["WRONG", "Job", "grade_submission", "nothing_earned", "refused_record"]

WRONG = "this is not one of the notebooks that are graded."


@dataclasses.dataclass(frozen=True)
class Job:
    """Everything about a submission but its bytes.

    Attributes
    ----------
    student, path : str
    received_at : str or None
        ISO 8601 in UTC.
    attempt : int
    graded : tuple of str
        Names of the assignments that are graded; a notebook of another one is a wrong one.
    seeds : str or None
        64 hex digits, from which the probes' inputs follow, others for every submission; None for
        the inputs of the check cells.
    limits : Limits
    intake : IntakeLimits
    """

    student: str
    path: str
    received_at: str | None
    attempt: int
    graded: tuple[str, ...]
    seeds: str | None
    limits: Limits
    intake: IntakeLimits

    def to_json(self) -> dict:
        """The job as plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, plain: dict) -> "Job":
        """The job that `to_json` made plain."""
        limits, intake = Limits(**plain["limits"]), IntakeLimits(**plain["intake"])
        return cls(
            **{**plain, "graded": tuple(plain["graded"]), "limits": limits, "intake": intake}
        )


def grade_submission(
    job: Job,
    data: bytes,
    assignments: Mapping[str, Assignment],
    announce: Callable[[str], None] = lambda name: None,
) -> dict:
    """Grade one submission and return its record.

    Parameters
    ----------
    job : Job
    data : bytes
        The notebook's file.
    assignments : mapping of str to Assignment
        All notebooks of the course.
    announce : callable
        Is told the assignment's name before any of the student's code runs.
    """
    sha256 = digest(data)
    try:
        notebook, flags = parse_notebook(data, job.intake)
    except Refused as refused:
        return refused_record(job, sha256, refused.status, str(refused))
    name = identify(notebook, assignments)
    if name is None or name not in job.graded:
        return refused_record(job, sha256, "wrong_assignment", WRONG, flags)
    announce(name)
    submission = Submission(
        student=job.student,
        path=job.path,
        sha256=sha256,
        received_at=job.received_at,
        attempt=job.attempt,
        notebook=notebook,
        flags=flags,
    )
    return _graded(job, submission, assignments[name])


def _graded(job: Job, submission: Submission, assignment: Assignment) -> dict:
    """The record of a submission that could be read."""
    from tinylab.grading.one.verdict import grade

    key = bytes.fromhex(job.seeds) if job.seeds else None
    result = grade(submission, assignment, key=key, limits=job.limits)
    answers = assemble(submission.notebook, assignment).answers
    cells = assignment.notebook["cells"]
    stubs = {c["metadata"]["exercise"]: c["source"] for c in cells if "exercise" in c["metadata"]}
    return _record(job, result, fingerprints(answers, stubs))


def refused_record(
    job: Job, sha256: str, status: str, sentence: str, flags: tuple[str, ...] = ()
) -> dict:
    """The record of a submission that was not run, with a sentence for the student."""
    result = Result(
        student=job.student,
        submission_sha256=sha256,
        assignment="",
        status=status,
        flags=tuple(flags),
        message=sentence,
    )
    return _record(job, result, [])


def nothing_earned(
    job: Job, sha256: str, assignment: Assignment | None, status: str, sentence: str, flag: str
) -> dict:
    """The record of a submission whose process had to be stopped, or fell over."""
    questions = tuple(
        QuestionResult(
            exercise_id=one,
            status=status if status in ("timeout", "crashed", "limit") else "error",
            points=tuple(PointResult(point.name, False) for point in find(one).points),
        )
        for one in (assignment.exercise_ids if assignment else ())
    )
    result = Result(
        student=job.student,
        submission_sha256=sha256,
        assignment=assignment.name if assignment else "",
        status=status,
        questions=questions,
        flags=(flag,),
        message=sentence,
    )
    return _record(job, result, [])


def _record(job: Job, result: Result, prints: list[int]) -> dict:
    return {
        "kind": "result",
        "student": job.student,
        "path": job.path,
        "sha256": result.submission_sha256,
        "received_at": job.received_at,
        "attempt": job.attempt,
        "assignment": result.assignment,
        "result": result.to_json(),
        "fingerprints": prints,
    }
