"""The pages of the library: one a folder, from the docstrings of its modules.

The code is parsed, not imported: importing all of it takes a minute, and TensorFlow.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

__all__ = ["api_pages"]

# What is run, not imported; and the judges of exercises, which know what is right.
LEFT_OUT = ("cli", "grading", "site", "course/exercises", "course/notebooks", "course/skeletons")
Definition = ast.FunctionDef | ast.ClassDef


def api_pages(package: Path) -> dict[str, str]:
    """reStructuredText of a page for each folder that offers something, by the page's name.

    Parameters
    ----------
    package : Path
        The folder `tinylab`.

    Returns
    -------
    dict of str to str
        Such as ``{"api/tinylab.cost.power": ...}``.
    """
    pages = {}
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        if any(folder.relative_to(package).is_relative_to(left) for left in LEFT_OUT):
            continue
        modules = {
            _dotted(path, package): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("*.py"))
        }
        name = _dotted(folder / "__init__.py", package)
        if any(_offered(tree) for tree in modules.values()):
            pages[f"api/{name}"] = "\n".join(_page(name, modules))
    return pages


def _page(name: str, modules: dict[str, ast.Module]) -> Iterator[str]:
    """The lines of a page: what the package says of itself, then each module that offers names."""
    yield from (name, "=" * len(name), "")
    for module, tree in modules.items():
        offered = _offered(tree)
        if module != name and not offered:
            continue
        if module != name:
            yield from (module, "-" * len(module), "")
        yield from (f".. py:module:: {module}", "", ast.get_docstring(tree) or "", "")
        if module == name:
            yield from _imported(tree, offered)
        qualify = _Qualify(module, tree)
        for node in tree.body:
            if isinstance(node, Definition) and node.name in offered:
                yield from _entry(qualify.visit(node))


class _Qualify(ast.NodeTransformer):
    """Writes out names of this package, so that a type leads to the class that is meant."""

    def __init__(self, module: str, tree: ast.Module):
        self.full = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module.startswith("tinylab")
            for alias in node.names
        }
        own = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        self.full |= {name: f"{module}.{name}" for name in own}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.full.get(node.id, node.id), node.ctx)


def _offered(tree: ast.Module) -> set[str]:
    """The names in `__all__`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {name for name in ast.literal_eval(node.value) if isinstance(name, str)}
    return set()


def _imported(tree: ast.Module, offered: set[str]) -> Iterator[str]:
    """A list of what a package offers from its modules, each with a link to where it stands."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) in offered:
                    yield f"- :py:obj:`{alias.name} <{node.module}.{alias.name}>`"
    yield ""


def _entry(node: Definition, owner: str = "") -> Iterator[str]:
    """A function, or a class with its methods."""
    docstring, name = ast.get_docstring(node), f"{owner}{node.name}"
    if isinstance(node, ast.ClassDef):
        yield from _directive("class", name, docstring)
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                lines = _entry(method, f"{name}.")
                yield from (textwrap.indent(line, "   ") for line in lines)
    elif any(ast.unparse(each) == "property" for each in node.decorator_list):
        yield from _directive("property", name, docstring)
    else:
        kind = "method" if owner else "function"
        yield from _directive(kind, f"{name}{_signature(node)}", docstring)


def _directive(kind: str, name: str, docstring: str | None) -> list[str]:
    """One entry of Sphinx's Python domain, its docstring read by numpydoc."""
    from numpydoc.docscrape_sphinx import SphinxClassDoc, SphinxFunctionDoc

    if kind == "class":
        text = str(SphinxClassDoc(None, doc=docstring or "", config={"show_class_members": False}))
    else:
        text = str(SphinxFunctionDoc(None, doc=docstring or "", config={}))
    text = re.sub(r"\n{3,}", "\n\n", text.strip())
    return [f".. py:{kind}:: {name}", "", textwrap.indent(text, "   "), ""]


def _signature(node: ast.FunctionDef) -> str:
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({arguments}){returned}"


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
