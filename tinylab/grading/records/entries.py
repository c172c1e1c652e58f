"""What stands in a record book: results, a teacher's changes, her roster, and what reports were.

In and out: frozen dataclasses and the plain data that a line of the book holds, a `kind` each.
"""

import dataclasses
from dataclasses import dataclass

from tinylab.cache import read_results
from tinylab.grading.intake.handin import NotAssigned
from tinylab.grading.intake.predictions import Prediction
from tinylab.grading.intake.roster import RosterEntry
from tinylab.grading.rules.result import Result

__all__ = [
    "AnswerText",
    "Entry",
    "HandInRecord",
    "IntakeRecord",
    "OverrideRecord",
    "ReportDigest",
    "ReportsRecord",
    "RosterRecord",
    "RubricRecord",
    "read_entry",
    "written",
]


@dataclass(frozen=True)
class AnswerText:
    """An answer as it is compared with others'.

    Attributes
    ----------
    exercise_id : str
    prints : tuple of int
        Fingerprints of runs of tokens, names normalized.
    repeats : str
        The function of this package, or the judge, that it repeats word for word; or empty.
    """

    exercise_id: str
    prints: tuple[int, ...]
    repeats: str = ""


@dataclass(frozen=True)
class HandInRecord:
    """What grading made of one hand-in.

    Attributes
    ----------
    student, path, sha256, received_at, attempt, late, folder
        As in `HandIn`; `received_at` is None where nobody knows.
    assignment : str
        The notebook, or empty where it is none that is graded.
    result : Result
    answers : tuple of AnswerText
        For the similarity report.
    fault : str or None
        What the grader itself failed on; such a hand-in is graded again by `--resume`.
    words : tuple of str
        What the student wrote in markdown, for the teacher to read.
    predictions : tuple of Prediction
        What she answered before she looked; it earns no points.
    """

    student: str
    path: str
    sha256: str
    received_at: str | None
    attempt: int
    assignment: str
    result: Result
    answers: tuple[AnswerText, ...] = ()
    late: bool = False
    folder: str = ""
    fault: str | None = None
    words: tuple[str, ...] = ()
    predictions: tuple[Prediction, ...] = ()


@dataclass(frozen=True)
class OverrideRecord:
    """A teacher's word on one student: points, an excuse, a comment or an extension.

    `exercise_id` and `assignment` are empty where it is about everything the student handed in.
    `extension` is ISO 8601 in UTC.
    """

    student: str
    assignment: str = ""
    exercise_id: str = ""
    points: float | None = None
    excused: bool = False
    comment: str = ""
    extension: str | None = None


@dataclass(frozen=True)
class RubricRecord:
    """A teacher's points for what one hand-in says in words, one number for each question."""

    student: str
    assignment: str
    sha256: str
    points: tuple[float, ...]
    comment: str = ""


@dataclass(frozen=True)
class RosterRecord:
    """The roster that a run was given."""

    entries: tuple[RosterEntry, ...]


@dataclass(frozen=True)
class IntakeRecord:
    """What a run could not give to any student, and whose structure its download had."""

    platform: str
    not_assigned: tuple[NotAssigned, ...]


@dataclass(frozen=True)
class ReportDigest:
    """The SHA-256 of a report, by its path below the folder of the book."""

    path: str
    sha256: str


@dataclass(frozen=True)
class ReportsRecord:
    """The reports that were written last."""

    reports: tuple[ReportDigest, ...]


Entry = HandInRecord | OverrideRecord | RubricRecord | RosterRecord | IntakeRecord | ReportsRecord
KINDS = {
    "hand-in": HandInRecord,
    "override": OverrideRecord,
    "rubric": RubricRecord,
    "roster": RosterRecord,
    "intake": IntakeRecord,
    "reports": ReportsRecord,
}


def written(entry: Entry) -> dict:
    """An entry as plain data, for a line of the book or for another process."""
    kind = next(name for name, entry_type in KINDS.items() if type(entry) is entry_type)
    return {"kind": kind, **dataclasses.asdict(entry)}


def read_entry(plain: dict) -> Entry:
    """The entry that `written` made plain; a ValueError for anything else."""
    plain = dict(plain)
    kind = KINDS.get(plain.pop("kind", None))
    if kind is None:
        raise ValueError("this is no entry of a record book of this version of tinylab")
    return read_results(plain, kind)
