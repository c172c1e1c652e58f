"""Verdicts of predictions: each is the last thing that its cell shows.

In: the cells of a source notebook. Out: a sentence for each verdict that nobody would see.
"""

import ast

from nbformat import NotebookNode

from tinylab.course.notebooks.claims import statements_of

__all__ = ["verdict_problems"]


def verdict_problems(cells: list[NotebookNode]) -> list[str]:
    """Sentences on cells that reveal an answer and go on: Jupyter shows a cell's last value only.

    What such a cell prints before is covered with the verdict until the question is answered.
    """
    problems = []
    for cell in cells:
        statements = statements_of(cell)
        lost = [call for statement in statements for call in _reveals(statement)]
        if statements and isinstance(statements[-1], ast.Expr) and statements[-1].value in lost:
            lost.remove(statements[-1].value)
        problems += [
            f"{ast.unparse(call.func)}(...) shows nothing: let its cell end with it, at the margin."
            for call in lost
        ]
    return problems


def _reveals(statement: ast.stmt) -> list[ast.Call]:
    """The calls of a method `reveal` in a statement."""
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "attr", "") == "reveal"]
