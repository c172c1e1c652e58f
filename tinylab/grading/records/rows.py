"""What each student gets, as plain data: grades of questions, of hand-ins and of students.

In: nothing but values. Out: frozen dataclasses, small enough that a large class fits into memory.
"""

import re
from dataclasses import dataclass, field

from tinylab.grading.intake.roster import RosterEntry
from tinylab.grading.records.entries import IntakeRecord

__all__ = ["WORDS", "ClassGrades", "QuestionGrade", "Row", "StudentGrades"]

WORDS = "in words"  # the question of what a student wrote, among a hand-in's others


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
        return next(
            (question for question in self.questions if question.exercise_id == exercise), None
        )


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
