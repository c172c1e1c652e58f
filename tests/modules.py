"""The modules of the package and of what belongs to it, and what each of them imports."""

import ast
import functools
from pathlib import Path

from tinylab.paths import PROJECT

PACKAGE = PROJECT / "tinylab"


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file, parsed once for all tests; nobody may change it."""
    return ast.parse(path.read_text(encoding="utf-8"))


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
    tree = tree_of(MODULES[module])
    nodes = ast.walk(tree) if lazy else _at_once(tree)
    statements = (node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)))
    return frozenset().union(*(imported(node, module) for node in statements))


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


def sub_room(module: str) -> str:
    """The folder a module lies in, at most one below its room: "tinylab.cost.power"."""
    parts = module.split(".")
    return ".".join(parts[: 3 if MODULES[module].name == "__init__.py" else -1][:3])
