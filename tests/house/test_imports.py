"""Imports: quick, and touching neither network nor files; no address of a host in the code."""

import ast
import json
import re
import subprocess
import sys

import pytest

from tests.house.test_house import FRAMEWORKS, LIGHT_ROOMS, is_framework
from tests.modules import MODULES, reached, room, tree_of
from tinylab.paths import PROJECT


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    process = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, cwd=PROJECT
    )
    assert process.returncode == 0, process.stderr[-3000:]
    return process.stdout.splitlines()[-1]


def test_importing_tinylab_imports_nothing_else():
    """Which is why it takes no time."""
    code = (
        "import sys; before = set(sys.modules); import tinylab; new = set(sys.modules) - before\n"
        "outside = {name.split('.')[0] for name in new} - sys.stdlib_module_names\n"
        "print(sorted(outside), len(new) <= 10)"
    )
    assert run(code) == "['tinylab'] True"


def test_the_oldest_python_has_what_is_imported():
    """Python 3.10 has no tomllib: who imports it says under which version, and what else."""
    bare = (ast.Import, ast.ImportFrom)
    unguarded = [
        module
        for module, path in MODULES.items()
        for node in tree_of(path).body
        if isinstance(node, bare) and "tomllib" in ast.unparse(node).split()
    ]
    assert unguarded == []


def test_what_starts_a_grader_is_quick_to_import():
    """No grammar is compiled for a format of no notebook, and no judge needs scipy.stats."""
    code = (
        "import sys; from tinylab.grading.rules.assignment import load_assignments\n"
        "from tinylab.course.notebooks import build; from tinylab.course import exercises\n"
        "exercises.all_exercises()\n"
        "print([name for name in ('lark', 'scipy.stats', 'tensorflow') if name in sys.modules])"
    )
    assert run(code) == "[]"


LOUD = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.mkdir", "os.rename")
LIBRARIES = (
    *("numpy", "pandas", "plotly.graph_objects", "ipywidgets", "anywidget", "soundfile", "pooch"),
    *("scipy.optimize", "IPython.display", "kaleido"),
)


@pytest.fixture(scope="module")
def imported_alone() -> dict:
    """What a fresh interpreter meets that imports the light rooms, then all without a framework."""
    light = [name for name in MODULES if room(name) in (*LIGHT_ROOMS, "course")]
    quiet = [name for name in MODULES if not [n for n in reached(name) if is_framework(n)]]
    code = f"""
import importlib, json, sys
events = []
def note(event, arguments):
    if event in {LOUD!r}:
        events.append((event, str(arguments)))
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        events.append((event, str(arguments)))
for name in {LIBRARIES!r}:
    importlib.import_module(name)
sys.addaudithook(note)
for name in {light!r}:
    importlib.import_module(name)
frameworks = [name for name in {FRAMEWORKS!r} if name in sys.modules]
for name in {quiet!r}:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(json.dumps(dict(frameworks=frameworks, events=events)))
"""
    return json.loads(run(code))


def test_light_rooms_load_no_framework_when_run(imported_alone):
    assert imported_alone["frameworks"] == []


def test_imports_touch_neither_network_nor_files_nor_processes(imported_alone):
    assert imported_alone["events"] == []


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of the nodes that are docstrings."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }


def test_no_host_in_the_code():
    for path in [PROJECT / "start.py", *MODULES.values()]:
        tree = tree_of(path)
        texts = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                host = re.search(r"https?://(?!127\.0\.0\.1|localhost)\w", node.value)
                assert id(node) in texts or not host, f"{path}:{node.lineno}"
    assert "://" not in (PROJECT / ".ci" / "run").read_text()
