"""What a hostile submission is: edits to a right one, and the outcome that is required of it."""

import copy
import json
from dataclasses import dataclass, field

from tinylab.course.build import find_sources
from tinylab.course.grading.assignment import load_assignments
from tinylab.course.grading.result import Assignment
from tinylab.course.source import cut_markers

START = "00_start_here"
COMPRESS = "01_keyword_spotting/2_compress"


@dataclass(frozen=True)
class Case:
    """A submission and what must become of it.

    Attributes
    ----------
    id : str
        "C04".
    title : str
        What the submission does.
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
        The statuses the submission may have.
    flags : tuple of str
        Flags it must have, among others.
    without : tuple of str
        Words that must not stand in the result.
    notebook : str
        The notebook it is an answer to.
    limits : dict
        Limits that differ from those of all cases.
    quick : bool
        Whether it runs by default.
    """

    id: str
    title: str
    answers: dict = field(default_factory=dict)
    extra: tuple = ()
    lost: tuple = ()
    partly: tuple = ()
    question: dict = field(default_factory=dict)
    status: tuple = ("graded",)
    flags: tuple = ()
    without: tuple = ()
    notebook: str = START
    limits: dict = field(default_factory=dict)
    quick: bool = False


def assignment_of(case: Case) -> Assignment:
    return load_assignments()[case.notebook]


def right_answers(notebook: str) -> dict[str, str]:
    """The solution of every exercise of a notebook."""
    (source,) = find_sources([notebook])
    return {name: cut_markers(code) for name, code in source.exercise_cells().items()}


def submitted(case: Case) -> dict:
    """The notebook that the student hands in."""
    (source,) = find_sources([case.notebook])
    notebook = json.loads(json.dumps(source.solution()))
    for cell in notebook["cells"]:
        exercise = cell["metadata"].get("exercise")
        if exercise in case.answers:
            cell["source"] = case.answers[exercise].replace("{right}", cell["source"])
    place = next(i for i, c in enumerate(notebook["cells"]) if "exercise" in c["metadata"])
    for number, text in enumerate(case.extra):
        cell = copy.deepcopy(notebook["cells"][place])
        cell.update(id=f"own-{number}", metadata={}, source=text)
        notebook["cells"].insert(place + number, cell)
    return notebook
