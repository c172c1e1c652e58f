"""Write the first files of an exercise, an explorer or a notebook, after checking its name.

Everything is checked before the first file is written; what was written is taken back on an error.
"""

import importlib
import keyword
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tinylab import paths
from tinylab.course.exercises import all_exercises
from tinylab.course.notebooks.build import execute, find_sources, source_names, write_students
from tinylab.course.skeletons.guide import FILL_IN, exercise_row, notebook_texts
from tinylab.files import replacing

__all__ = ["EXPLORER_FOLDERS", "Skeleton", "new_exercise", "new_explorer", "new_notebook"]

EXPLORER_FOLDERS = ("train", "compress", "adapt", "energy_latency", "codesign")
NOTEBOOK = re.compile(r"\d\d_([a-z][a-z0-9_]*)(?:/\d_([a-z][a-z0-9_]*))?")


@dataclass(frozen=True)
class Skeleton:
    """What was written, and what the author does next.

    Attributes
    ----------
    written : tuple of Path
        New or changed files.
    next_steps : tuple of str
        One sentence each.
    """

    written: tuple[Path, ...]
    next_steps: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([*map(str, self.written), *self.next_steps])


def new_exercise(name: str, notebook: str, *, project: Path = paths.PROJECT) -> Skeleton:
    """Write an exercise with two points and three wrong answers, and its cells into a notebook.

    The teacher's guide gets a row for it.

    Parameters
    ----------
    name : str
        The exercise's id and the name of the function that learners write.
    notebook : str
        A source notebook, such as "01_keyword_spotting/2_compress"; the cells go to its end.
    project : Path
        Root of the repository.

    Raises
    ------
    ValueError
        The name is no identifier or is taken, there is no such notebook, it imports nothing from
        `tinylab.course`, or the teacher's guide has no section on it.
    """
    _require_identifier(name)
    if name in all_exercises():
        raise ValueError(f"there is an exercise {name!r} already: choose another name")
    if notebook not in source_names(project / "notebooks"):
        raise ValueError(
            f"no source notebook is called {notebook!r}: pass its whole name, such as"
            " 01_keyword_spotting/2_compress"
        )
    source = project / "notebooks" / "source" / f"{notebook}.py"
    module = _exercise_module(notebook, name)
    exercises, wrong = project / "tinylab/course/exercises", project / "tests/course/wrong_answers"
    values = {"name": name, "notebook": notebook, "title": _title(name)}
    files = {
        exercises / module: _filled("exercise.py", values),
        wrong / module: _filled("wrong_answers.py", values),
    }
    _require_new(files)
    for folder in (exercises, wrong):
        files |= _package((folder / module).parent)
    files |= exercise_row(project, notebook, name)
    cells = source.read_text(encoding="utf-8").rstrip("\n") + "\n"
    files[source] = _with_check(cells, notebook) + _filled("exercise_cells.py", values)
    _write(files, lambda: _rebuild(project, notebook))
    return Skeleton(
        tuple(files),
        (
            f"The cells stand at the end of {source.name}: move them where they belong, and the row"
            " in docs/teaching, too.",
            f"Try it: pytest tests/course -k {name}",
            f"Write what the row in docs/teaching still lacks ({FILL_IN}).",
            f"Then run the solution: tinylab build --execute {notebook}",
        ),
    )


def new_explorer(name: str, folder: str, *, project: Path = paths.PROJECT) -> Skeleton:
    """Write an explorer with one control.

    Parameters
    ----------
    name : str
        Of the module; its function is `<name>_explorer`.
    folder : {"train", "compress", "adapt", "energy_latency", "codesign"}
        The class it belongs to.
    project : Path
        Root of the repository.

    Raises
    ------
    ValueError
        The name is no identifier or is taken, or the folder is unknown.
    """
    _require_identifier(name)
    if folder not in EXPLORER_FOLDERS:
        raise ValueError(
            f"there is no folder {folder!r}: pass one of {', '.join(EXPLORER_FOLDERS)}"
        )
    rooms = project / "tinylab" / "explore"
    taken = [path for path in rooms.rglob(f"{name}.py") if "widget" not in path.parts]
    if taken:
        raise ValueError(f"there is an explorer {name!r} already, in {taken[0].parent.name}")
    path = rooms / folder / f"{name}.py"
    kind = "".join(part.capitalize() for part in name.split("_"))
    values = {"name": name, "kind": kind, "title": _title(name)}
    files = {path: _filled("explorer.py", values)} | _package(path.parent)
    _write(files)
    module = f"tinylab.explore.{folder}.{name}"
    return Skeleton(
        tuple(files),
        (
            f"Show it in a notebook: from {module} import {name}_explorer",
            f"Try it: pytest tests/explore -k {name}",
            "Once it takes what was measured, give it an input in tests/explore/every_explorer.py.",
        ),
    )


