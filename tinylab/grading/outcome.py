"""What grading a class came to, in the lines that a teacher reads."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tinylab.grading.records.rows import ClassGrades
from tinylab.grading.reports.predictions import ClassAnswer, predictions_table
from tinylab.grading.reports.tables import please_look
from tinylab.grading.whole_class.batch import Summary

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What a batch came to, for the teacher's eyes.

    Attributes
    ----------
    summary : Summary
    grades : ClassGrades
    head : str
        What the record book ends with.
    predictions : tuple of ClassAnswer
        Of the hand-ins that count.
    """

    summary: Summary
    grades: ClassGrades
    head: str
    predictions: tuple[ClassAnswer, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where all is well, 1 for a fault of the grader, 3 where a file has no student."""
        if self.summary.faults:
            return 1
        return 3 if self.grades.intake and self.grades.intake.not_assigned else 0

    def __str__(self) -> str:
        rows, students = self.grades.rows, self.grades.students
        statuses = Counter(row.status for row in rows)
        counted = ", ".join(f"{count} {name}" for name, count in sorted(statuses.items()))
        absent = [student.student for student in students if not student.handed_in]
        lines = [
            f"{self.summary.graded} graded now, {self.summary.kept} taken over.",
            f"{_counted(len(rows), 'hand-in')} of "
            f"{_counted(len(students) - len(absent), 'student')}: {counted or 'none'}.",
        ]
        if absent:
            lines.append(f"Absent, {len(absent)} of the roster: {', '.join(absent)}.")
        lines += self._notes()
        if self.predictions:
            lines += ["What the class predicted:", predictions_table(self.predictions)]
        lines.append(
            f"The record book ends with {self.head[:16]}. Write that down: a book that was cut "
            "short ends otherwise."
        )
        return "\n".join([*lines, *(f"Not graded: {fault}" for fault in self.summary.faults)])

    def _notes(self) -> Iterable[str]:
        """What a teacher should know before she believes the numbers."""
        notes = Counter(row.late_note for row in self.grades.rows if row.late_note)
        for note, count in sorted(notes.items()):
            yield (
                f"{_counted(count, 'hand-in')}: {note} Give --received, --times or a roster to say "
                "when."
            )
        if lines := len(list(please_look(self.grades))) - 1:
            yield f"For your eyes: {_counted(lines, 'line')} in please_look.csv."
        for left_over in self.grades.intake.not_assigned if self.grades.intake else ():
            yield f"Could not place {left_over.path}: {left_over.reason}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
