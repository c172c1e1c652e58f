"""The pages of the library: one a folder, from the docstrings of its modules."""

import ast
from pathlib import Path

__all__ = ["api_pages"]

# What is run, not imported; and the judges of exercises, which know what is right.
LEFT_OUT = ("cli", "grading", "site", "course/exercises", "course/notebooks", "course/skeletons")


def api_pages(package: Path) -> dict[str, str]:
    """reStructuredText of a page for each folder that offers something, by the page's name.

    Parameters
    ----------
    package : Path
        The folder `tinylab`. Its modules are parsed, not imported.

    Returns
    -------
    dict of str to str
        Such as ``{"api/tinylab.cost.power": ...}``.
    """
    pages = {}
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        if any(folder.relative_to(package).is_relative_to(left) for left in LEFT_OUT):
            continue
        modules = [path for path in sorted(folder.glob("*.py")) if _offers(path)]
        if modules:
            name = _dotted(folder / "__init__.py", package)
            pages[f"api/{name}"] = _page(name, [_dotted(path, package) for path in modules])
    return pages


def _page(folder: str, modules: list[str]) -> str:
    lines = [folder, "=" * len(folder), "", f".. automodule:: {folder}", "   :no-members:", ""]
    for module in modules:
        if module != folder:
            lines += [
                module,
                "-" * len(module),
                "",
                f".. automodule:: {module}",
                "   :members:",
                "",
            ]
    return "\n".join(lines)


def _offers(path: Path) -> bool:
    """Whether a module says what it offers to others."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
