"""Solution notebooks that were run for the site, with every setting of their explorers.

A run takes a minute or more, so it is kept, with a digest of all that it came from: the notebook's
code, the package, the data sets, the pinned packages and Python. A run of anything else is not
used.
"""

import hashlib
import platform
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tinylab import paths
from tinylab.course.notebooks.build import BuildError, differences, run
from tinylab.course.notebooks.outputs import tidy
from tinylab.course.notebooks.source import SourceNotebook
from tinylab.files import replacing

__all__ = ["RUNS", "executed_solution", "stored_solution"]

RUNS = paths.PROJECT / ".site_runs"
# Rooms that no notebook runs: a change there leaves every run as it is.
NOT_RUN = ("cli", "grading", "site")
DIGEST = "tinylab_run"


def executed_solution(
    source: SourceNotebook, folder: Path = RUNS, say: Callable[[str], None] = print
) -> NotebookNode:
    """The solution notebook with the outputs and the saved widgets of a run.

    Parameters
    ----------
    source : SourceNotebook
    folder : Path
        Where runs are kept.
    say : callable
        Is given a sentence when the notebook has to be run.

    Raises
    ------
    BuildError
        When a cell fails, or an explorer could not be saved.
    """
    path, digest = folder / f"{source.name}.ipynb", _digest(source)
    if path.is_file():
        kept = nbformat.read(path, as_version=4)
        if kept.metadata.get(DIGEST) == digest:
            return kept
    say(f"running {source.name}")
    notebook = source.solution()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        run(notebook, f"solutions/{source.name}", Path(work), TINYLAB_STATES="1")
    _refuse_errors(notebook, source.name)
    tidy(notebook, keep_sound=True).metadata[DIGEST] = digest
    with replacing(path) as temporary:
        nbformat.write(notebook, temporary)
    return notebook


def stored_solution(source: SourceNotebook, folder: Path | None = None) -> NotebookNode:
    """The solution as it lies in notebooks/solutions: with pictures, without saved widgets.

    Raises
    ------
    BuildError
        When it is not of this source.
    """
    root = folder or paths.PROJECT / "notebooks"
    wrong = [sentence for sentence in differences([source], folder) if "solutions/" in sentence]
    if wrong:
        raise BuildError("\n".join(wrong))
    return nbformat.read(root / "solutions" / f"{source.name}.ipynb", as_version=4)


def _refuse_errors(notebook: NotebookNode, name: str) -> None:
    """A widget that cannot be saved leaves an error in the outputs, but stops no cell."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise BuildError(f"{name}: cell {cell.id} shows {output.ename}: {output.evalue}")


def _digest(source: SourceNotebook) -> str:
    digest = hashlib.sha256(platform.python_version().encode())
    for cell in source.solution().cells:
        if cell.cell_type == "code":
            digest.update(cell.source.encode())
    for path in _run_files():
        digest.update(path.relative_to(paths.PROJECT).as_posix().encode())
        fetched = paths.public_datasets_dir() in path.parents  # gigabytes, checked when fetched
        digest.update(str(path.stat().st_size).encode() if fetched else path.read_bytes())
    return digest.hexdigest()


def _run_files() -> Iterator[Path]:
    """The files that a notebook's outputs come from."""
    package, data = paths.PROJECT / "tinylab", paths.PROJECT / "datasets"
    yield paths.PROJECT / "requirements.txt"
    for path in sorted([*package.rglob("*"), *data.rglob("*")]):
        if path.is_file() and path.suffix != ".pyc":
            if path.parent == package or path.relative_to(paths.PROJECT).parts[1] not in NOT_RUN:
                yield path
