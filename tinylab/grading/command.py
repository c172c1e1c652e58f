"""What `tinylab grade` and `tinylab check` do, without the command line around it.

In: paths and options. Out: a folder with a record book and reports, or a few lines of text.
"""

import dataclasses
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from tinylab.grading.intake.find import find_handins, read_handin
from tinylab.grading.one.submission import Job, grade_submission
from tinylab.grading.records import record_book as record
from tinylab.grading.reports.write import write_reports
from tinylab.grading.rules.assignment import choose, load_assignments
from tinylab.grading.rules.config import read_config
from tinylab.grading.rules.result import Assignment, Result
from tinylab.grading.sandbox.level import require
from tinylab.grading.whole_class.batch import Batch, Runner, Summary, grade_locally, run_batch

__all__ = ["Outcome", "check_file", "grade_class", "told", "verify_folder"]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a batch came to, for the teacher's eyes."""

    summary: Summary
    statuses: Mapping[str, int]
    students: int
    head: str

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {name}" for name, count in sorted(self.statuses.items()))
        lines = [
            f"{self.summary.graded} graded now, {self.summary.kept} taken over.",
            f"{sum(self.statuses.values())} submissions of {self.students} students: "
            f"{counted or 'none'}.",
            f"The record book ends with {self.head[:16]}; note it, and nobody can cut the book.",
        ]
        faults = [f"The grader failed on {fault}" for fault in self.summary.faults]
        return "\n".join(lines + faults)


def grade_class(
    submissions: Path,
    out: Path,
    *,
    course: Path | None = None,
    key: Path,
    names: Iterable[str] = (),
    jobs: int = 1,
    scheduler: str | None = None,
    resume: bool = False,
    received_at: datetime | None = None,
) -> Outcome:
    """Grade every hand-in in `submissions` and write the reports into `out`.

    Parameters
    ----------
    submissions, out : Path
    course : Path, optional
        The course's rules; those of the example without.
    key : Path
        The file with the teacher's secret; made if it is not there.
    names : iterable of str
        Notebooks that are graded, else those of the rules, else all.
    jobs : int
        Grading processes at one time on this machine.
    scheduler : str, optional
        Address of a dask scheduler whose workers grade instead.
    resume : bool
        Go on with what the record book does not have yet.
    received_at : datetime, optional
        When the hand-ins were received, where no LMS tells; now, without.

    Raises
    ------
    ValueError, OSError, IsolationError
        Where grading cannot start, in one sentence; never for what is in a submission.
    """
    if not hasattr(os, "fork"):
        raise OSError("grading a class needs Linux (or macOS, without walls): processes that fork")
    config, assignments = read_config(course), load_assignments()
    graded = choose(assignments, names or config.deadlines)
    if Path(out).resolve().is_relative_to(Path(submissions).resolve()):
        raise ValueError(f"{out} lies inside {submissions}: write the reports somewhere else")
    handins = find_handins(submissions, config.intake)
    if not scheduler:
        require(config.limits.isolation)
    batch = Batch(
        config=config,
        key=record.read_key(key),
        assignments=assignments,
        graded=graded,
        received_at=received_at or datetime.now(timezone.utc),
    )
    summary = run_batch(handins, Path(out), batch, _runner(assignments, jobs, scheduler), resume)
    wanted = {name: one for name, one in assignments.items() if name in graded}
    rows = write_reports(Path(out), config, wanted)
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row.status] = statuses.get(row.status, 0) + 1
    return Outcome(
        summary=summary,
        statuses=statuses,
        students=len({row.student for row in rows}),
        head=record.verify(Path(out), batch.key).head,
    )


def _runner(assignments: Mapping[str, Assignment], jobs: int, scheduler: str | None) -> Runner:
    if scheduler:
        from tinylab.grading.whole_class.cluster import grade_on_cluster

        return grade_on_cluster(assignments, scheduler)
    return grade_locally(assignments, jobs)


def verify_folder(folder: Path, key: Path) -> record.Verification:
    """Check the record book in a folder of reports; a ValueError where there is no key."""
    if not Path(key).is_file():
        raise ValueError(f"there is no key {key}: pass --key, the one the book was signed with")
    return record.verify(folder, record.read_key(key))


def check_file(path: Path, course: Path | None = None) -> Result:
    """What a student's notebook earns with the inputs of the check cells.

    It takes the way of a graded submission, in a sandbox as good as this machine has.

    Raises
    ------
    Refused
        Where the file cannot be read.
    """
    config, assignments = read_config(course), load_assignments()
    (handin,) = find_handins(path, config.intake)
    job = Job(
        student=handin.student,
        path=handin.path,
        received_at=None,
        attempt=1,
        graded=tuple(sorted(assignments)),
        seeds=None,
        limits=dataclasses.replace(config.limits, isolation="none"),
        intake=config.intake,
    )
    graded = grade_submission(job, read_handin(handin, config.intake), assignments)
    return Result.from_json(graded["result"])


def told(result: Result) -> str:
    """A result as the check cells say it, and the sum."""
    lines = []
    for question in result.questions:
        if question.status == "no_response":
            lines.append(f"{question.exercise_id}: not answered (0 of {question.maximum} points)")
            continue
        lines.append(f"{question.exercise_id}: {question.earned} of {question.maximum} points")
        lines += [
            f"  - {point.name}: {point.message or 'not earned.'}"
            for point in question.points
            if not point.earned
        ]
    if result.message:
        lines.append(result.message)
    if result.questions:
        lines.append(f"{result.assignment}: {result.earned} of {result.maximum} points")
    return "\n".join(lines)
