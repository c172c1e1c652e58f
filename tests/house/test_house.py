"""The house: which room may import which, no rings, no full folders, no name twice."""

import ast
import graphlib
from collections import Counter
from collections.abc import Callable

import pytest

from tests.modules import MODULES, PACKAGE, imports, reached, room, sub_room, tree_of
from tinylab.paths import PROJECT

FRAMEWORKS = ("tensorflow", "keras")
LIGHT_ROOMS = ("data", "signal", "graph", "scoring", "cost", "explore")
OFFERED_TO_NOTEBOOKS = ("course", "explore", "grading", "site", "cli", "doctor")
FLOORS = (
    ("paths", "files", "kernel", "server"),
    ("cache", "signal", "graph"),
    ("data", "scoring", "cost"),
    ("models",),
    ("compress",),
    ("deploy",),
    ("adapt",),
    ("early_exit",),
    ("benchmark", "security"),
    ("search",),
    ("recipes", "explore", "course"),
    ("grading", "doctor", "site"),
    ("cli",),
)
"""Rooms from the ground up: each imports only rooms below its own floor."""
MOST_FILES = 15
FOLDERS = ("benchmarks", "datasets", "docs", "notebooks/source", "tests", "tinylab")
"""Where the project keeps its Python files."""


def is_framework(name: str) -> bool:
    return name.split(".")[0] in FRAMEWORKS


@pytest.mark.parametrize("light", LIGHT_ROOMS)
def test_light_rooms_never_reach_a_framework(light):
    for module in MODULES:
        if room(module) == light:
            assert not [name for name in reached(module) if is_framework(name)], module
            assert not [name for name in imports(module, lazy=True) if is_framework(name)], module


def test_packages_import_no_framework():
    for module, path in MODULES.items():
        if path.name == "__init__.py" or room(module) == "course":
            assert not [name for name in reached(module) if is_framework(name)], module


def test_only_notebooks_import_course_and_explore():
    for module in MODULES:
        if room(module) not in OFFERED_TO_NOTEBOOKS:
            rooms = {room(name) for name in imports(module, lazy=True) if name in MODULES}
            assert not rooms & {"course", "explore", "grading"}, module


def test_no_arrow_between_rooms_runs_up():
    floors = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    for module in MODULES:
        for name in imports(module, lazy=True) & MODULES.keys():
            above, below = room(module), room(name)
            if above and below and above != below:
                assert floors[above] > floors[below], f"{module} imports {name}"


@pytest.mark.parametrize(
    "module",
    [name for name in MODULES if any(map(is_framework, imports(name, lazy=True)))],
)
def test_a_network_cut_from_another_takes_its_input_as_it_is(module):
    """`Model(other.inputs, ...)` makes a list of it, and Keras warns of every array, red on a page.

    It is silent for tensors and in `predict`, so that a test of the result may see nothing.
    """
    for node in ast.walk(tree_of(MODULES[module])):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("Model", "keras.Model")
            and node.args
        ):
            assert not ast.unparse(node.args[0]).endswith(".inputs"), ast.unparse(node)


def order(key: Callable[[str], str]) -> None:
    """Sort the groups that `key` makes of the modules, so that none imports a later one."""
    groups: dict[str, set[str]] = {}
    for module in MODULES:
        below = {key(name) for name in imports(module, lazy=True) if name in MODULES}
        groups.setdefault(key(module), set()).update(below - {key(module), "tinylab"})
    tuple(graphlib.TopologicalSorter(groups).static_order())


@pytest.mark.parametrize("key", [str, sub_room, room], ids=["modules", "sub-rooms", "rooms"])
def test_no_ring(key):
    """Imports inside functions count; a ring raises a CycleError that names its members."""
    order(key)


@pytest.mark.parametrize("top", FOLDERS)
def test_no_folder_is_too_full(top):
    held = Counter(path.parent for path in (PROJECT / top).rglob("*.py"))
    assert held, f"{top} holds no Python file: take it out of this list"
    for folder, files in held.items():
        assert files <= MOST_FILES, f"{folder} holds {files} Python files"


def offered(path) -> set[str]:
    """The public functions and classes that a package's `__init__` imports or defines."""
    names = set()
    for node in tree_of(path).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        if isinstance(node, ast.ImportFrom):
            own = {alias.asname or alias.name for alias in node.names}
            modules = {a.name for a in node.names if f"{node.module}.{a.name}" in MODULES}
            names |= own - modules
    return names


@pytest.mark.parametrize(
    "package", [name for name, path in MODULES.items() if path.name == "__init__.py"]
)
def test_no_function_of_a_package_has_the_name_of_its_module(package):
    modules = {name.rpartition(".")[2] for name in MODULES if name.rpartition(".")[0] == package}
    assert not offered(MODULES[package]) & modules


def test_packages_below_the_house_are_rooms():
    """A new room gets a floor, so that the tests above know it."""
    known = {name for floor in FLOORS for name in floor}
    here = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }
    assert here - {"__init__", "__main__"} <= known
