"""Source notebooks: one percent-format `.py` each, with the solutions inside.

In: notebooks/source/**.py. Out: `SourceNotebook`, from which the student notebook (solutions and
claims cut out) and the solution notebook (markers cut out) are made, both with stable cell ids and,
at the end of a notebook with exercises, how to check one's work before handing it in.

A *claims* cell (`# %% claims=true`) holds the assertions that the prose beside it rests on: the
numbers it states, the winner it names. Only the solution notebook has it, and runs it, so that a
sentence that is no longer true stops the build.
"""

import ast
import copy
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tinylab.course.notebooks.built import build_marks, digest
from tinylab.course.notebooks.cells import checks, exercise_cells, imports
from tinylab.course.notebooks.claims import CLAIMS, claims_problems, is_claims
from tinylab.course.notebooks.independence import independence_problems
from tinylab.course.notebooks.set_up import set_up_cell
from tinylab.course.notebooks.verdicts import verdict_problems

__all__ = ["SourceError", "SourceNotebook", "read_source"]

BEGIN, END = "# solution", "# end solution"
COMPARED = "# NBVAL_CHECK_OUTPUT"
HAND_IN = """\
**Hand it in.** Save the notebook. Then open a terminal in the workbook's folder (*File*, *New*,
*Terminal*) and see what it earns, read and run as your teacher's grading will:

    .venv/bin/tinylab check notebooks/{name}.ipynb

On Windows the command is `.venv\\Scripts\\tinylab`. With `restore` instead of `check` it writes
the original notebook beside yours."""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class SourceError(ValueError):
    """What an author must change in a source notebook, one sentence a line."""


@dataclass(frozen=True)
class SourceNotebook:
    """A source notebook, read and found in order.

    Attributes
    ----------
    name : str
        Path below notebooks/source without the suffix: "01_keyword_spotting/2_compress".
    notebook : NotebookNode
        All cells, solutions and markers included, with their final ids.
    answers : dict of str to str
        The name of the checked function by exercise id.
    digest : str
        The SHA-256 of the source's text.
    """

    name: str
    notebook: NotebookNode
    answers: dict[str, str]
    digest: str

    def student(self) -> NotebookNode:
        """The notebook that students open: solutions become NotImplementedError, claims go.

        Below its title it sets up where the workbook is not installed. Its metadata say what it was
        built from.
        """
        notebook = self._with(lambda cell: cut_solutions(cell.source, cell.metadata["exercise"]))
        title, *cells = (cell for cell in notebook.cells if not is_claims(cell))
        notebook.cells = [title, set_up_cell(), *cells]
        notebook.metadata.update(build_marks(self.digest, notebook.cells))
        return notebook

    def solution(self) -> NotebookNode:
        """The reference notebook, not yet executed: only the markers are cut out."""
        return self._with(lambda cell: cut_markers(cell.source))

    def imports(self) -> str:
        """The code of the imports cell."""
        return imports(self.notebook.cells)

    def exercise_cells(self) -> dict[str, str]:
        """The code of every exercise cell, solutions and markers included, by exercise id."""
        return exercise_cells(self.notebook.cells)

    def _with(self, rewrite) -> NotebookNode:
        notebook = copy.deepcopy(self.notebook)
        for cell in notebook.cells:
            if "exercise" in cell.metadata:
                cell.source = rewrite(cell)
        return notebook


def read_source(path: Path, name: str) -> SourceNotebook:
    """Read and examine a source notebook.

    Raises
    ------
    SourceError
        With one sentence for every rule the source breaks.
    """
    import jupytext

    text = path.read_text(encoding="utf-8")
    read = jupytext.reads(text, fmt="py:percent")
    cells = [_clean(cell) for cell in read.cells if cell.source.strip()]
    problems = _exercise_problems(cells) + _heading_problems(cells) + _import_problems(cells)
    problems += claims_problems(cells) + independence_problems(cells, dict(checks(cells)))
    problems += verdict_problems(cells)
    if problems:
        raise SourceError("\n".join(f"{name}: {problem}" for problem in problems))
    for cell, cell_id in zip(cells, _cell_ids(cells)):
        cell["id"] = cell_id
    if any("exercise" in cell.metadata for cell in cells):
        cells.append(nbformat.v4.new_markdown_cell(HAND_IN.format(name=name), id="hand-in"))
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return SourceNotebook(
        name=name, notebook=notebook, answers=dict(checks(cells)), digest=digest(text)
    )


def cut_solutions(source: str, exercise_id: str) -> str:
    """The stub: every solution region becomes one `raise NotImplementedError("id")`."""
    kept, inside = [], False
    for line in source.splitlines():
        if line.strip() == BEGIN:
            inside = True
            kept.append(line.replace(BEGIN, f'raise NotImplementedError("{exercise_id}")'))
        elif line.strip() == END:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def cut_markers(source: str) -> str:
    """The solution without the lines that mark its regions."""
    return "\n".join(line for line in source.splitlines() if line.strip() not in (BEGIN, END))


def _clean(cell: NotebookNode) -> NotebookNode:
    """The cell with only the metadata that authors may set: exercise id, claims and tags."""
    allowed = ("exercise", CLAIMS, "tags")
    kept = {key: cell.metadata[key] for key in allowed if key in cell.metadata}
    empty = {"outputs": [], "execution_count": None} if cell.cell_type == "code" else {}
    return NotebookNode(
        cell_type=cell.cell_type, source=cell.source, metadata=NotebookNode(kept), **empty
    )


