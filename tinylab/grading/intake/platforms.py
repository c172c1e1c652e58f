"""Whose a file is, by the names that a learning platform writes: one rule a platform.

In: the first names of a path below a class's download. Out: an `Owner`, or None where the name is
not of that platform. A name is the platform's up to where the student's own file name begins, so
every rule takes the first match and never looks further. Sources: Moodle
`mod/assign/locallib.php` (`download_submissions`), Canvas `lib/content_zipper.rb`, Blackboard's
"Download Assignment Files", Brightspace's "Download" of submissions, Gradescope's "Export
Submissions", ILIAS `class.ilExSubmission.php`, GitHub's `gh classroom clone student-repos`.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["PLATFORMS", "Owner", "Platform", "owner_by_name"]

MOODLE = re.compile(
    r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<rest>.*))?$",
    re.S,
)
# Canvas ends a file in "_NUMBER_its own name", typed text in "_text.html", a link in "_link.html".
CANVAS_REST = r"_(?:(?P<file>\d+)_(?P<rest>.+)|(?P<typed>text|link)\.html)$"
CANVAS = re.compile(rf"^(?P<name>.+?)_(?P<late>LATE_)?(?P<id>\d+){CANVAS_REST}", re.S)
CANVAS_NUMBER = re.compile(r"^(?P<number>\d+)_(?P<rest>.+)$", re.S)
CANVAS_FILE_DIGITS = 3  # of a file's number at least; notebooks' names begin with fewer
CANVAS_ANONYMOUS = re.compile(
    rf"^(?P<late>LATE_)?anon_(?P<late_after>LATE_)?(?P<id>[A-Za-z0-9]{{5}}){CANVAS_REST}", re.S
)
BLACKBOARD = re.compile(
    r"^(?P<head>.+?)_attempt_(?P<when>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?P<rest>_.+|\.txt)?$", re.S
)
# Its two numbers are those of the course and the folder. Two students of one name look the same.
BRIGHTSPACE = re.compile(
    r"^\d+-\d+ - (?P<name>.+?) - (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<year>\d{4}) "
    r"(?P<hour>\d{1,2})(?P<minute>\d\d) (?P<half>[AP])M(?: - .+)?$",
    re.S,
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GRADESCOPE = re.compile(r"^submission_(?P<id>\d+)$")
ILIAS = re.compile(r"^(?P<last>[^_]+)_(?P<first>.+)_(?P<login>[^_]+)_(?P<id>\d+)$", re.S)


@dataclass(frozen=True)
class Owner:
    """The student that a path belongs to, and what the platform says about her hand-in.

    Attributes
    ----------
    name : str
        As the platform writes it.
    number : str
        The platform's number, or empty.
    login : str
        User name or e-mail, or empty.
    received : datetime or None
        When the platform received it, where its names say so; without a zone it is in the course's.
    late : bool
        Whether the platform marks it as late.
    text_only : bool
        Whether the entry is text typed into the platform, which is never a notebook.
    others : tuple of Owner
        Who it may also be, where the platform's name can be read in several ways.
    """

    name: str
    number: str = ""
    login: str = ""
    received: datetime | None = None
    late: bool = False
    text_only: bool = False
    others: "tuple[Owner, ...]" = ()

    @property
    def student(self) -> str:
        """What she is called in records without a roster: "Ada Byron_4711"."""
        return f"{self.name}_{self.number}" if self.number else self.name


@dataclass(frozen=True)
class Platform:
    """A platform's rule: `owners(names)` gives the owner of each name that it wrote.

    The rule also gets the name of what holds them all. `adds` are files of its own beside them.
    """

    title: str
    owners: Callable[[Sequence[str], str], dict[str, Owner]]
    adds: frozenset[str] = frozenset()


def _by_pattern(read: Callable[[str], Owner | None]) -> Callable:
    def owners(names: Sequence[str], _above: str) -> dict[str, Owner]:
        owners_by_name = {name: read(name) for name in names}
        return {name: owner for name, owner in owners_by_name.items() if owner}

    return owners


def _moodle(name: str) -> Owner | None:
    match = MOODLE.match(name)
    if not match:
        return None
    return Owner(match["name"], match["id"], text_only=match["kind"] == "onlinetext")


def _canvas(name: str) -> Owner | None:
    match = CANVAS_ANONYMOUS.match(name)
    if match:
        late = bool(match["late"] or match["late_after"])
        return Owner("anon", match["id"], late=late, text_only=bool(match["typed"]))
    match = CANVAS.match(name)
    if not match:
        return None
    late, typed = bool(match["late"]), bool(match["typed"])
    others = _canvas_others(match) if match["file"] else ()
    return Owner(match["name"], match["id"], late=late, text_only=typed, others=others)


def _canvas_others(match: re.Match) -> tuple[Owner, ...]:
    """The other readings of "ann_2_1001_90001_work.ipynb": "ann" 2, or "ann_2" 1001.

    People choose what they are called in Canvas, and may end it like another's name and number.
    """
    head, number = f"{match['name']}_{match['late'] or ''}{match['id']}", match["file"]
    rest, others = match["rest"], []
    while following := CANVAS_NUMBER.match(rest):
        if len(following["number"]) >= CANVAS_FILE_DIGITS:
            others.append(Owner(head, number, late=bool(match["late"])))
        head, number, rest = f"{head}_{number}", following["number"], following["rest"]
    return tuple(others)


def _blackboard(names: Sequence[str], _above: str) -> dict[str, Owner]:
    """The user's name ends what all names share; the text file beside a hand-in is Blackboard's."""
    matches = {name: match for name in names if (match := BLACKBOARD.match(name))}
    heads = {match["head"] for match in matches.values()}
    shared = _shared_words(heads)
    owners = {}
    for name, match in matches.items():
        login = "_".join(match["head"].split("_")[shared:])
        when = datetime.strptime(match["when"], "%Y-%m-%d-%H-%M-%S")
        is_report = match["rest"] == ".txt"
        owners[name] = Owner(login, login=login, received=when, text_only=is_report)
    return owners


def _shared_words(heads: Collection[str]) -> int:
    """How many words, split at underscores, all names begin with; one word is left at least."""
    words = [head.split("_") for head in heads]
    most = min(len(parts) for parts in words) - 1 if words else 0
    if len(words) == 1:
        return most
    shared = 0
    while shared < most and len({parts[shared] for parts in words}) == 1:
        shared += 1
    return shared


def _brightspace(name: str) -> Owner | None:
    match = BRIGHTSPACE.match(name)
    if not match or match["month"] not in MONTHS:
        return None
    hour = int(match["hour"]) % 12 + (12 if match["half"] == "P" else 0)
    month, year, day = MONTHS.index(match["month"]) + 1, int(match["year"]), int(match["day"])
    try:
        received = datetime(year, month, day, hour, int(match["minute"]))
    except ValueError:  # the 31st of February
        return None
    return Owner(match["name"], received=received)


def _gradescope(name: str) -> Owner | None:
    match = GRADESCOPE.match(name)
    return Owner(name, login=match["id"]) if match else None


def _ilias(name: str) -> Owner | None:
    match = ILIAS.match(name)
    if not match:
        return None
    return Owner(f"{match['first']} {match['last']}", match["id"], login=match["login"])


def _github(names: Sequence[str], above: str) -> dict[str, Owner]:
    """The folders `ASSIGNMENT-USER` below a folder called `ASSIGNMENT-submissions`."""
    head = above.removesuffix("-submissions")
    if head == above:
        return {}
    return {
        name: Owner(name[len(head) + 1 :], login=name[len(head) + 1 :])
        for name in names
        if name.startswith(f"{head}-") and len(name) > len(head) + 1
    }


PLATFORMS = (
    Platform("Moodle", _by_pattern(_moodle)),
    Platform("Blackboard", _blackboard),
    Platform("Canvas", _by_pattern(_canvas)),
    Platform("Brightspace", _by_pattern(_brightspace), frozenset({"index.html"})),
    Platform("Gradescope", _by_pattern(_gradescope)),
    Platform("ILIAS", _by_pattern(_ilias)),
    Platform("GitHub Classroom", _github),
)


def owner_by_name(name: str) -> Owner:
    """The owner that one file's or folder's name gives, by Moodle's or Canvas' rule if it fits.

    Any other name is the student's own: "ada.ipynb" is "ada".
    """
    stem = re.sub(r"(\.(ipynb|zip|txt|py|html?|pdf|md|json))+$", "", name, flags=re.I) or name
    return _moodle(stem) or _canvas(stem) or Owner(stem)
