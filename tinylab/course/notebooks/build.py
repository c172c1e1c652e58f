"""The notebook build: student notebooks and executed solutions are written from the sources.

`tinylab build` writes notebooks/**.ipynb, and the text of those notebooks/solutions/**.ipynb whose
outputs still hold; with ``--execute`` it runs each solution in a kernel and a work folder of its
own; with ``--check`` it writes nothing and names every notebook that no longer equals its source.
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tinylab import paths
from tinylab.course.exercises import all_exercises
from tinylab.course.notebooks.outputs import tidy, with_kept_outputs
from tinylab.course.notebooks.source import SourceError, SourceNotebook, read_source
from tinylab.files import replacing

__all__ = [
    "SIZE_LIMIT",
    "BuildError",
    "differences",
    "execute",
    "find_sources",
    "run",
    "source_names",
    "write_solutions",
    "write_students",
]

SIZE_LIMIT = 300_000  # bytes: a notebook must open quickly and be readable on the web
CELL_TIMEOUT_S = 300
REFERENCE_RUN = {
    "TINYLAB_STILLS": "1",  # explorers as pictures, for readers without a kernel
    "TQDM_DISABLE": "1",  # progress bars tell times, which differ from run to run
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "PYTHONHASHSEED": "0",
}


class BuildError(RuntimeError):
    """Why a notebook could not be built, one sentence a line."""


def notebooks_dir() -> Path:
    """The folder of notebooks (student ones; `source` and `solutions` lie in it)."""
    return paths.PROJECT / "notebooks"


def source_names(folder: Path | None = None) -> list[str]:
    """The names of all source notebooks: "01_keyword_spotting/2_compress", ..."""
    root = (folder or notebooks_dir()) / "source"
    return sorted(p.relative_to(root).with_suffix("").as_posix() for p in root.rglob("*.py"))


def find_sources(names: Iterable[str] = (), folder: Path | None = None) -> list[SourceNotebook]:
    """Read the source notebooks, all or those whose path contains one of `names`.

    Raises
    ------
    BuildError
        For a name that fits no notebook.
    SourceError
        With a sentence for every rule that a source breaks.
    """
    root = (folder or notebooks_dir()) / "source"
    every, names = source_names(folder), list(names)
    chosen = {full for name in names for full in _fitting(name, every)} if names else set(every)
    sources = [read_source(root / f"{name}.py", name) for name in sorted(chosen)]
    _require_registered(sources)
    return sources


def _fitting(name: str, every: list[str]) -> list[str]:
    """The notebook of that name, else all whose name contains it; a BuildError for none."""
    fitting = [name] if name in every else [other for other in every if name in other]
    if not fitting:
        raise BuildError(f"no source notebook is called {name!r}; there are {', '.join(every)}.")
    return fitting


def write_students(sources: Iterable[SourceNotebook], folder: Path | None = None) -> list[Path]:
    """Write the student notebooks and return their paths."""
    written = []
    for source in sources:
        path = (folder or notebooks_dir()) / f"{source.name}.ipynb"
        _write(source.student(), path)
        written.append(path)
    return written


def write_solutions(sources: Iterable[SourceNotebook], folder: Path | None = None) -> list[Path]:
    """Write the new text of solutions whose outputs still hold, and return their paths.

    A solution that does something else than in its last run is left alone: it must be executed.
    """
    written = []
    for source in sources:
        path = (folder or notebooks_dir()) / "solutions" / f"{source.name}.ipynb"
        solution = with_kept_outputs(source, path)
        if solution is not None and _text(solution) != path.read_text("utf-8"):
            _write(solution, path)
            written.append(path)
    return written


def differences(sources: Iterable[SourceNotebook], folder: Path | None = None) -> list[str]:
    """A sentence for every student or solution notebook that does not equal its source."""
    root, sources = folder or notebooks_dir(), list(sources)
    sentences = []
    for source in sources:
        student = root / f"{source.name}.ipynb"
        if not student.is_file() or student.read_text("utf-8") != _text(source.student()):
            sentences.append(
                f"{source.name} differs from its source: run tinylab build {source.name}."
            )
        solution = root / "solutions" / f"{source.name}.ipynb"
        if not solution.is_file() or _cells(solution) != _code(source.solution()):
            sentences.append(
                f"solutions/{source.name} differs from its source: "
                f"run tinylab build --execute {source.name}."
            )
    return sentences


def execute(source: SourceNotebook, folder: Path | None = None) -> Path:
    """Run the solution notebook from the top and write it with its outputs.

    Raises
    ------
    BuildError
        When a cell fails, with the cell's id and the error; nothing is written then.
    """
    notebook = source.solution()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        run(notebook, f"solutions/{source.name}", Path(work))
    path = (folder or notebooks_dir()) / "solutions" / f"{source.name}.ipynb"
    _write(tidy(notebook), path)
    return path


def run(notebook: NotebookNode, name: str, work: Path, **environment: str) -> None:
    """Run all cells of a notebook in a new kernel, its outputs into the notebook itself.

    Parameters
    ----------
    notebook : NotebookNode
        What to run, in place.
    name : str
        What to call it in an error.
    work : Path
        The folder of the learner's work for this run, and the kernel's current folder.
    **environment : str
        Environment variables of the kernel beside those of a reference run.

    Raises
    ------
    BuildError
        When a cell fails or takes longer than five minutes, or the kernel dies.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        coalesce_streams=True,
        shutdown_kernel="immediate",  # its own goodbye takes seconds and saves nothing
        resources={"metadata": {"path": str(work)}},
    )
    reference = {**os.environ, **REFERENCE_RUN, "TINYLAB_WORK": str(work), **environment}
    try:
        client.execute(env=reference)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise BuildError(f"{name}: {_failure(notebook, error)}") from error


def _require_registered(sources: Iterable[SourceNotebook]) -> None:
    """Raise a SourceError for exercises that have no points, or that two notebooks use."""
    known, seen, problems = all_exercises(), {}, []
    for source in sources:
        for exercise_id in source.answers:
            if exercise_id not in known:
                problems.append(
                    f"{source.name}: exercise {exercise_id!r} has no points in "
                    "tinylab/course/exercises."
                )
            if exercise_id in seen:
                problems.append(f"{source.name}: {exercise_id!r} is also in {seen[exercise_id]}.")
            seen[exercise_id] = source.name
    if problems:
        raise SourceError("\n".join(problems))


def _failure(notebook: NotebookNode, error: Exception) -> str:
    """Where and why a run stopped, in one line."""
    failed = [
        (cell.id, output)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    if not failed:
        return " ".join(str(error).split())[-300:]
    cell_id, output = failed[-1]
    return f"cell {cell_id} raised {output.ename}: {output.evalue}"


def _write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, valid and within the size limit, or raise a BuildError."""
    nbformat.validate(notebook)
    text = _text(notebook)
    size = len(text.encode("utf-8"))
    if size > SIZE_LIMIT:
        raise BuildError(f"{path.name} would have {size:,} bytes; at most {SIZE_LIMIT:,} may be.")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.chmod(0o644)


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def _cells(path: Path) -> list[tuple[str, str, str]]:
    return _code(nbformat.read(path, as_version=4))


def _code(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    """What of a notebook comes from its source: ids, types and sources of the cells."""
    return [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]
