"""What `tinylab grade` and `tinylab check` do, without the command line around it.

In: paths and options. Out: a folder with a record book and reports, or a few lines of text.
"""

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tinylab.grading.intake.handin import Intake
from tinylab.grading.intake.handins import take_in
from tinylab.grading.intake.roster import Roster, read_roster
from tinylab.grading.intake.times import with_times
from tinylab.grading.intake.zips import read_handin
from tinylab.grading.one.task import GradingTask, grade_handin
from tinylab.grading.outcome import Outcome
from tinylab.grading.records import record_book as book
from tinylab.grading.records.entries import (
    IntakeRecord,
    OverrideRecord,
    ReportsRecord,
    RosterRecord,
    RubricRecord,
)
from tinylab.grading.records.grades import read_grades
from tinylab.grading.records.overrides import read_overrides
from tinylab.grading.records.rubric import read_rubric
from tinylab.grading.reports.predictions import graded_predictions
from tinylab.grading.reports.write import write_reports
from tinylab.grading.rules.assignment import choose, load_assignments
from tinylab.grading.rules.config import CourseConfig, read_config
from tinylab.grading.rules.result import Assignment, Result
from tinylab.grading.sandbox.level import require
from tinylab.grading.whole_class.batch import Batch, Runner, Summary, grade_locally, run_batch

__all__ = [
    "GradeOptions",
    "change_grades",
    "check_file",
    "grade_class",
    "result_text",
    "verify_folder",
]

NOTHING = Summary(0, 0, ())


@dataclass(frozen=True)
class GradeOptions:
    """What a teacher may say about a run of `tinylab grade`.

    Attributes
    ----------
    course : Path, optional
        The course's rules; those of the example without.
    names : tuple of str
        Notebooks that are graded, else those of the rules, else all.
    jobs : int
        Grading processes at one time on this machine.
    scheduler : str, optional
        Address of a dask scheduler whose workers grade instead.
    resume : bool
        Go on with what the record book does not have yet.
    received_at : datetime, optional
        When all hand-ins were received; it wins over whatever else says so.
    roster, times, override : Path, optional
        The class list, a platform's list of times, and the teacher's changes.
    rubric : tuple of Path
        Files with the teacher's points for words.
    only : tuple of str
        Exercises or students that are graded again, the others left out.
    """

    course: Path | None = None
    names: tuple[str, ...] = ()
    jobs: int = 1
    scheduler: str | None = None
    resume: bool = False
    received_at: datetime | None = None
    roster: Path | None = None
    times: Path | None = None
    override: Path | None = None
    rubric: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the teacher changes anything by hand."""
        return bool(self.override or self.rubric)


def grade_class(handins: Path, out: Path, key: Path, options: GradeOptions) -> Outcome:
    """Grade every hand-in in `handins` and write the reports into `out`.

    Parameters
    ----------
    hand-ins, out : Path
    key : Path
        The file with the teacher's secret; made if it is not there.
    options : GradeOptions

    Raises
    ------
    ValueError, OSError, IsolationError
        Where grading cannot start, in one sentence; never for what is in a hand-in.
    """
    if not hasattr(os, "fork"):
        raise OSError("grading a class needs Linux (or macOS, without isolation)")
    if Path(out).resolve().is_relative_to(Path(handins).resolve()):
        raise ValueError(f"{out} lies inside {handins}: write the reports somewhere else")
    config, assignments = _rules(options)
    graded = choose(assignments, options.names or config.deadlines)
    roster = _roster(options, config)
    intake = take_in(
        handins,
        config.intake,
        roster=roster,
        notebooks=assignments,
        time_zone=config.time_zone,
    )
    if options.times:
        intake = with_times(intake, options.times, config.time_zone)
    _require_known(options.only, intake, roster, assignments)
    if not options.scheduler:
        require(config.limits.isolation)
    batch = Batch(
        config=config,
        key=book.read_key(key),
        assignments=assignments,
        graded=graded,
        received_at=options.received_at,
        resume=options.resume or (options.changes and not options.only),
        only=frozenset(options.only),
    )
    _note_intake(out, batch.key, intake, roster)
    runner = _runner(assignments, options, config.hidden_points)
    summary = run_batch(intake.handins, Path(out), batch, runner)
    return _reported(Path(out), batch, summary, options)


def _rules(options: GradeOptions) -> tuple[CourseConfig, dict[str, Assignment]]:
    """The course's rules and all its notebooks; a ValueError where the rules name others."""
    config, assignments = read_config(options.course), load_assignments()
    for name in config.rubric.notebooks:
        if name not in assignments:
            names = ", ".join(assignments)
            raise ValueError(f"course rules: [rubric] names {name!r}; the notebooks are {names}")
    return config, assignments


def _roster(options: GradeOptions, config: CourseConfig) -> Roster:
    return read_roster(options.roster, config.time_zone) if options.roster else Roster()


