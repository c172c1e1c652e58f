"""The house's promises: which room may import which, quick imports, no circles, no hosts."""

import ast
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tinylab.paths import PROJECT

PACKAGE = PROJECT / "tinylab"
FRAMEWORKS = ("tensorflow", "keras")
LIGHT_ROOMS = ("data", "signal", "graph", "scoring", "cost", "explore")
OFFERED_TO_NOTEBOOKS = ("course", "explore", "grading", "cli", "doctor")


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(node: ast.AST, module: str) -> set[str]:
    """The modules that one import statement names, in full."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    assert isinstance(node, ast.ImportFrom) and node.level == 0, f"{module}: relative import"
    full = {f"{node.module}.{alias.name}" for alias in node.names}
    return {name if name in MODULES else node.module for name in full}


@functools.cache
def imports(module: str, lazy: bool) -> frozenset[str]:
    """What a module imports: when it is imported itself or, if lazy, at any time."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if lazy else _at_once(tree)
    found = [
        imported(node, module) for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    return frozenset().union(*found)


def _at_once(tree: ast.AST):
    """The nodes that run when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _at_once(node)


def reached(module: str) -> set[str]:
    """Everything that importing a module imports, packages above it included."""
    seen, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in MODULES:
            waiting += imports(name, lazy=False)
            waiting += [name.rsplit(".", 1)[0]] if "." in name else []
    return seen


def room(module: str) -> str:
    return (module.split(".") + [""])[1]


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


def test_no_circles_between_modules():
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            for name in imports(module, lazy=True) & MODULES.keys():
                visit(name, (*path, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    told = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, timeout=300, cwd=PROJECT
    )
    assert told.returncode == 0, told.stderr[-3000:]
    return told.stdout.splitlines()[-1]


def test_light_rooms_load_no_framework_when_run():
    light = [name for name in MODULES if room(name) in (*LIGHT_ROOMS, "course")]
    code = (
        f"import importlib, json, sys\nfor name in {light!r}: importlib.import_module(name)\n"
        f"print(json.dumps([name for name in {FRAMEWORKS!r} if name in sys.modules]))"
    )
    assert json.loads(run(code)) == []


def test_import_is_quick():
    code = "import time; t = time.perf_counter(); import tinylab; print(time.perf_counter() - t)"
    assert min(float(run(code)) for _ in range(3)) <= 0.3


LOUD = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.mkdir", "os.rename")
LIBRARIES = (
    *("numpy", "pandas", "plotly.graph_objects", "ipywidgets", "anywidget", "soundfile", "pooch"),
    *("scipy.optimize", "IPython.display", "kaleido"),
)


def test_imports_touch_neither_network_nor_files_nor_processes():
    quiet = [name for name in MODULES if not [n for n in reached(name) if is_framework(n)]]
    code = f"""
import importlib, sys
events = []
def note(event, arguments):
    if event in {LOUD!r}:
        events.append((event, str(arguments)))
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        events.append((event, str(arguments)))
for name in {LIBRARIES!r}:
    importlib.import_module(name)
sys.addaudithook(note)
for name in {quiet!r}:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(events)
"""
    assert run(code) == "[]"


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
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = re.search(r"https?://(?!127\.0\.0\.1|localhost)\w", node.value)
                assert id(node) in texts or not found, f"{path}:{node.lineno}"
    assert "://" not in (PROJECT / ".ci" / "run").read_text()
