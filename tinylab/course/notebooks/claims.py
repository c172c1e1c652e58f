"""Claims cells: assertions beside the prose, for the solution notebook only.

In: the cells of a source notebook. Out: which of them are claims, and a sentence for each that
could not be left out of the student's notebook.
"""

import ast
from collections.abc import Iterable

from nbformat import NotebookNode

__all__ = ["CLAIMS", "claims_problems", "is_claims", "statements_of"]

CLAIMS = "claims"


def is_claims(cell: NotebookNode) -> bool:
    """Whether a cell checks the prose, and is for the solution notebook only."""
    return CLAIMS in cell.metadata


def claims_problems(cells: list[NotebookNode]) -> list[str]:
    """Sentences on claims cells: each asserts, and sets nothing that another cell needs."""
    nodes = _walk(s for cell in cells if not is_claims(cell) for s in statements_of(cell))
    needed = _names(nodes, ast.Load) - _bound(nodes)
    problems = []
    for number, cell in enumerate(filter(is_claims, cells), start=1):
        where = f"claims cell {number}"
        if cell.cell_type != "code" or cell.metadata != {CLAIMS: True}:
            problems.append(f"{where} must be a code cell of its own: # %% claims=true.")
            continue
        try:
            own = _walk(ast.parse(cell.source).body)
        except SyntaxError as error:
            problems.append(f"{where}: {error.msg} in line {error.lineno}.")
            continue
        if not any(isinstance(node, ast.Assert) for node in own):
            problems.append(f"{where} asserts nothing.")
        problems += [
            f"{where} sets {name}, which another cell reads: students lack it."
            for name in sorted(_bound(own) & needed)
        ]
    return problems


def statements_of(cell: NotebookNode) -> list[ast.stmt]:
    """The statements of a code cell; none where it is no plain Python."""
    if cell.cell_type != "code":
        return []
    try:
        return ast.parse(cell.source).body
    except SyntaxError:
        return []


def _walk(statements: Iterable[ast.stmt]) -> list[ast.AST]:
    return [node for statement in statements for node in ast.walk(statement)]


def _names(nodes: list[ast.AST], context: type) -> set[str]:
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def _bound(nodes: list[ast.AST]) -> set[str]:
    """The names that are set: assigned, imported, of functions and their arguments."""
    imports = [n for n in nodes if isinstance(n, (ast.Import, ast.ImportFrom))]
    imported = {(a.asname or a.name).split(".")[0] for n in imports for a in n.names}
    functions = {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    arguments = {n.arg for n in nodes if isinstance(n, ast.arg)}
    return _names(nodes, ast.Store) | imported | functions | arguments
