"""The rules of a course, read from one `course.toml`: deadlines, late work, attempts, limits.

In: a TOML file like `course.example.toml` beside this module, whose values hold where a file is
silent. Out: a `CourseConfig`, every value checked.
"""

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from tinylab.grading.rules.limits import Limits

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "EXAMPLE",
    "CourseConfig",
    "IntakeLimits",
    "LateRules",
    "Lateness",
    "RubricRules",
    "hidden_points_name",
    "read_config",
]

EXAMPLE = Path(__file__).with_name("course.example.toml")
COUNTS = ("last", "best")


@dataclass(frozen=True)
class LateRules:
    """What late work loses: a share of its points for each day begun, and all after some days."""

    grace_minutes: float
    loss_per_day: float
    accepted_days: float

    def __post_init__(self):
        if not 0 <= self.loss_per_day <= 1:
            raise ValueError(f"late.loss_per_day must be from 0 to 1, not {self.loss_per_day}")
        for name in ("grace_minutes", "accepted_days"):
            if getattr(self, name) < 0:
                raise ValueError(f"late.{name} must not be negative")

    def kept(self, late: timedelta) -> float:
        """The share of its points, 0 to 1, that work keeps when it comes `late`."""
        late = late - timedelta(minutes=self.grace_minutes)
        if late <= timedelta(0):
            return 1.0
        if late > timedelta(days=self.accepted_days):
            return 0.0
        days_begun = -(-late // timedelta(days=1))
        return max(0.0, 1.0 - self.loss_per_day * days_begun)


@dataclass(frozen=True)
class Lateness:
    """The share of its points that work keeps, and what had to be assumed for it."""

    kept: float
    note: str = ""


@dataclass(frozen=True)
class RubricRules:
    """How a teacher grades what students write in words.

    Attributes
    ----------
    notebooks : tuple of str
        Those in which words earn points.
    questions : tuple of str
        What she asks of each text.
    points : int
        The most that each question earns.
    """

    notebooks: tuple[str, ...]
    questions: tuple[str, ...]
    points: int

    def __post_init__(self):
        texts = (*self.notebooks, *self.questions)
        if not all(isinstance(text, str) and text.strip() for text in texts) or not self.questions:
            raise ValueError("rubric.notebooks and rubric.questions must be lists of texts")
        if not isinstance(self.points, int) or self.points < 1:
            raise ValueError(f"rubric.points must be a whole number from 1 up, not {self.points!r}")

    @property
    def maximum(self) -> int:
        """The most points of one text."""
        return self.points * len(self.questions)


@dataclass(frozen=True)
class IntakeLimits:
    """How large what a student hands in may be: bytes, characters, entries of a zip file."""

    file_bytes: int
    cells: int
    cell_characters: int
    zip_bytes: int
    zip_entries: int
    zip_ratio: float

    def __post_init__(self):
        for item in dataclasses.fields(self):
            if not getattr(self, item.name) > 0:
                raise ValueError(f"intake.{item.name} must be above 0")


@dataclass(frozen=True)
class CourseConfig:
    """The rules of a course.

    Attributes
    ----------
    time_zone : str
        The zone of deadlines and of times in reports.
    counts : str
        Which attempt counts, "last" or "best".
    maximum_attempts : int
        Attempts that count; 0 for all.
    late : LateRules
    deadlines : mapping of str to datetime or None
        By assignment, in UTC. Empty: every notebook is graded, without a deadline.
    intake : IntakeLimits
    limits : Limits
        Budgets of the sandbox, the least isolation included.
    rubric : RubricRules
    similarity_threshold : float
        Share from which two students' answers are reported as similar.
    weights : mapping of str to float
        What a point is worth, by exercise ("affine_quantize") or by point ("affine_quantize:
        rounds to the nearest step"); 1 for all others.
    hidden_points : str
        The text of the teacher's file of points of her own, or empty.
    """

    time_zone: str
    counts: str
    maximum_attempts: int
    late: LateRules
    intake: IntakeLimits
    limits: Limits
    rubric: RubricRules
    similarity_threshold: float
    deadlines: Mapping[str, datetime | None] = field(default_factory=lambda: MappingProxyType({}))
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    hidden_points: str = ""

    def __post_init__(self):
        if self.counts not in COUNTS:
            raise ValueError(f"attempts.counts must be one of {', '.join(COUNTS)}")
        if not 0 < self.similarity_threshold <= 1:
            raise ValueError("similarity.threshold must be above 0 and at most 1")

    def lateness(
        self,
        assignment: str,
        received_at: str | None,
        marked_late: bool = False,
        extension: str | None = None,
    ) -> Lateness:
        """What work of that time keeps.

        Parameters
        ----------
        assignment : str
        received_at, extension : str or None
            ISO 8601. An extension takes the place of the deadline where it is later.
        marked_late : bool
            Whether the learning platform marks it as late; where nobody knows when it came, it
            loses what the first day costs.
        """
        deadline = self.deadlines.get(assignment)
        if deadline is None:
            return Lateness(1.0)
        if extension is not None:
            deadline = max(deadline, datetime.fromisoformat(extension))
        if received_at is not None:
            return Lateness(self.late.kept(datetime.fromisoformat(received_at) - deadline))
        if not marked_late:
            return Lateness(1.0, "nobody knows when it came, so no late rule was applied.")
        if extension is not None:
            note = "it is marked late, but there is an extension and nobody knows when it came."
            return Lateness(1.0, note)
        first_day = timedelta(minutes=self.late.grace_minutes, seconds=1)
        note = "it is marked late, nobody knows by how much: it loses what the first day costs."
        return Lateness(self.late.kept(first_day), note)

    def weight(self, exercise_id: str, point: str) -> float:
        """What a point is worth."""
        own = self.weights.get(exercise_id, 1.0)
        return self.weights.get(f"{exercise_id}: {point}", own)

    def moment(self, text: str) -> datetime:
        """A date and time in the course's zone, unless it says otherwise; a ValueError for none."""
        try:
            when = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            example = "2026-12-01T23:59"
            raise ValueError(f"{text!r} is no date and time; write one like {example}") from None
        return when if when.tzinfo else when.replace(tzinfo=ZoneInfo(self.time_zone))

    def local(self, received_at: str | None) -> str:
        """A stored time in the course's own zone, for people."""
        if received_at is None:
            return ""
        when = datetime.fromisoformat(received_at).astimezone(ZoneInfo(self.time_zone))
        return when.strftime("%Y-%m-%d %H:%M %Z")


def read_config(path: str | Path | None = None) -> CourseConfig:
    """Read a course's rules, or the example's without a path.

    Raises
    ------
    ValueError
        A file that is no TOML, an unknown name, or a value out of range, in one sentence.
    OSError
        A file that cannot be read.
    """
    values = _merged(_load(EXAMPLE), _load(Path(path))) if path else _load(EXAMPLE)
    try:
        zone = ZoneInfo(str(values["time_zone"]))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"time_zone {values['time_zone']!r} is not known") from error
    try:
        return CourseConfig(
            time_zone=zone.key,
            counts=values["attempts"]["counts"],
            maximum_attempts=int(values["attempts"]["maximum"]),
            late=LateRules(**values["late"]),
            intake=IntakeLimits(**values["intake"]),
            limits=Limits(**values["limits"], isolation=values["isolation"]["minimum"]),
            rubric=_rubric(values["rubric"]),
            similarity_threshold=values["similarity"]["threshold"],
            deadlines=_deadlines(values.get("assignments", {}), zone),
            weights=_weights(values.get("points", {})),
            hidden_points=_hidden_points(path, values.get("hidden_points")),
        )
    except TypeError as error:
        raise ValueError(f"{path or EXAMPLE}: {error}") from error


