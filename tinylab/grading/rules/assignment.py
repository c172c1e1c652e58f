"""What was asked: every notebook of the course as an `Assignment`, and which one a student answers.

In: the source notebooks or, in a released bundle, `released.json`. Out: `Assignment`s, without any
solution.
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path

from tinylab.grading.rules.result import Assignment

__all__ = [
    "RELEASED",
    "choose",
    "defines",
    "from_json",
    "identify",
    "load_assignments",
    "released_text",
]

RELEASED = Path(__file__).with_name("released.json")
DEFINITION = re.compile(r"^(?:(?:async\s+)?def\s+(\w+)\s*\(|(\w+)\s*=(?!=))", re.M)


def load_assignments(folder: Path | None = None) -> dict[str, Assignment]:
    """Every assignment by name, from the sources where there are any, else as released.

    Parameters
    ----------
    folder : Path, optional
        A folder with `source/**.py` in it; the project's notebooks without.
    """
    from tinylab.course.notebooks.build import source_names

    names = source_names(folder)
    if not names and folder is None and RELEASED.is_file():
        return {
            plain["name"]: from_json(plain)
            for plain in json.loads(RELEASED.read_text(encoding="utf-8"))
        }
    return {name: _from_checkout(name, folder) for name in names}


def released_text(assignments: Mapping[str, Assignment]) -> str:
    """The content of `released.json`: what students' own checks compare with."""
    plain = [
        {name: getattr(assignment, name) for name in Assignment.__dataclass_fields__}
        for assignment in assignments.values()
    ]
    return json.dumps(plain, sort_keys=True, indent=1) + "\n"


def from_json(plain: dict) -> Assignment:
    """The assignment that `dataclasses.asdict` and JSON made plain."""
    return Assignment(
        name=plain["name"],
        imports=plain["imports"],
        exercise_ids=tuple(plain["exercise_ids"]),
        functions=dict(plain["functions"]),
        notebook=plain["notebook"],
        forbidden={key: tuple(names) for key, names in plain["forbidden"].items()},
    )


def choose(assignments: Mapping[str, Assignment], names) -> frozenset[str]:
    """The assignments that are to be graded: those whose name contains one of `names`, or all.

    Raises
    ------
    ValueError
        For a name that fits none.
    """
    chosen = set()
    for name in names:
        fitting = (
            {name}
            if name in assignments
            else {assignment for assignment in assignments if name in assignment}
        )
        if not fitting:
            raise ValueError(f"no notebook is called {name!r}; there are {', '.join(assignments)}.")
        chosen |= fitting
    return frozenset(chosen or assignments)


def identify(notebook: dict, assignments: Mapping[str, Assignment]) -> str | None:
    """The name of the assignment that a notebook answers most of, or None if it answers none.

    A cell that carries an exercise's id counts three times as much as one that merely defines a
    function of its name.
    """
    marks, text = set(), []
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("exercise")
        marks |= {cell["id"], f"exercise-{mark}"[:60]} if isinstance(mark, str) else {cell["id"]}
        text.append(cell["source"])
    joined = "\n".join(text)
    scores = {name: _score(assignment, marks, joined) for name, assignment in assignments.items()}
    best = max(scores, key=scores.get, default=None)
    return best if best is not None and scores[best] > 0 else None


def defines(source: str, function: str) -> bool:
    """True where a cell defines a function of that name, whether or not it is valid Python."""
    return function in _defined(source)


@functools.lru_cache(maxsize=512)
def _defined(source: str) -> frozenset[str]:
    """Every name that a cell defines at the beginning of a line."""
    return frozenset(name for pair in DEFINITION.findall(source) for name in pair if name)


def _score(assignment: Assignment, marks: set, text: str) -> int:
    """How much of an assignment stands in a notebook."""
    marked = sum(f"exercise-{exercise}"[:60] in marks for exercise in assignment.exercise_ids)
    defined = sum(defines(text, function) for function in assignment.functions.values())
    return 3 * marked + defined


def _from_checkout(name: str, folder: Path | None) -> Assignment:
    """The assignment that a source makes; its student notebook is read where it is as built."""
    from tinylab.course.exercises import find
    from tinylab.course.notebooks.build import find_sources, notebooks_dir
    from tinylab.course.notebooks.built import read_built
    from tinylab.course.notebooks.cells import checks, exercise_cells, imports

    root = folder or notebooks_dir()
    student = read_built(root / f"{name}.ipynb", root / "source" / f"{name}.py")
    if student is None:
        (source,) = find_sources([name], folder)
        student = source.student()
    functions = dict(checks(student.cells))
    forbidden = {exercise: tuple(find(exercise).forbidden) for exercise in functions}
    return Assignment(
        name=name,
        imports=imports(student.cells),
        exercise_ids=tuple(exercise_cells(student.cells)),
        functions=functions,
        notebook=json.loads(json.dumps(student)),
        forbidden={exercise: names for exercise, names in forbidden.items() if names},
    )
