"""Solutions whose programs did not change keep their outputs when their sources are edited."""

import ast
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tinylab.course.notebooks.source import SourceNotebook

__all__ = ["with_kept_outputs"]


def with_kept_outputs(source: SourceNotebook, executed: Path) -> NotebookNode | None:
    """The solution with the text of its source and the outputs of its last run.

    Parameters
    ----------
    source : SourceNotebook
    executed : Path
        The solution as it was last run.

    Returns
    -------
    NotebookNode or None
        None where there is no such run, or where a code cell now does something else than it did
        then: more than paragraphs, comments, docstrings and line breaks differ.
    """
    if not executed.is_file():
        return None
    edited, before = source.solution(), nbformat.read(executed, as_version=4)
    cells, runs = _code_cells(edited.cells), _code_cells(before.cells)
    if [program(cell.source) for cell in cells] != [program(cell.source) for cell in runs]:
        return None
    for cell, run in zip(cells, runs, strict=True):
        cell.outputs, cell.execution_count = run.outputs, run.execution_count
    edited.metadata = before.metadata
    return edited


def program(code: str) -> str:
    """What a cell does, without comments, docstrings and line breaks; as it is if no Python."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a magic of IPython
        return code
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and ast.get_docstring(node) is not None
        ):
            del node.body[0]
    return ast.dump(tree)


def _code_cells(cells: Iterable[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]
