"""Small faults for Python source: what could be changed in a file, and the changed file.

A mutant differs from the source in one node: an operator, a constant, a condition, a statement or a
return value. Text of messages, annotations, decorators and `zip(strict=)` are left alone, because a
test of them would only repeat the source.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["Mutation", "mutate", "mutations"]

BINARY = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.MatMult: ast.Mult,
}
COMPARISON = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
PAIRS = [
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("any", "all"),
    ("floor", "ceil"),
    ("first", "last"),
    ("left", "right"),
]
NAMES = dict(PAIRS) | {second: first for first, second in PAIRS}


@dataclass(frozen=True)
class Mutation:
    """The `index`-th change that a file allows."""

    index: int
    line: int
    kind: str
    before: str


def mutations(source: str) -> list[Mutation]:
    """All changes that a file allows, in the order of the source."""
    sites = _sites(ast.parse(source))
    return [
        Mutation(index, node.lineno, kind, ast.unparse(node).splitlines()[0])
        for index, (node, kind, _) in enumerate(sites)
    ]


def mutate(source: str, index: int) -> tuple[str, str]:
    """The changed source, and the changed line or expression."""
    tree = ast.parse(source)
    node, _, change = list(_sites(tree))[index]
    change()
    ast.fix_missing_locations(tree)
    return ast.unparse(tree), ast.unparse(node).splitlines()[0]


def _sites(tree: ast.AST) -> Iterator[tuple[ast.AST, str, Callable[[], None]]]:
    for node in _mutable(tree):
        for kind, change in _changes(node):
            yield node, kind, change


def _mutable(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it whose meaning a test should know."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_text(child):
                yield from _mutable(child)


def _is_text(node: ast.AST) -> bool:
    """A message, a docstring, a list of public names, or the check that two lengths agree."""
    if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Assign):
        return any(getattr(target, "id", "") == "__all__" for target in node.targets)
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        yield "arithmetic", lambda: setattr(node, "op", BINARY[type(node.op)]())
    elif isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
        yield "arithmetic", lambda: setattr(node, "op", BINARY[type(node.op)]())
    elif isinstance(node, ast.Compare):
        for other in COMPARISON[type(node.ops[0])]:
            yield "comparison", lambda other=other: node.ops.__setitem__(0, other())
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield "and / or", lambda: setattr(node, "op", other())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield "negation dropped", lambda: _become(node, node.operand)
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield "condition negated", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield "opposite name", lambda: setattr(node, "id", NAMES[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield "opposite name", lambda: setattr(node, "attr", NAMES[node.attr])
    elif isinstance(node, ast.Raise) or _is_call_statement(node):
        yield "statement deleted", lambda: _become(node, ast.Pass())
    elif isinstance(node, ast.Return) and not _is_none(node.value):
        yield "None returned", lambda: setattr(node, "value", ast.Constant(None))


def _constants(node: ast.Constant) -> Iterator[tuple[str, Callable[[], None]]]:
    if isinstance(node.value, bool):
        yield "constant", lambda: setattr(node, "value", not node.value)
    elif isinstance(node.value, (int, float)):
        yield "constant", lambda: setattr(node, "value", node.value + 1)


def _is_none(node: ast.AST | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _is_call_statement(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _become(node: ast.AST, other: ast.AST) -> None:
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)
