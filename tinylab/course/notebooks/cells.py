"""What the cells of a source notebook, or of a student notebook as built, say to grading."""

import re
from collections.abc import Iterable

from nbformat import NotebookNode

from tinylab.course.notebooks.set_up import CELL_ID

__all__ = ["checks", "exercise_cells", "imports"]


def checks(cells: Iterable[NotebookNode]) -> list[tuple[str, str]]:
    """(exercise id, name of the function) of every check cell."""
    pairs = []
    for cell in cells:
        if cell.cell_type == "code":
            pairs += re.findall(r"^check\(\s*[\"'](\w+)[\"'],\s*(\w+)\s*\)", cell.source, re.M)
    return pairs


def exercise_cells(cells: Iterable[NotebookNode]) -> dict[str, str]:
    """The code of every exercise cell by exercise id."""
    return {c.metadata["exercise"]: c.source for c in cells if "exercise" in c.metadata}


def imports(cells: Iterable[NotebookNode]) -> str:
    """The code of the imports cell, the first one but for setting up."""
    return next(c.source for c in cells if c.cell_type == "code" and c.get("id") != CELL_ID)
