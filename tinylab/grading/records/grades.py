"""What each student gets: which attempt counts, what the late rules leave, what the teacher says.

In: the entries of a book and the rules of the course. Out: a `Row` for each hand-in and a
`StudentGrades` for each student, small enough that a large class fits into memory.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from tinylab.grading.intake.roster import RosterEntry
from tinylab.grading.records.entries import (
    HandInRecord,
    IntakeRecord,
    OverrideRecord,
    RosterRecord,
    read_entry,
)
from tinylab.grading.records.record_book import BOOK
from tinylab.grading.rules.config import CourseConfig
from tinylab.grading.rules.result import QuestionResult

__all__ = ["ClassGrades", "QuestionGrade", "Row", "StudentGrades", "read_grades", "read_record"]


@dataclass(frozen=True)
class QuestionGrade:
    """Points of one exercise after weights and the teacher's changes, before the late rules."""

    exercise_id: str
    earned: float
    maximum: float
    status: str
    review: str | None = None
    comment: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """One hand-in, without its details.

    Attributes
    ----------
    questions : tuple of QuestionGrade
    kept : float
        Share of the points that the late rules leave, 0 to 1.
    received : str
        When, in the course's own time zone; empty where nobody knows.
    late_note : str
        What was assumed about its time, in a sentence; or empty.
    counts : bool
        Whether it is the attempt that counts.
    offset : int
        Byte in the book at which its record begins; -1 for a row without a hand-in.
    """

    student: str
    path: str
    sha256: str
    assignment: str
    received_at: str
    received: str
    status: str
    questions: tuple[QuestionGrade, ...]
    kept: float
    flags: tuple[str, ...]
    message: str | None
    offset: int
    attempt: int = 1
    counts: bool = False
    late_note: str = ""
    folder: str = ""
    comment: str = ""

    @property
    def earned(self) -> float:
        """Points, before the late rules."""
        return round(sum(question.earned for question in self.questions), 4)

    @property
    def maximum(self) -> float:
        """The most points."""
        return round(sum(question.maximum for question in self.questions), 4)

    @property
    def worth(self) -> float:
        """Points after the late rules."""
        return round(self.earned * self.kept, 2)

    @property
    def answered(self) -> bool:
        """Whether any exercise has an answer."""
        return any(question.status != "no_response" for question in self.questions)

    def question(self, exercise: str) -> QuestionGrade | None:
        """The grade of one exercise, or None."""
        return next((one for one in self.questions if one.exercise_id == exercise), None)


@dataclass(frozen=True)
class StudentGrades:
    """One student: the hand-in that counts, by assignment; `entry` as the roster has her."""

    student: str
    counted: dict[str, Row] = field(default_factory=dict)
    entry: RosterEntry | None = None
    handed_in: bool = True

    @property
    def worth(self) -> float:
        """Points over all assignments, after the late rules."""
        return round(sum(row.worth for row in self.counted.values()), 2)

    @property
    def maximum(self) -> float:
        """The most points of the assignments that were handed in."""
        return round(sum(row.maximum for row in self.counted.values()), 4)

    @property
    def name_and_number(self) -> tuple[str, str]:
        """The name and the platform's number, where the student is called "name_number"."""
        if self.entry:
            return self.entry.name, self.entry.number
        parts = re.fullmatch(r"(.+)_(\d+)", self.student, re.S)
        return (parts[1], parts[2]) if parts else (self.student, "")


@dataclass(frozen=True)
class ClassGrades:
    """Everything that reports are made of: rows, students, and what nobody could be given."""

    rows: tuple[Row, ...]
    students: tuple[StudentGrades, ...]
    intake: IntakeRecord | None


def read_grades(folder: Path, config: CourseConfig) -> ClassGrades:
    """The grades that a book and the rules of the course give."""
    latest, overrides, roster, intake = {}, [], (), None
    for entry, offset in _entries(folder):
        if isinstance(entry, HandInRecord):
            latest[entry.student, entry.path, entry.sha256] = entry, offset
        elif isinstance(entry, OverrideRecord):
            overrides.append(entry)
        elif isinstance(entry, RosterRecord):
            roster = entry.entries
        elif isinstance(entry, IntakeRecord):
            intake = entry
    extensions = {one.student: one.extension for one in roster if one.extension}
    rows = [
        _row(record, offset, config, _extension(record, overrides, extensions))
        for record, offset in latest.values()
    ]
    rows = _marked([_overridden(row, overrides) for row in rows], config)
    rows.sort(key=lambda row: (row.student, row.path, row.sha256))
    return ClassGrades(tuple(rows), tuple(_students(rows, roster)), intake)


def read_record(folder: Path, row: Row) -> HandInRecord:
    """The full record of a row."""
    with (folder / BOOK).open("rb") as book:
        book.seek(row.offset)
        return read_entry(json.loads(book.readline())["body"]["record"])


def _entries(folder: Path):
    """(entry, offset) of every line."""
    path, offset = folder / BOOK, 0
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for line in lines:
            yield read_entry(json.loads(line)["body"]["record"]), offset
            offset += len(line)


def _extension(record: HandInRecord, overrides: Iterable[OverrideRecord], roster: dict):
    """The deadline that a student has instead of the class's: the last one that was given."""
    extension = roster.get(record.student)
    for one in overrides:
        fits = one.student == record.student and one.assignment in ("", record.assignment)
        if fits and one.extension:
            extension = one.extension
    return extension