def _exercise_problems(cells: list[NotebookNode]) -> list[str]:
    """Sentences on exercises that are not what the format asks."""
    problems = []
    pairs = checks(cells)
    checked = Counter(exercise_id for exercise_id, _ in pairs)
    exercises = Counter(c.metadata["exercise"] for c in cells if "exercise" in c.metadata)
    for cell in cells:
        if "exercise" in cell.metadata:
            problems += _cell_problems(cell, dict(pairs))
        elif BEGIN in (line.strip() for line in cell.source.splitlines()):
            problems.append('a solution region stands in a cell without exercise="...".')
        if checks([cell]) and COMPARED not in cell.source:
            problems.append(f"the check cell of {checks([cell])[0][0]} lacks {COMPARED}.")
    problems += [f"exercise id {i!r} is used {n} times." for i, n in exercises.items() if n > 1]
    problems += [f"exercise {i!r} has no check cell." for i in exercises if not checked[i]]
    problems += [f"exercise {i!r} is checked {n} times." for i, n in checked.items() if n > 1]
    hintless = [i for i in exercises if not _has_hint(cells, i)]
    problems += [f"exercise {i!r} has no hint, a <details> cell, right after it." for i in hintless]
    problems += [f"check({i!r}, ...) has no exercise cell." for i in checked if not exercises[i]]
    return problems


def _has_hint(cells: list[NotebookNode], exercise_id: str) -> bool:
    """True when a hint is the next cell after an exercise."""
    following = iter(cells)
    for cell in following:
        if cell.metadata.get("exercise") == exercise_id:
            hint = next(following, None)
            return hint is not None and hint.cell_type == "markdown" and "<details>" in hint.source
    return False


def _cell_problems(cell: NotebookNode, checked: dict[str, str]) -> list[str]:
    """Sentences on one exercise cell."""
    exercise_id = cell.metadata["exercise"]
    problem = _region_problem(cell.source)
    if problem:
        return [f"exercise {exercise_id!r}: {problem}"]
    try:
        body = ast.parse(cut_solutions(cell.source, exercise_id)).body
        ast.parse(cell.source)
    except SyntaxError as error:
        return [f"exercise {exercise_id!r}: {error.msg} in line {error.lineno}."]
    problems = []
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    if len(functions) < len(body):
        problems.append("the cell may only define functions.")
    for function in functions:
        if not ast.get_docstring(function):
            problems.append(f"{function.name} has no docstring outside the solution region.")
    if exercise_id in checked and checked[exercise_id] not in {f.name for f in functions}:
        problems.append(
            f"its check is given {checked[exercise_id]}, which the cell does not define."
        )
    return [f"exercise {exercise_id!r}: {problem}" for problem in problems]


def _region_problem(source: str) -> str | None:
    """What is wrong with the solution regions of a cell, or None."""
    marks = [line.strip() for line in source.splitlines() if line.strip() in (BEGIN, END)]
    if not marks:
        return f"there is no {BEGIN!r} region."
    if marks != [BEGIN, END] * (len(marks) // 2):
        return f"a region is not closed: {BEGIN!r} and {END!r} must take turns."
    return None


def _heading_problems(cells: list[NotebookNode]) -> list[str]:
    """Sentences on headings: one H1, the first, and no level skipped."""
    levels = [(level, text) for cell in cells for level, text in _headings(cell)]
    if [level for level, _ in levels].count(1) != 1 or levels[0][0] != 1:
        return ["there must be exactly one H1, before all other headings."]
    return [
        f"heading {text!r} skips a level (H{before} to H{level})."
        for (before, _), (level, text) in zip(levels, levels[1:])
        if level > before + 1
    ]


def _headings(cell: NotebookNode) -> list[tuple[int, str]]:
    """(level, text) of the headings of a markdown cell, code blocks left out."""
    if cell.cell_type != "markdown":
        return []
    text = re.sub(r"^```.*?^```", "", cell.source, flags=re.M | re.S)
    return [(len(m[1]), m[2].strip()) for m in re.finditer(r"^(#{1,6})\s+(.+)$", text, re.M)]


def _import_problems(cells: list[NotebookNode]) -> list[str]:
    """Sentences on the first code cell, which must hold imports alone."""
    first = next((cell for cell in cells if cell.cell_type == "code"), None)
    if first is None:
        return ["there is no code cell."]
    try:
        statements = ast.parse(first.source).body
    except SyntaxError as error:
        return [f"the imports cell: {error.msg} in line {error.lineno}."]
    if all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in statements):
        return []
    return ["the first code cell may only hold imports."]


def _cell_ids(cells: list[NotebookNode]) -> list[str]:
    """Ids that change only when the exercise or the place under the heading does."""
    ids, heading, number, used = [], "start", 0, Counter()
    for cell in cells:
        headings = _headings(cell)
        mark = f"claims-{heading}" if is_claims(cell) else _mark(cell)
        if headings:
            heading, number = _slug(headings[0][1]), 0
            proposed = heading
        elif mark:
            proposed = mark
        else:
            number += 1
            proposed = f"{heading}-{number}"
        used[proposed] += 1
        ids.append(proposed if used[proposed] == 1 else f"{proposed}--{used[proposed]}")
    return ids


def _mark(cell: NotebookNode) -> str | None:
    """The id of an exercise's own cells, or None."""
    if "exercise" in cell.metadata:
        return f"exercise-{cell.metadata['exercise']}"[:60]
    pairs = checks([cell])
    return f"check-{pairs[0][0]}"[:60] if pairs else None


def _slug(heading: str) -> str:
    """A heading as an id: lower case letters, digits and hyphens, at most 48 of them."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")[:48].strip("-") or "section"
