"""The outputs of solutions: what is stored of a run, and what of it still holds after an edit."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tinylab.course.notebooks.source import SourceNotebook

__all__ = ["tidy", "with_kept_outputs"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


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


def tidy(notebook: NotebookNode, *, keep_sound: bool = False) -> NotebookNode:
    """The executed notebook without what differs from run to run or needs a kernel."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            outputs = [_tidy_output(output, keep_sound) for output in cell.outputs]
            cell.outputs = [output for output in outputs if output is not None]
    return notebook


def _tidy_output(output: NotebookNode, keep_sound: bool) -> NotebookNode | None:
    """One output without widget views and memory addresses; None if nothing is left."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    data = output.get("data")
    if data is None:
        return output
    if WIDGET_VIEW in data:
        del data[WIDGET_VIEW]
        if set(data) <= {"text/plain"}:
            return None
    if not keep_sound and "data:audio" in data.get("text/html", ""):
        data["text/html"] = "<i>A sound: run the cell to hear it.</i>"
    if isinstance(data.get("text/plain"), str):
        data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", data["text/plain"])
    return output


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