def _row(record: HandInRecord, offset: int, config: CourseConfig, extension: str | None) -> Row:
    result = record.result
    late = config.lateness(record.assignment, record.received_at, record.late, extension)
    return Row(
        student=record.student,
        path=record.path,
        sha256=record.sha256,
        assignment=record.assignment,
        received_at=record.received_at or "",
        received=config.local(record.received_at),
        status=result.status,
        questions=tuple(_question(one, config) for one in result.questions),
        kept=late.kept,
        flags=result.flags,
        message=result.message,
        offset=offset,
        late_note=late.note,
        folder=record.folder,
    )


def _question(question: QuestionResult, config: CourseConfig) -> QuestionGrade:
    """Points with the weights of the course."""
    weights = [config.weight(question.exercise_id, point.name) for point in question.points]
    earned = sum(w for w, point in zip(weights, question.points) if point.earned)
    return QuestionGrade(
        exercise_id=question.exercise_id,
        earned=round(earned, 4),
        maximum=round(sum(weights), 4),
        status=question.status,
        review=question.review,
    )


def _overridden(row: Row, overrides: Iterable[OverrideRecord]) -> Row:
    """A row with the teacher's changes, the later ones over the earlier."""
    questions = {question.exercise_id: question for question in row.questions}
    comment = row.comment
    for one in overrides:
        if one.student != row.student or one.assignment not in ("", row.assignment):
            continue
        if not one.exercise_id:
            comment = one.comment or comment
            if one.excused:
                questions = {n: _excused(q, one.comment) for n, q in questions.items()}
        elif one.exercise_id in questions:
            questions[one.exercise_id] = _changed(questions[one.exercise_id], one)
    reviewed = any(q.review for q in questions.values()) or "needs_review" in row.flags
    status = "graded" if row.status == "needs_review" and not reviewed else row.status
    return replace(row, questions=tuple(questions.values()), comment=comment, status=status)


def _excused(question: QuestionGrade, comment: str) -> QuestionGrade:
    comment = comment or question.comment
    return replace(question, earned=0.0, maximum=0.0, review=None, comment=comment, changed=True)


def _changed(question: QuestionGrade, one: OverrideRecord) -> QuestionGrade:
    """A question with one change: points settle what was to be looked at."""
    if one.excused:
        return _excused(question, one.comment)
    if one.points is None:
        return replace(question, comment=one.comment or question.comment)
    return replace(
        question,
        earned=one.points,
        comment=one.comment or question.comment,
        review=None,
        changed=True,
        status="answered" if question.status == "ungraded" else question.status,
    )


def _marked(rows: Iterable[Row], config: CourseConfig) -> list[Row]:
    """The rows with their attempts numbered and the one that counts marked."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.student, row.assignment].append(row)
    marked = []
    for (_, assignment), group in groups.items():
        group.sort(key=lambda row: (row.received_at, row.path, row.sha256))
        numbered = [replace(row, attempt=n) for n, row in enumerate(group, 1)]
        chosen = _choose(numbered, config) if assignment else None
        numbered = [_named_copies(row, numbered) if row is chosen else row for row in numbered]
        chosen_path = chosen and (chosen.path, chosen.sha256)
        marked += [replace(row, counts=(row.path, row.sha256) == chosen_path) for row in numbered]
    return marked


def _choose(attempts: list[Row], config: CourseConfig) -> Row:
    """The attempt that counts, of one student and assignment, in order of time.

    Copies that came at one time, or nobody knows when, are no attempts: the one with answers
    counts, and of several the one that earned most. Files whose names number them ("attempt 2")
    are attempts: the last counts.
    """
    allowed = attempts[: config.maximum_attempts or None]
    if config.counts == "best":
        return max(allowed, key=lambda row: (row.worth, row.attempt))
    for accepted in (1.0, 1e-9):  # in time, else late but accepted
        in_time = [row for row in allowed if row.kept >= accepted]
        if in_time:
            return _of_one_time([r for r in in_time if r.received_at == in_time[-1].received_at])
    return _of_one_time([row for row in allowed if row.received_at == allowed[-1].received_at])


def _of_one_time(copies: list[Row]) -> Row:
    return max(
        copies,
        key=lambda row: (_stated_attempt(row.path), row.answered, row.earned, row.attempt),
    )


def _stated_attempt(path: str) -> int:
    """The number of an attempt that a file's name states, or 0."""
    stated = re.search(r"attempt[ _-]*(\d{1,3})(?!\d)", PurePosixPath(path).name, re.I)
    return int(stated[1]) if stated else 0


def _named_copies(chosen: Row, attempts: list[Row]) -> Row:
    """The attempt that counts, with a word on others of the same time that have other answers."""
    rivals = [
        row
        for row in attempts
        if row is not chosen and row.received_at == chosen.received_at and row.answered
    ]
    number = _stated_attempt(chosen.path)
    rivals = [
        row for row in rivals if row.sha256 != chosen.sha256 and _stated_attempt(row.path) == number
    ]
    if not rivals or chosen.status not in ("graded", "needs_review"):
        return chosen
    names = ", ".join(row.path for row in rivals)[:300]
    message = f"{chosen.path} counts, which earned most; there is also {names} of the same time."
    flags = tuple(sorted({*chosen.flags, "copies"}))
    return replace(chosen, status="needs_review", message=message, flags=flags)


def _students(rows: Iterable[Row], roster: tuple[RosterEntry, ...]) -> list[StudentGrades]:
    """What each student gets, by name; also those without a hand-in that counts, and the absent."""
    entries = {entry.student: entry for entry in roster}
    students = {name: StudentGrades(name, {}, entries[name], False) for name in entries}
    for row in rows:
        one = students.get(row.student)
        if one is None or not one.handed_in:
            one = StudentGrades(row.student, {}, entries.get(row.student))
            students[row.student] = one
        if row.counts and row.status != "ungraded":
            one.counted[row.assignment] = row
    return [students[name] for name in sorted(students)]