def _require_known(only: Iterable[str], intake: Intake, roster: Roster, assignments) -> None:
    """A ValueError for a name in --only that is neither a student nor an exercise."""
    known = {person.student for person in (*intake.handins, *roster.entries)}
    known |= {exercise for asked in assignments.values() for exercise in asked.exercise_ids}
    for name in set(only) - known:
        raise ValueError(f"--only {name}: there is no such exercise, and no such student here")


def _note_intake(out: Path, key: book.Key, intake: Intake, roster: Roster) -> None:
    """Write into the book who is in the class, and what could not be given to anybody."""
    with book.RecordBook(out, key) as records:
        if roster:
            records.append(RosterRecord(roster.entries))
        records.append(IntakeRecord(intake.platform, intake.not_assigned))


def _reported(out: Path, batch: Batch, summary: Summary, options: GradeOptions) -> Outcome:
    """The reports of a book, the teacher's changes included, and their digests in it."""
    wanted = {
        name: assignment for name, assignment in batch.assignments.items() if name in batch.graded
    }
    with book.RecordBook(out, batch.key) as records:
        for change in _changes(out, batch, options):
            records.append(change)
        grades, reports = write_reports(out, batch.config, wanted)
        records.append(reports)
        predictions = graded_predictions(out, [row for row in grades.rows if row.counts])
        return Outcome(summary, grades, records.head, predictions)


def _changes(out: Path, batch: Batch, options: GradeOptions) -> list[OverrideRecord | RubricRecord]:
    """Everything that the teacher changes by hand, read before any of it is written."""
    if not options.changes:
        return []
    grades, config = read_grades(out, batch.config), batch.config
    notebook_of = {
        e: n for n, assignment in batch.assignments.items() for e in assignment.exercise_ids
    }
    changes: list[OverrideRecord | RubricRecord] = []
    if options.override:
        changes += read_overrides(options.override, grades, notebook_of, config.time_zone)
    for path in options.rubric:
        changes += read_rubric(path, grades, config.rubric)
    return changes


def change_grades(out: Path, key: Path, options: GradeOptions) -> Outcome:
    """Write the reports of a folder anew, with the teacher's changes, without grading anything.

    Raises
    ------
    ValueError, OSError
        Where there is no book, or a change is about something that is not there.
    """
    if not (Path(out) / book.BOOK).is_file():
        raise ValueError(f"there is no record book in {out}: grade hand-ins first")
    config, assignments = _rules(options)
    graded = choose(assignments, options.names or config.deadlines)
    batch = Batch(config, book.read_key(key), assignments, graded)
    return _reported(Path(out), batch, NOTHING, options)


def _runner(
    assignments: Mapping[str, Assignment], options: GradeOptions, hidden_points: str
) -> Runner:
    if options.scheduler:
        from tinylab.grading.whole_class.cluster import grade_on_cluster

        return grade_on_cluster(assignments, options.scheduler, hidden_points)
    return grade_locally(assignments, options.jobs, hidden_points=hidden_points)


def verify_folder(folder: Path, key: Path) -> book.Verification:
    """Check the record book in a folder and every report that was made of it.

    Raises
    ------
    ValueError
        Where there is no key.
    """
    if not Path(key).is_file():
        raise ValueError(f"there is no key {key}: pass --key, the one the book was signed with")
    checked = book.verify(folder, book.read_key(key))
    if checked.problems:
        return checked
    reports = [entry for entry in book.entries(folder) if isinstance(entry, ReportsRecord)]
    problems = _report_problems(Path(folder), reports[-1]) if reports else ()
    return dataclasses.replace(checked, problems=tuple(problems))


def _report_problems(folder: Path, reports: ReportsRecord) -> Iterable[str]:
    """What is wrong with the reports beside a book."""
    anew = "grade again with --resume to write it anew"
    for report in reports.reports:
        path = folder / report.path
        if not path.is_file():
            yield f"{report.path} is missing; {anew}"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != report.sha256:
            yield f"{report.path} is not what the book says; {anew}"


def check_file(path: Path, course: Path | None = None) -> Result:
    """What a student's notebook earns with the inputs of the check cells.

    It takes the way of a graded hand-in, in a sandbox as good as this machine has.

    Raises
    ------
    Refused
        Where the file cannot be read.
    """
    config, assignments = read_config(course), load_assignments()
    (handin,) = take_in(path, config.intake).handins
    task = GradingTask(
        student=handin.student,
        path=handin.path,
        received_at=None,
        attempt=1,
        graded=tuple(sorted(assignments)),
        seeds=None,
        limits=dataclasses.replace(config.limits, isolation="none"),
        intake=config.intake,
    )
    return grade_handin(task, read_handin(handin, config.intake), assignments).result


def result_text(result: Result) -> str:
    """A result as the check cells print it, and the sum."""
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