def new_notebook(name: str, *, project: Path = paths.PROJECT) -> Skeleton:
    """Write a source notebook with the parts that every class has, and what belongs to each one.

    These are the student notebook and the solution, which is run; a section of the teacher's guide,
    rows in the README, and a budget that holds until the notebook is measured.

    Parameters
    ----------
    name : str
        Two digits and a theme, then a digit and a class: "04_codesign/5_budget".
    project : Path
        Root of the repository.

    Raises
    ------
    ValueError
        The name is not of that form, the name or its number is taken, or the project has no guide,
        README or budgets.
    BuildError
        The solution could not be run.
    """
    match = NOTEBOOK.fullmatch(name)
    if not match:
        raise ValueError(
            f"{name!r} is no name of a notebook: pass two digits and a theme, a slash, one digit"
            " and a class, such as 04_codesign/5_budget"
        )
    number = name[: -len(match[2])] if match[2] else name[:3]
    taken = [other for other in source_names(project / "notebooks") if other.startswith(number)]
    if taken:
        raise ValueError(f"{taken[0]} has that number already: choose another")
    folder = project / "notebooks"
    values = {"name": name, "title": _title(match[2] or match[1]), "application": match[1]}
    files = {folder / "source" / f"{name}.py": _filled("notebook.py", values)}
    built = (folder / f"{name}.ipynb", folder / "solutions" / f"{name}.ipynb")
    _require_new([*files, *built])
    files |= notebook_texts(project, name, _filled("guide.md", values))
    _write(files, lambda: _rebuild(project, name, run=True), built)
    return Skeleton(
        (*files, *built),
        (
            f"Try it: pytest tests/course tests/notebooks -k {name}",
            f"Write what README.md and docs/teaching still lack ({FILL_IN}).",
            f"After a change run the solution: tinylab build --execute {name}",
            f"At the end measure it: python -m benchmarks.notebook_budgets --write {name}",
        ),
    )


def _require_identifier(name: str) -> None:
    """Small letters first; capitals only later, as units have them: sqnr_dB."""
    if not re.fullmatch(r"[a-z][A-Za-z0-9_]*[A-Za-z0-9]", name) or keyword.iskeyword(name):
        raise ValueError(
            f"{name!r} is no usable name: pass letters, digits and underscores, the first a small"
            " letter, such as weight_bytes"
        )


def _require_new(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists():
            raise ValueError(f"{path} is there already: choose another name")


def _exercise_module(notebook: str, name: str) -> Path:
    """Where the exercise's module lies: application/class_name.py, or theme_name.py."""
    theme, kind = NOTEBOOK.fullmatch(notebook).groups()
    module = f"{name.lower()}.py"
    return Path(theme, f"{kind}_{module}") if kind else Path(f"{theme}_{module}")


def _with_check(cells: str, notebook: str) -> str:
    """A source notebook that imports `check`; classes stand before functions, as ruff has it."""
    found = re.search(r"^from tinylab\.course import ([\w, ]+)$", cells, re.M)
    if not found:
        raise ValueError(f"{notebook} has no line 'from tinylab.course import check': add it first")
    names = sorted({*found[1].split(", "), "check"}, key=lambda name: (name[0].islower(), name))
    return f"{cells[: found.start(1)]}{', '.join(names)}{cells[found.end(1) :]}"


def _package(folder: Path) -> dict[Path, str]:
    """The `__init__.py` of a folder, where there is none."""
    path = folder / "__init__.py"
    return {} if path.exists() else {path: f'"""{_title(folder.name)}."""\n'}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _filled(template: str, values: Mapping[str, str]) -> str:
    import jinja2

    text = (Path(__file__).parent / f"{template}.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(text).render(values)


def _rebuild(project: Path, notebook: str, *, run: bool = False) -> None:
    """Write the student notebook, whose exercises must be known by now, and run the solution."""
    importlib.invalidate_caches()
    all_exercises.cache_clear()
    folder = project / "notebooks"
    sources = find_sources([notebook], folder)
    write_students(sources, folder)
    for source in sources if run else ():
        execute(source, folder)


def _write(
    files: Mapping[Path, str],
    afterwards: Callable[[], None] = lambda: None,
    made: Iterable[Path] = (),
) -> None:
    """Write all files and then do `afterwards`, which makes others, or leave all as it was."""
    every = (*files, *made)
    before = {path: path.read_bytes() if path.exists() else None for path in every}
    folders = {path.parent for path in every if not path.parent.exists()}
    try:
        for path, text in files.items():
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="\n")
        afterwards()
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        all_exercises.cache_clear()
        raise
