"""Whether two pieces of Python say the same, and what one has beyond the other.

In: source text, valid or not. Out: a comparison without comments, docstrings and layout. Nothing
here runs the code.
"""

import ast
import re

__all__ = ["additions", "function_source", "plain_code", "same_code", "statements"]

UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
# "%matplotlib inline", "!pip list", "files = !ls", "np.round?"
OF_IPYTHON = re.compile(r"^([ \t]*)((?:[%!?]|\w+[ \t]*=[ \t]*[%!]).*|[\w.]+\?{1,2}[ \t]*)$", re.M)


def same_code(one: str, other: str) -> bool:
    """True for two sources that differ in comments, docstrings and layout at most."""
    return one.strip() == other.strip() or plain_code(one) == plain_code(other)


def plain_code(source: str) -> str:
    """The code without comments, docstrings and layout; the text itself where it is no Python."""
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_text(body[0]):
                body[0] = ast.Pass()
        return ast.dump(tree)
    except UNPARSABLE:
        return source.strip()


def additions(source: str, released: str) -> str:
    """The imports, definitions and assignments that an edited cell has beyond the released one."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    kinds += (ast.Assign, ast.AnnAssign)
    try:
        before = {ast.dump(node) for node in ast.parse(released).body}
        source, body = _as_python(source)
        nodes = [node for node in body if isinstance(node, kinds)]
        added = [node for node in nodes if ast.dump(node) not in before]
    except UNPARSABLE:
        return ""
    return "\n".join(ast.get_source_segment(source, node) or "" for node in added)


def function_source(source: str, name: str) -> str | None:
    """The text of a module's function or class of that name, or None."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in ast.parse(source).body:
        if isinstance(node, kinds) and node.name == name:
            return ast.get_source_segment(source, node)
    return None


def statements(source: str) -> list[str]:
    """The top-level statements of a cell, or the cell itself where it is no Python.

    Lines that only IPython understands become `pass`.
    """
    try:
        source, nodes = _as_python(source)
    except UNPARSABLE:
        return [source]
    starts = [min([n.lineno, *(d.lineno for d in getattr(n, "decorator_list", ()))]) for n in nodes]
    lines = source.splitlines(keepends=True)
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    return ["".join(lines[a - 1 : b]) for a, b in zip(starts, ends) if a - 1 < b]


def _as_python(source: str) -> tuple[str, list[ast.stmt]]:
    """A cell and its statements, line for line, without what only IPython understands."""
    try:
        return source, ast.parse(source).body
    except SyntaxError:
        plain = OF_IPYTHON.sub(r"\1pass  # \2", source)
        return plain, ast.parse(plain).body


def _is_text(node: ast.AST) -> bool:
    """True for a statement that is a string alone, as docstrings are."""
    value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
