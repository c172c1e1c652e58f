"""Names an answer may not call: they exist, the text says so, and the solution keeps to it."""

import ast
import importlib.util

import pytest

from tests.sources import source_of_exercises
from tinylab.course.exercises import all_exercises
from tinylab.course.notebooks.source import cut_markers
from tinylab.grading.one.names import forbidden_uses
from tinylab.paths import PROJECT

SOURCES = {
    exercise_id: source
    for exercise_id, source in source_of_exercises().items()
    if all_exercises()[exercise_id].forbidden
}
each = pytest.mark.parametrize("exercise_id", sorted(SOURCES))


@each
def test_the_text_says_what_may_not_be_called(exercise_id):
    notebook = SOURCES[exercise_id].notebook
    at = next(i for i, c in enumerate(notebook.cells) if c.metadata.get("exercise") == exercise_id)
    said = "\n".join(cell.source for cell in notebook.cells[max(0, at - 3) : at + 1])
    for name in all_exercises()[exercise_id].forbidden:
        assert name.rsplit(".", 1)[1] in said, name


@each
def test_the_solution_keeps_to_it(exercise_id):
    source = SOURCES[exercise_id]
    code = cut_markers(source.exercise_cells()[exercise_id])
    assert forbidden_uses(code, source.imports(), all_exercises()[exercise_id].forbidden) == []


@each
def test_the_names_exist(exercise_id):
    for name in all_exercises()[exercise_id].forbidden:
        module, function = name.rsplit(".", 1)
        if not module.startswith("tinylab."):
            assert importlib.util.find_spec(module.split(".")[0]) is not None
            continue
        path = PROJECT / module.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert function in names_in(ast.parse(file.read_text(encoding="utf-8"))), name


def names_in(tree: ast.Module) -> set[str]:
    """The names a module defines or imports."""
    found = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found