def _load(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a TOML file: {error}") from error


def _merged(defaults: dict, given: dict) -> dict:
    """The defaults with what a file gives instead; unknown names are errors, not ignored."""
    free = {"assignments", "limits", "points", "hidden_points"}  # with names of the course's own
    merged = dict(defaults)
    for name, value in given.items():
        known = defaults.get(name)
        if known is None and name not in free:
            raise ValueError(f"course rules: there is no {name!r}; there are {', '.join(defaults)}")
        if isinstance(known, dict) and not isinstance(value, dict):
            raise ValueError(f"course rules: {name} must be a table, [{name}]")
        unknown = set(value) - set(known) if isinstance(known, dict) and name not in free else ()
        if unknown:
            raise ValueError(f"course rules: [{name}] has no {sorted(unknown)[0]!r}")
        merged[name] = {**known, **value} if isinstance(known, dict) else value
    return merged


def _rubric(values: dict) -> RubricRules:
    lists = {
        name: tuple(value) if isinstance(value, list) else (None,)
        for name, value in values.items()
        if name != "points"
    }
    return RubricRules(**lists, points=values["points"])


def _weights(points) -> Mapping[str, float]:
    """Weights by exercise or point, each of them known and not negative."""
    from tinylab.course.exercises import find

    if not isinstance(points, dict):
        raise ValueError("course rules: points must be a table, [points]")
    for name, value in points.items():
        exercise, _, point = name.partition(": ")
        known = [known_point.name for known_point in find(exercise).points]
        if point and point not in known:
            raise ValueError(f"[points]: {exercise} has no point {point!r}; it has {known}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ValueError(f"[points]: the weight of {name} must be a number from 0 up")
    return MappingProxyType({name: float(value) for name, value in points.items()})


def hidden_points_name(path: str | Path | None) -> str | None:
    """The name under which rules know the teacher's file of points of her own, if they do."""
    return _load(Path(path)).get("hidden_points") if path else None


def _hidden_points(path: str | Path | None, name) -> str:
    """The text of the teacher's own points: a file beside her rules."""
    if name is None or path is None:
        return ""
    try:
        return (Path(path).parent / str(name)).read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"course rules: hidden_points {name!r}: {error.strerror}") from error


def _deadlines(assignments: dict, zone: ZoneInfo) -> Mapping[str, datetime | None]:
    """Deadlines in UTC by assignment; a time without an offset is in the course's zone."""
    deadlines = {}
    for name, rules in assignments.items():
        deadline = rules.get("deadline") if isinstance(rules, dict) else rules
        if deadline is not None and not isinstance(deadline, datetime):
            raise ValueError(f"the deadline of {name} must be a date and time, 2026-12-01T23:59:00")
        if deadline is not None:
            local = deadline if deadline.tzinfo else deadline.replace(tzinfo=zone)
            deadline = local.astimezone(timezone.utc)
        deadlines[name] = deadline
    return MappingProxyType(deadlines)
