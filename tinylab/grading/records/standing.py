"""Where each student stands: which attempt counts, and what the late rules leave of it.

In: the records of a book and the rules of the course. Out: a `Row` for each submission and a
`Standing` for each student, small enough that a large class fits into memory.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from tinylab.grading.records.record_book import BOOK
from tinylab.grading.rules.config import CourseConfig

__all__ = ["Row", "Standing", "read_record", "rows_of", "standings_of"]


@dataclass(frozen=True)
class Row:
    """One submission, without its details.

    Attributes
    ----------
    questions : tuple of (exercise id, points earned, most points)
    kept : float
        Share of the points that the late rules leave, 0 to 1.
    received : str
        When, in the course's own time zone.
    counts : bool
        Whether it is the attempt that counts.
    offset : int
        Byte in the book at which its record begins.
    """

    student: str
    path: str
    sha256: str
    assignment: str
    received_at: str
    received: str
    status: str
    questions: tuple[tuple[str, int, int], ...]
    kept: float
    flags: tuple[str, ...]
    message: str | None
    offset: int
    attempt: int = 1
    counts: bool = False

    @property
    def earned(self) -> int:
        """Points, before the late rules."""
        return sum(earned for _, earned, _ in self.questions)

    @property
    def maximum(self) -> int:
        """The most points."""
        return sum(most for _, _, most in self.questions)

    @property
    def worth(self) -> float:
        """Points after the late rules."""
        return round(self.earned * self.kept, 2)

    def points(self, exercise: str) -> int:
        """Points of one exercise, before the late rules."""
        return sum(earned for one, earned, _ in self.questions if one == exercise)


@dataclass(frozen=True)
class Standing:
    """One student: the submission that counts, by assignment."""

    student: str
    counted: dict[str, Row] = field(default_factory=dict)

    @property
    def worth(self) -> float:
        """Points over all assignments, after the late rules."""
        return round(sum(row.worth for row in self.counted.values()), 2)

    @property
    def maximum(self) -> int:
        """The most points of the assignments that were handed in."""
        return sum(row.maximum for row in self.counted.values())

    @property
    def name_and_number(self) -> tuple[str, str]:
        """The name and the LMS's number, where the student is called "name_number"."""
        parts = re.fullmatch(r"(.+)_(\d+)", self.student, re.S)
        return (parts[1], parts[2]) if parts else (self.student, "")


def rows_of(folder: Path, config: CourseConfig) -> list[Row]:
    """A row for each submission in a book, sorted; one graded again has its newest result."""
    latest = {}
    path, offset = folder / BOOK, 0
    if path.is_file():
        with path.open("rb") as lines:
            for line in lines:
                record = json.loads(line)["body"]["record"]
                row = _row(record, offset, config)
                latest[row.student, row.path, row.sha256] = row
                offset += len(line)
    return sorted(
        _marked(latest.values(), config), key=lambda row: (row.student, row.path, row.sha256)
    )


def standings_of(rows: list[Row]) -> list[Standing]:
    """Where each student stands, by name; also students without a submission that counts."""
    standings = {row.student: Standing(row.student) for row in rows}
    for row in rows:
        if row.counts:
            standings[row.student].counted[row.assignment] = row
    return [standings[name] for name in sorted(standings)]


def read_record(folder: Path, row: Row) -> dict:
    """The full record of a row."""
    with (folder / BOOK).open("rb") as book:
        book.seek(row.offset)
        return json.loads(book.readline())["body"]["record"]


def _row(record: dict, offset: int, config: CourseConfig) -> Row:
    result = record["result"]
    return Row(
        student=record["student"],
        path=record["path"],
        sha256=record["sha256"],
        assignment=record["assignment"],
        received_at=record["received_at"] or "",
        received=config.local(record["received_at"]),
        status=result["status"],
        questions=tuple((q["exercise_id"], q["earned"], q["maximum"]) for q in result["questions"]),
        kept=config.kept(record["assignment"], record["received_at"]),
        flags=tuple(result["flags"]),
        message=result["message"],
        offset=offset,
    )


def _marked(rows, config: CourseConfig) -> list[Row]:
    """The rows with their attempts numbered and the one that counts marked."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.student, row.assignment].append(row)
    marked = []
    for (_, assignment), group in groups.items():
        group.sort(key=lambda row: (row.received_at, row.path, row.sha256))
        numbered = [replace(row, attempt=n) for n, row in enumerate(group, 1)]
        chosen = _choose(numbered, config) if assignment else None
        marked += [replace(row, counts=row is chosen) for row in numbered]
    return marked


def _choose(attempts: list[Row], config: CourseConfig) -> Row:
    """The attempt that counts, of one student and assignment, in order of time."""
    allowed = attempts[: config.maximum_attempts or None]
    if config.counts == "best":
        return max(allowed, key=lambda row: (row.worth, row.attempt))
    for accepted in (1.0, 1e-9):  # in time, else late but accepted
        in_time = [row for row in allowed if row.kept >= accepted]
        if in_time:
            return in_time[-1]
    return allowed[-1]
