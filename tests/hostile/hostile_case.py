"""What a hostile submission is: edits to a right one, and the outcome that is required of it."""

import copy
import json
from dataclasses import dataclass, field
from functools import cache

from tinylab.course.build import find_sources
from tinylab.course.checking import score
from tinylab.course.exercises import find
from tinylab.course.grading.result import Assignment
from tinylab.course.source import SourceNotebook, cut_markers

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
    free : bool
        Whether exercises that are not named may earn anything: the student broke them herself.
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
    free: bool = False
    without: tuple = ()
    notebook: str = START
    limits: dict = field(default_factory=dict)
    quick: bool = False


@cache
def source_of(notebook: str) -> SourceNotebook:
    (source,) = find_sources([notebook])
    return source


def assignment_of(case: Case) -> Assignment:
    source = source_of(case.notebook)
    return Assignment(
        name=source.name,
        imports=source.imports(),
        exercise_ids=tuple(source.exercise_cells()),
        functions=dict(source.answers),
        notebook=json.loads(json.dumps(source.student())),
        forbidden={name: find(name).forbidden for name in source.answers},
    )


def checked_inputs(exercise_id: str, function, seed: int = 0) -> list:
    """(arguments, result) of every call that a check cell makes, which a student can find out."""
    seen = []

    def watched(*args):
        seen.append((args, function(*args)))
        return seen[-1][1]

    score(find(exercise_id), watched, seed)
    return seen


def right_answers(notebook: str) -> dict[str, str]:
    """The solution of every exercise of a notebook."""
    cells = source_of(notebook).exercise_cells()
    return {name: cut_markers(code) for name, code in cells.items()}


def submitted(case: Case) -> dict:
    """The notebook that the student hands in; its stored outputs claim full marks everywhere."""
    notebook = json.loads(json.dumps(source_of(case.notebook).solution()))
    for cell in notebook["cells"]:
        exercise = cell["metadata"].get("exercise")
        if exercise in case.answers:
            cell["source"] = case.answers[exercise].replace("{right}", cell["source"])
        elif cell["source"].startswith("# NBVAL_CHECK_OUTPUT"):
            claim = {"output_type": "stream", "name": "stdout", "text": "all: 9 of 9 points\n"}
            cell.update(outputs=[claim], execution_count=1)
    place = next(i for i, c in enumerate(notebook["cells"]) if "exercise" in c["metadata"])
    for number, text in enumerate(case.extra):
        cell = copy.deepcopy(notebook["cells"][place])
        cell.update(id=f"own-{number}", metadata={}, source=text)
        notebook["cells"].insert(place + number, cell)
    return notebook
