"""Student notebooks that still are what their source made: read without reading the source.

`tinylab build` leaves two digests in a student notebook, one of its source and one of its cells.
While both hold, the notebook says all that grading asks of a source, a hundred times faster.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

__all__ = ["build_marks", "digest", "read_built"]

MARKS = "tinylab"


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def build_marks(source_digest: str, cells: Sequence[NotebookNode]) -> dict[str, dict[str, str]]:
    """The metadata by which a student notebook is known to be as it was built."""
    cells_digest = digest(json.dumps(cells, sort_keys=True))
    return {MARKS: {"source": source_digest, "cells": cells_digest}}


def read_built(student: Path, source: Path) -> NotebookNode | None:
    """The student notebook, or None where it is not what this source made.

    That is: the source was edited and not built, somebody works in the student notebook itself, or
    there is none.
    """
    try:
        notebook = nbformat.v4.reads(student.read_text(encoding="utf-8"))
        marks = build_marks(digest(source.read_text(encoding="utf-8")), notebook.cells)
        return notebook if notebook.metadata[MARKS] == marks[MARKS] else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None
