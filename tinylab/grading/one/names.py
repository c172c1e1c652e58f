"""What a student's code refers to: the imports it needs, and the names it may not use.

In: source text. Out: import statements, dotted names. Nothing here runs the code.
"""

import ast
import re
import symtable
from collections.abc import Collection, Sequence

__all__ = ["bound_names", "forbidden_uses", "free_names", "needed_imports", "words"]

# Code that looks names up at run time may need any of them.
BY_NAME = {"eval", "exec", "globals", "locals", "vars", "compile", "get_ipython", "__import__"}


def needed_imports(imports: str, sources: list[str], own: Collection[str] = ()) -> list[str]:
    """The import statements that bind a name the sources use, one name a statement.

    The imports cell of a notebook reaches Keras and TensorFlow, which take seconds to load and
    which no answer needs. A cell that is not plain Python (magics) or looks names up by itself
    gets every import of which the name occurs in its text.

    Parameters
    ----------
    imports : str
        The imports cell.
    sources : list of str
        The cells that are to run after it.
    own : collection of str
        Names that the student must define; never imported, or a broken answer would be the
        library's.
    """
    used: set[str] = set()
    for source in sources:
        used |= _used(source)
    statements = _one_a_name(imports)
    return [text for name, text in statements if name in used and name not in own]


def bound_names(sources: Sequence[str]) -> set[str]:
    """The names that cells bind at their top level; nothing of those that are no plain Python."""
    bound: set[str] = set()
    for source in sources:
        try:
            table = symtable.symtable(source, "cell", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        own = (
            symbol for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
        )
        bound |= {symbol.get_name() for symbol in own}
        bound |= {child.get_name() for child in table.get_children()}
    return bound


def forbidden_uses(source: str, imports: str, forbidden: tuple[str, ...]) -> list[str]:
    """Those of the forbidden dotted names that a cell refers to, whatever it calls them.

    Parameters
    ----------
    source : str
        The answer cell.
    imports : str
        The imports cell, whose names it may use.
    forbidden : tuple of str
        "tinylab.compress.quantization.quantize.quantize" and the like.
    """
    if not forbidden:
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    bound = {**_bindings(ast.parse(imports)), **_bindings(tree)}
    free = free_names(source) or set()
    local = _names_of(tree) - free - set(_bindings(tree))
    referred = set(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            dotted = _dotted(node)
            if dotted and dotted.partition(".")[0] not in local:
                first, _, rest = dotted.partition(".")
                full = bound.get(first, first)
                referred.add(f"{full}.{rest}" if rest else full)
    return [name for name in forbidden if name in referred]


def _names_of(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _used(source: str) -> set[str]:
    """The names that a cell refers to, or all words in it where that cannot be told."""
    names = free_names(source)
    return words(source) if names is None or names & BY_NAME else names


def words(source: str) -> set[str]:
    """Everything in a source that looks like a name."""
    return set(re.findall(r"[^\W\d]\w*", source))


def free_names(source: str) -> set[str] | None:
    """The global names that a cell refers to, parameters and local names left out.

    None where the cell is no plain Python.
    """
    try:
        tables = [symtable.symtable(source, "cell", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names: set[str] = set()
    while tables:
        table = tables.pop()
        top = table.get_type() == "module"
        symbols = [s for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())]
        names |= {symbol.get_name() for symbol in symbols}
        tables += table.get_children()
    return names


def _one_a_name(imports: str) -> list[tuple[str, str]]:
    """(bound name, statement) for every name that the imports cell binds."""
    statements = []
    for node in ast.parse(imports).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                statement = type(node)(**{**_fields(node), "names": [alias]})
                statements.append((name, ast.unparse(statement)))
    return statements


def _fields(node: ast.AST) -> dict:
    return dict(ast.iter_fields(node))


def _bindings(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for, dotted in full."""
    bound = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                bound[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return bound


def _imported(tree: ast.AST):
    """The dotted names that import statements ask for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _dotted(node: ast.AST) -> str | None:
    """`a.b.c` as text, or None for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])
