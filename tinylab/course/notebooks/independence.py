"""The rest of a notebook needs no answer: *Run All* reaches the end with every exercise unanswered.

In: the cells of a source notebook. Out: a sentence for each cell that reads a function which the
learner writes. Where there is none, the cells that are no exercise, no check and no claim do the
same in the student's notebook as in the solution.
"""

import ast
import re

from nbformat import NotebookNode

from tinylab.course.notebooks.claims import is_claims, statements_of

__all__ = ["independence_problems"]


def independence_problems(cells: list[NotebookNode], answers: dict[str, str]) -> list[str]:
    """Sentences on cells that would stop where an exercise is unanswered.

    Parameters
    ----------
    cells : list of NotebookNode
        All cells of the source.
    answers : dict of str to str
        The name of the checked function by exercise id. A check may read it, and so may other
        exercises and claims.
    """
    written = {
        node.name: cell.metadata["exercise"]
        for cell in cells
        if "exercise" in cell.metadata
        for node in statements_of(cell)
        if isinstance(node, ast.FunctionDef)
    }
    others = [cell for cell in cells if not ("exercise" in cell.metadata or is_claims(cell))]
    return [
        f"a cell reads {name}, which the learner writes in exercise {written[name]!r}: "
        "read the library's function there, under another name."
        for cell in others
        for name in sorted(_read(cell, answers) & set(written))
    ]


def _read(cell: NotebookNode, answers: dict[str, str]) -> set[str]:
    """The names that a cell reads, imports or deletes, but for the answer that it checks."""
    nodes = [node for statement in statements_of(cell) for node in ast.walk(statement)]
    if not nodes:  # text, or what only IPython can read
        return set(re.findall(r"\w+", cell.source)) if cell.cell_type == "code" else set()
    checked = [node.args[1] for node in nodes if _is_check(node, answers)]
    names = {n.id for n in nodes if isinstance(n, ast.Name) and n not in checked}
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    return names | {alias.asname or alias.name for node in imports for alias in node.names}


def _is_check(node: ast.AST, answers: dict[str, str]) -> bool:
    """Whether this is `check("exercise", function)`."""
    if not (isinstance(node, ast.Call) and getattr(node.func, "id", None) == "check"):
        return False
    words = [ast.unparse(argument) for argument in node.args]
    return words in [[repr(exercise_id), function] for exercise_id, function in answers.items()]
