"""A teacher's points for words: the file that a form page saves in, signed lines of the book out.

In: JSON as `forms/*.html` writes it. Out: a `RubricRecord` for each hand-in that was graded. A file
is taken whole or not at all.
"""

import json
from pathlib import Path

from tinylab.grading.records.entries import RubricRecord
from tinylab.grading.records.rows import ClassGrades
from tinylab.grading.rules.config import RubricRules

__all__ = ["KIND", "read_rubric"]

KIND = "tinylab rubric, version 1"
LONGEST_COMMENT = 4_000


def read_rubric(path: str | Path, grades: ClassGrades, rubric: RubricRules) -> list[RubricRecord]:
    """The points in a file.

    Raises
    ------
    ValueError
        A file that no form page saved, for other questions than the course's, or about a hand-in
        that is not in the book, in one sentence.
    """
    try:
        plain = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        kind, assignment, questions = plain["kind"], plain["assignment"], plain["questions"]
        records = [_record(assignment, entry) for entry in plain["graded"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError(f"{path} is no file that a page in forms/ saved") from None
    if kind != KIND or assignment not in rubric.notebooks:
        raise ValueError(f"{path}: {assignment!r} is no notebook of [rubric] in your course rules")
    if tuple(questions) != rubric.questions:
        raise ValueError(f"{path} answers other questions than [rubric] asks now: grade again")
    known = {(row.student, row.assignment, row.sha256) for row in grades.rows}
    for record in records:
        where = f"{path}, {record.student}"
        if (record.student, record.assignment, record.sha256) not in known:
            raise ValueError(f"{where}: the hand-in that this is about is not in the record book")
        if len(record.points) != len(rubric.questions):
            raise ValueError(f"{where}: there must be points for each of the questions")
        if not all(0 <= points <= rubric.points for points in record.points):
            raise ValueError(f"{where}: points must be from 0 to {rubric.points}")
    return records


def _record(assignment, entry: dict) -> RubricRecord:
    """One graded text; a TypeError or KeyError for anything else."""
    texts = (assignment, entry["student"], entry["receipt"], entry["comment"])
    numbers = entry["points"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(numbers, list):
        raise TypeError("texts and a list of numbers are needed")
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers):
        raise TypeError("points are numbers")
    return RubricRecord(
        student=entry["student"],
        assignment=assignment,
        sha256=entry["receipt"],
        points=tuple(numbers),
        comment=entry["comment"][:LONGEST_COMMENT],
    )
