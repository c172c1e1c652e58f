"""What a hostile hand-in is, and the outcome that is required of it.

A `Case` is a right notebook with other answers in it; `handed_in.HandedIn` is any files at all.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from tests.sources import source_of
from tinylab.course.checking import score
from tinylab.course.exercises import find

START = "00_start_here"
COMPRESS = "01_keyword_spotting/2_compress"


@dataclass(frozen=True)
class Hostile:
    """What all cases have.

    Attributes
    ----------
    id : str
        "C04", a letter behind it for a variant.
    title : str
        What the hand-in does.
    flags : tuple of str
        Flags the last hand-in must have, among others.
    rows : int
        How many hand-ins the student hands in.
    named : str
        The student's folder; "c-" and the id without.
    also : callable (run) -> None, optional
        What else must hold of a run of the command.
    limits : dict
        Limits that differ from those of all cases.
    deadline : str
        Of the notebook, in TOML; none without.
    packed : bool
        Whether the class comes as one zip file, as an LMS packs it, with times.
    quick : bool
        Whether it runs by default.
    """

    id: str
    title: str
    _: KW_ONLY
    flags: tuple = ()
    rows: int = 1
    named: str = ""
    also: Callable | None = None
    limits: dict = field(default_factory=dict)
    deadline: str = ""
    packed: bool = False
    quick: bool = False

    @property
    def folder(self) -> str:
        """The name of the student's folder."""
        return self.named or f"c-{self.id}"


@dataclass(frozen=True)
class Case(Hostile):
    """A right notebook with other answers.

    Attributes
    ----------
    answers : dict
        Exercise id to source, in place of the right answer; "{right}" stands for that.
    extra : tuple of str
        Cells of the student's own, before the first exercise.
    lost : tuple of str
        Exercises that must earn nothing; those not named in `partly` must earn all.
    partly : tuple of str
        Exercises that must earn some points and not all.
    question : dict
        Exercise id to the statuses it may have.
    status : tuple of str
        The statuses the hand-in may have.
    free : bool
        Whether exercises that are not named may earn anything: the student broke them herself.
    without : tuple of str
        Words that must not stand in the result.
    notebook : str
        The notebook it is an answer to.
    """

    answers: dict = field(default_factory=dict)
    extra: tuple = ()
    lost: tuple = ()
    partly: tuple = ()
    question: dict = field(default_factory=dict)
    status: tuple = ("graded",)
    free: bool = False
    without: tuple = ()
    notebook: str = START

    def write(self, folder: Path, solved: dict) -> None:
        """Write the student's files."""
        (folder / "work.ipynb").write_text(json.dumps(submitted(self)), encoding="utf-8")


def checked_inputs(exercise_id: str, function, seed: int = 0) -> list:
    """(arguments, result) of every call that a check cell makes, which a student can find out."""
    seen = []

    def watched(*args):
        seen.append((args, function(*args)))
        return seen[-1][1]

    score(find(exercise_id), watched, seed)
    return seen


def submitted(case: Case) -> dict:
    """The notebook that the student hands in; its stored outputs claim full marks everywhere."""
    notebook = json.loads(json.dumps(source_of(case.notebook).solution()))
    for cell in notebook["cells"]:
        exercise = cell["metadata"].get("exercise")
        if exercise in case.answers:
            cell["source"] = case.answers[exercise].replace("{right}", cell["source"])
        elif cell["source"].startswith("# NBVAL_CHECK_OUTPUT"):
            claim = {"output_type": "stream", "name": "stdout", "text": "all: 12 of 12 points\n"}
            cell.update(outputs=[claim], execution_count=1)
    place = next(i for i, c in enumerate(notebook["cells"]) if "exercise" in c["metadata"])
    for number, text in enumerate(case.extra):
        cell = copy.deepcopy(notebook["cells"][place])
        cell.update(id=f"own-{number}", metadata={}, source=text)
        notebook["cells"].insert(place + number, cell)
    return notebook
