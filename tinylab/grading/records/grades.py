"""What each student gets: which attempt counts, what the late rules leave, what the teacher says.

In: the entries of a book and the rules of the course. Out: a `Row` for each hand-in and a
`StudentGrades` for each student, small enough that a large class fits into memory.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tinylab.grading.intake.roster import RosterEntry
from tinylab.grading.records.attempts import with_attempts
from tinylab.grading.records.entries import (
    HandInRecord,
    IntakeRecord,
    OverrideRecord,
    RosterRecord,
    RubricRecord,
    read_entry,
)
from tinylab.grading.records.record_book import BOOK
from tinylab.grading.records.rows import WORDS, ClassGrades, QuestionGrade, Row, StudentGrades
from tinylab.grading.rules.config import CourseConfig, RubricRules
from tinylab.grading.rules.result import QuestionResult

__all__ = ["read_grades", "read_record"]


def read_grades(folder: Path, config: CourseConfig) -> ClassGrades:
    """The grades that a book and the rules of the course give."""
    latest, overrides, words, roster, intake = {}, [], {}, (), None
    for entry, offset in _entries(folder):
        if isinstance(entry, HandInRecord):
            latest[entry.student, entry.path, entry.sha256] = entry, offset
        elif isinstance(entry, OverrideRecord):
            overrides.append(entry)
        elif isinstance(entry, RubricRecord):
            words[entry.student, entry.assignment, entry.sha256] = entry
        elif isinstance(entry, RosterRecord):
            roster = entry.entries
        elif isinstance(entry, IntakeRecord):
            intake = entry
    extensions = {student.student: student.extension for student in roster if student.extension}
    rows = []
    for record, offset in latest.values():
        row = _row(record, offset, config, _extension(record, overrides, extensions))
        if record.assignment in config.rubric.notebooks:
            graded = words.get((record.student, record.assignment, record.sha256))
            row = _with_words(row, record.words, graded, config.rubric)
        rows.append(_overridden(row, overrides))
    rows = with_attempts(rows, config)
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
    for override in overrides:
        fits = override.student == record.student and override.assignment in ("", record.assignment)
        if fits and override.extension:
            extension = override.extension
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
        questions=tuple(_question(question, config) for question in result.questions),
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


def _with_words(
    row: Row, texts: tuple[str, ...], graded: RubricRecord | None, rubric: RubricRules
) -> Row:
    """A row with what the teacher gave for words; until she did, a person has to look."""
    if not row.questions:
        return row
    waiting = bool(texts) and graded is None
    question = QuestionGrade(
        exercise_id=WORDS,
        earned=sum(graded.points) if graded else 0.0,
        maximum=float(rubric.maximum),
        status="ungraded" if waiting else "answered" if texts else "no_response",
        review="its words are not graded yet: see forms/." if waiting else None,
        comment=graded.comment if graded else "",
    )
    status = "needs_review" if waiting and row.status == "graded" else row.status
    return replace(row, questions=(*row.questions, question), status=status)


def _overridden(row: Row, overrides: Iterable[OverrideRecord]) -> Row:
    """A row with the teacher's changes, the later ones over the earlier."""
    questions = {question.exercise_id: question for question in row.questions}
    comment = row.comment
    for override in overrides:
        if override.student != row.student or override.assignment not in ("", row.assignment):
            continue
        if not override.exercise_id:
            comment = override.comment or comment
            if override.excused:
                questions = {n: _excused(q, override.comment) for n, q in questions.items()}
        elif override.exercise_id in questions:
            questions[override.exercise_id] = _changed(questions[override.exercise_id], override)
    reviewed = any(q.review for q in questions.values()) or "needs_review" in row.flags
    status = "graded" if row.status == "needs_review" and not reviewed else row.status
    return replace(row, questions=tuple(questions.values()), comment=comment, status=status)


def _excused(question: QuestionGrade, comment: str) -> QuestionGrade:
    comment = comment or question.comment
    return replace(question, earned=0.0, maximum=0.0, review=None, comment=comment, changed=True)


def _changed(question: QuestionGrade, override: OverrideRecord) -> QuestionGrade:
    """A question with one change: points settle what was to be looked at."""
    if override.excused:
        return _excused(question, override.comment)
    if override.points is None:
        return replace(question, comment=override.comment or question.comment)
    return replace(
        question,
        earned=override.points,
        comment=override.comment or question.comment,
        review=None,
        changed=True,
        status="answered" if question.status == "ungraded" else question.status,
    )


def _students(rows: Iterable[Row], roster: tuple[RosterEntry, ...]) -> list[StudentGrades]:
    """What each student gets, by name; also those without a hand-in that counts, and the absent."""
    entries = {entry.student: entry for entry in roster}
    students = {name: StudentGrades(name, {}, entries[name], False) for name in entries}
    for row in rows:
        student = students.get(row.student)
        if student is None or not student.handed_in:
            student = StudentGrades(row.student, {}, entries.get(row.student))
            students[row.student] = student
        if row.counts and row.status != "ungraded":
            student.counted[row.assignment] = row
    return [students[name] for name in sorted(students)]
