"""What people think is tested and used: nothing is left out of the lists that tests go through."""

import ast
import functools
import importlib
import inspect
import re
from pathlib import Path

import pytest

from tests.modules import MODULES, PACKAGE, imported, imports, room, tree_of
from tinylab.graph.passes.flow import PASSES
from tinylab.paths import PROJECT

TESTS = PROJECT / "tests"
SOURCES = sorted((PROJECT / "notebooks" / "source").rglob("*.py"))
AUTHORS = sorted((PROJECT / "benchmarks").rglob("*.py"))
RUN_BY_NAME = (
    "tinylab.grading.sandbox.inside.",  # the sandbox starts these from their files
    "tinylab.grading.one.collect",  # a plugin of pytest
    "tinylab.search.worker",  # python -m, a process of a search
    "tinylab.cli.__main__",  # python -m tinylab.cli
    "tinylab.adapt.federated.flower.",  # loaded by Flower
    "tinylab.server",  # loaded by JupyterLab: start.py names it in its settings
)
WALKED = ("tinylab.course.exercises.", "tinylab.graph.operators.")
"""Rooms whose modules are found by walking the folder."""
ELSEWHERE = (*RUN_BY_NAME, *WALKED)
WIDGETS = {"widget", "live"}
"""Rooms of `explore` that hold machinery, not explorers."""


@functools.cache
def functions(path: Path) -> set[str]:
    """The names of all functions and methods that a file defines, but for fixtures."""
    every = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef))
    return {n.name for n in every if not any("fixture" in ast.unparse(d) for d in n.decorator_list)}


@functools.cache
def names_read(path: Path) -> set[str]:
    """The names that a file reads, other than to import them."""
    return {n.id for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name)}


def test_every_test_file_holds_a_test_and_no_other_file_does():
    for path in TESTS.rglob("*.py"):
        tests = [name for name in functions(path) if name.startswith("test_")]
        if path.name.startswith("test_"):
            assert tests, f"{path} holds no test"
        else:
            assert not tests, f"{path} holds {tests[0]}, which pytest does not find"


def test_every_folder_of_tests_mirrors_the_package():
    """So that the tests of a module are where its reader looks for them."""
    others = {"house", "browser", "hostile", "notebooks", "wrong_answers", "__pycache__"}
    for folder in (path for path in TESTS.rglob("*") if path.is_dir()):
        parts = folder.relative_to(TESTS).parts
        if not others & set(parts) and any(folder.glob("test_*.py")):
            assert PACKAGE.joinpath(*parts).is_dir(), f"{folder} has no room in tinylab"


def used_outside_tests() -> set[str]:
    """Every module that the package, a notebook or a program for authors imports, or runs."""
    used = set().union(*(imports(module, lazy=True) for module in MODULES))
    for path in [*SOURCES, *AUTHORS]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                used |= imported(node, str(path))
    pyproject = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    start = (PROJECT / "start.py").read_text(encoding="utf-8")  # names an extension of the kernel
    used |= set(re.findall(r'"(tinylab[\w.]*):\w+"', pyproject))
    return used | set(re.findall(r'"(tinylab\.[\w.]+)"', start))


def test_every_module_is_used_by_more_than_its_tests():
    used = used_outside_tests()
    for module, path in MODULES.items():
        if path.name != "__init__.py" and not module.startswith(ELSEWHERE):
            assert module in used, f"{module} is imported by tests alone, or by nothing"


def explorers() -> dict[str, str]:
    """The module of every explorer: public functions named so in the rooms of `explore`."""
    return {
        name: module
        for module, path in MODULES.items()
        if room(module) == "explore" and not WIDGETS & set(module.split("."))
        for name in functions(path)
        if name.endswith("_explorer") and not name.startswith("_")
    }


def takes_an_input(name: str) -> bool:
    """Whether an explorer has a parameter; the tests find those without one by themselves."""
    tree = tree_of(MODULES[explorers()[name]])
    (made,) = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name)
    return bool(ast.unparse(made.args))


def test_every_explorer_is_tested_with_all_the_others():
    """One that takes an input, and that the tests' table does not name, gets no common test."""
    tables = [p for p in (TESTS / "explore").glob("*.py") if not p.name.startswith("test_")]
    wanted = set(filter(takes_an_input, explorers()))
    assert len(wanted) > 20 and wanted <= set().union(*map(names_read, tables))


def test_every_module_of_explore_holds_an_explorer():
    with_one = set(explorers().values())
    for module, path in MODULES.items():
        shown = room(module) == "explore" and not WIDGETS & set(module.split("."))
        if shown and path.name != "__init__.py":
            assert module in with_one, f"{module} offers no function named ..._explorer"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_explorer_of_a_notebook_is_one_of_them(path):
    shown = {name for name in names_read(path) if name.endswith("_explorer")}
    assert shown <= set(explorers())


def test_every_explorer_stands_in_a_notebook():
    shown = set().union(*(names_read(path) for path in SOURCES))
    assert set(explorers()) <= shown


def test_every_pass_is_run():
    """Classes that match and transform, in any module of graph/passes, but for the protocol."""
    written = set()
    for module in MODULES:
        if module.startswith("tinylab.graph.passes.") and not module.endswith(".base"):
            for name, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass):
                if kind.__module__ == module and hasattr(kind, "transform"):
                    written.add(name)
    assert written == {type(rule).__name__ for rule in PASSES}
