"""What flows through grading: a hand-in comes in, a result goes out. Plain, frozen, JSON-able.

`intake` makes a `ParsedHandIn`, `assemble` an `Assembled`, `grade` a `Result`. An `Assignment`
(see `assignment`) is what all of them compare with.
"""

from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = [
    "QUESTION_STATUSES",
    "RESULT_STATUSES",
    "Assembled",
    "Assignment",
    "ParsedHandIn",
    "Piece",
    "PointResult",
    "QuestionResult",
    "Result",
]

QUESTION_STATUSES = (
    "answered",
    "no_response",
    "crashed",
    "timeout",
    "limit",
    "error",
    "ungraded",
)
RESULT_STATUSES = (
    "graded",
    "unreadable",
    "wrong_assignment",
    "timeout",
    "crashed",
    "limit",
    "needs_review",
    "ungraded",
)
_NONE = MappingProxyType({})


@dataclass(frozen=True)
class ParsedHandIn:
    """What one student handed in at one time.

    Attributes
    ----------
    student : str
        Who, as the intake gave it; never trusted as a path.
    path : str
        Where it was read from, for the teacher's eyes.
    sha256 : str
        Hex digest of the file's bytes; records are bound to it.
    received_at : str or None
        ISO 8601 in UTC, from the learning platform or the teacher, never from the file itself.
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
    python : str
        The version of Python that the notebook says it ran on, or empty; a hint only.
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
    python: str = ""


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
    graded_ids : tuple of str
        Exercises that are graded where not all are.
    """

    name: str
    imports: str
    exercise_ids: tuple[str, ...]
    functions: dict[str, str]
    notebook: dict
    forbidden: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(_NONE))
    graded_ids: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The exercises that are graded: all, unless `graded_ids` names some."""
        return self.graded_ids or self.exercise_ids


@dataclass(frozen=True)
class Piece:
    """A cell of a notebook as it would be run from top to bottom.

    Attributes
    ----------
    kind : str
        "helper" (a student's own), "answer" or "check" (where an exercise's check cell stands).
    exercise : str
        Of an answer or a check, else empty.
    source : str
        The code, empty for a check.
    """

    kind: str
    exercise: str = ""
    source: str = ""


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
    sequence : tuple of Piece
        The same code in the order of the notebook, first tries included.
    """

    answers: dict[str, str]
    extra_cells: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    question_flags: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(_NONE))
    matched: bool = True
    sequence: tuple[Piece, ...] = ()


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
    there are: the grader counts, nothing is read from a kernel. `review` says why a person should
    look at it, where one should.
    """

    exercise_id: str
    status: str
    points: tuple[PointResult, ...]
    flags: tuple[str, ...] = ()
    review: str | None = None

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
    """What one hand-in earned; `status` is one of `RESULT_STATUSES`.

    `seconds` is what it used of its time (`Limits.notebook_s`). It differs from run to run: leave
    it out of whatever must be equal when a hand-in is graded again.
    """

    student: str
    sha256: str
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
