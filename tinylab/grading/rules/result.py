"""What flows through grading: a submission comes in, a result goes out. Plain, frozen, JSON-able.

`intake` makes a `Submission`, `assemble` an `Assembled`, `grade_one` a `Result`. An `Assignment`
(see `assignment`) is what all of them compare with.
"""

import dataclasses
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = [
    "QUESTION_STATUSES",
    "RESULT_STATUSES",
    "Assembled",
    "Assignment",
    "PointResult",
    "QuestionResult",
    "Result",
    "Submission",
]

QUESTION_STATUSES = ("answered", "no_response", "crashed", "timeout", "limit", "error")
RESULT_STATUSES = (
    "graded",
    "unreadable",
    "wrong_assignment",
    "timeout",
    "crashed",
    "limit",
    "needs_review",
)
_NONE = MappingProxyType({})


@dataclass(frozen=True)
class Submission:
    """What one student handed in at one time.

    Attributes
    ----------
    student : str
        Who, as the folder, the file name or the LMS says; never trusted as a path.
    path : str
        Where it was read from, for the teacher's eyes.
    sha256 : str
        Hex digest of the file's bytes; seeds and records are bound to it.
    received_at : str or None
        ISO 8601 in UTC, from the LMS or the intake, never from the file's own metadata.
    attempt : int
        1 for the first, 2 for the next, ...
    notebook : dict or None
        The notebook as plain data, nbformat 4, or None where it could not be read.
    problem : str or None
        Why it could not be read, as one sentence for the student.
    status_hint : str or None
        One of `RESULT_STATUSES` where the intake already knows the end ("unreadable", "limit").
    flags : tuple of str
        What the intake noticed ("bom", "bidi", ...).
    """

    student: str
    path: str
    sha256: str
    received_at: str | None = None
    attempt: int = 1
    notebook: dict | None = None
    problem: str | None = None
    status_hint: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """What was asked: one notebook of the course, as the master has it.

    Attributes
    ----------
    name : str
        "01_keyword_spotting/2_compress".
    imports : str
        The code of the imports cell.
    exercise_ids : tuple of str
        In the order of the notebook.
    functions : mapping of str to str
        The name of the function to write, by exercise id.
    notebook : dict
        The notebook as released to students.
    forbidden : mapping of str to tuple of str
        Dotted names that an answer may not call, by exercise id: the library's own solutions.
    """

    name: str
    imports: str
    exercise_ids: tuple[str, ...]
    functions: dict[str, str]
    notebook: dict
    forbidden: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(_NONE))


@dataclass(frozen=True)
class Assembled:
    """A student's own code, found in her notebook and nothing else of it.

    Attributes
    ----------
    answers : mapping of str to str
        The answer cell by exercise id, parts of a split cell joined. Exercises without an answer
        cell are left out.
    extra_cells : tuple of str
        Code cells of the student's own, in order.
    flags : tuple of str
        What was noticed about the whole notebook ("locked_edited", "moved", ...).
    question_flags : mapping of str to tuple of str
        The same by exercise id ("split_cell", "duplicate", ...).
    matched : bool
        False when this is a notebook of another assignment.
    """

    answers: dict[str, str]
    extra_cells: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    question_flags: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(_NONE))
    matched: bool = True


@dataclass(frozen=True)
class PointResult:
    """One point of an exercise: whether it was earned, else a sentence that helps."""

    name: str
    earned: bool
    message: str | None = None


@dataclass(frozen=True)
class QuestionResult:
    """What one exercise earned; `status` is one of `QUESTION_STATUSES`.

    `earned` is always the number of points in `points` that were earned, and `maximum` how many
    there are: the grader counts, nothing is read from a kernel.
    """

    exercise_id: str
    status: str
    points: tuple[PointResult, ...]
    flags: tuple[str, ...] = ()

    def __post_init__(self):
        if self.status not in QUESTION_STATUSES:
            raise ValueError(f"status {self.status!r} is none of {', '.join(QUESTION_STATUSES)}")

    @property
    def earned(self) -> int:
        """Points earned."""
        return sum(point.earned is True for point in self.points)

    @property
    def maximum(self) -> int:
        """The most points there are."""
        return len(self.points)


@dataclass(frozen=True)
class Result:
    """What one submission earned; `status` is one of `RESULT_STATUSES`.

    `seconds` is the time grading took. It differs from run to run: leave it out of whatever must
    be equal when a submission is graded again.
    """

    student: str
    submission_sha256: str
    assignment: str
    status: str
    questions: tuple[QuestionResult, ...] = ()
    flags: tuple[str, ...] = ()
    isolation_level: str = "none"
    seconds: float = 0.0
    message: str | None = None

    def __post_init__(self):
        if self.status not in RESULT_STATUSES:
            raise ValueError(f"status {self.status!r} is none of {', '.join(RESULT_STATUSES)}")

    @property
    def earned(self) -> int:
        """Points earned."""
        return sum(question.earned for question in self.questions)

    @property
    def maximum(self) -> int:
        """The most points there are."""
        return sum(question.maximum for question in self.questions)

    def to_json(self) -> dict:
        """The result as plain data, sums included."""
        plain = dataclasses.asdict(self)
        for written, question in zip(plain["questions"], self.questions):
            written.update(earned=question.earned, maximum=question.maximum)
        return {**plain, "earned": self.earned, "maximum": self.maximum}

    @classmethod
    def from_json(cls, plain: dict) -> "Result":
        """The result that `to_json` wrote; sums are counted anew, not read."""
        questions = tuple(
            QuestionResult(
                exercise_id=question["exercise_id"],
                status=question["status"],
                points=tuple(PointResult(**point) for point in question["points"]),
                flags=tuple(question["flags"]),
            )
            for question in plain["questions"]
        )
        own = {f.name: plain[f.name] for f in dataclasses.fields(cls) if f.name in plain}
        return cls(**{**own, "questions": questions, "flags": tuple(plain["flags"])})
