"""The package without the functions that an exercise asks for: what a sandbox shows instead.

In: dotted names. Out: the files to lay over the package's own, so that neither a closure, a copy of
the module, another process nor the source itself holds what a student must write.
"""

import ast
import functools
import importlib.util
from collections import defaultdict
from importlib.machinery import PathFinder
from pathlib import Path

__all__ = ["REFUSAL", "stub_files"]

REFUSAL = "may not be called here: write it yourself"


@functools.cache
def stub_files(forbidden: tuple[str, ...]) -> dict[str, str]:
    """The text of each file that is laid over one of the package's, by that one's path.

    Compiled copies are laid over with nothing, which makes Python read the source.
    """
    by_module = defaultdict(list)
    for dotted in forbidden:
        module, _, name = dotted.rpartition(".")
        by_module[module].append(name)
    files = {}
    for module, names in by_module.items():
        path = _source_of(module)
        if path is None:
            continue
        text = path.read_text(encoding="utf-8")
        stubbed = without(text, names, module)
        if stubbed != text:
            files[str(path)] = stubbed
            compiled = (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")
            files |= {str(file): "" for file in compiled}
    return files


def _source_of(module: str) -> Path | None:
    """Where a module's source is; no package above it is imported, which may take seconds."""
    first, *below = module.split(".")
    spec, dotted = importlib.util.find_spec(first), first
    for part in below:
        if spec is None or spec.submodule_search_locations is None:
            return None
        dotted = f"{dotted}.{part}"
        spec = PathFinder.find_spec(dotted, list(spec.submodule_search_locations))
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _is_own(node: ast.AST) -> bool:
    """Whether a function is what others call; a dataclass also runs its own at import."""
    name = getattr(node, "name", "")
    hidden = name.startswith("__") and name not in ("__init__", "__call__")
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not hidden


def without(text: str, names: list[str], module: str) -> str:
    """A module's source in which some functions, and all methods of some classes, only refuse."""
    lines, cuts = text.splitlines(), []
    for node in ast.parse(text).body:
        name = getattr(node, "name", None)
        if name in names:
            functions = node.body if isinstance(node, ast.ClassDef) else [node]
            cuts += [(function, f"{module}.{name}") for function in functions if _is_own(function)]
    for function, dotted in sorted(cuts, key=lambda cut: -cut[0].body[0].lineno):
        body = function.body
        kept = body[0] if ast.get_docstring(function, clean=False) is not None else None
        first = kept.end_lineno + 1 if kept else body[0].lineno
        column = body[0].col_offset
        if body[0].lineno == function.lineno:  # all on one line: only the head stays
            lines[function.lineno - 1] = lines[function.lineno - 1][:column]
            first = function.lineno + 1
            column = function.col_offset + 4
        refusal = f'{" " * column}raise RuntimeError("{dotted} {REFUSAL}")'
        lines[first - 1 : function.end_lineno] = [refusal]
    return "\n".join(lines) + "\n"
