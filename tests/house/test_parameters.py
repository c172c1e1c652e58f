"""At most eight parameters a function: more want a settings dataclass.

Two kinds are left out, where a parameter is something that a user sees: commands of the command
line (an option each), and an explorer's `compute` (a control each).
"""

import ast

from tests.modules import tree_of
from tinylab.paths import PROJECT

LIMIT = 8


def parameters(function: ast.FunctionDef) -> int:
    """How many a caller may pass: without self, cls, *args and **kwargs."""
    arguments = function.args
    names = [name.arg for name in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def is_command(function: ast.FunctionDef) -> bool:
    """Whether a decorator makes it a command: `@main.command()`, `@train.command("kws")`."""
    decorators = [d.func for d in function.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(d, ast.Attribute) and d.attr == "command" for d in decorators)


def too_long(tree: ast.Module) -> list[str]:
    """The names of the functions with more than eight parameters."""
    functions = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return [f.name for f in functions if parameters(f) > LIMIT and not is_command(f)]


def test_no_function_takes_more_than_eight_parameters():
    long = set()
    for path in sorted((PROJECT / "tinylab").rglob("*.py")):
        module = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        names = set(too_long(tree_of(path)))
        names -= {"compute"} if module.startswith("tinylab.explore.") else set()
        long |= {f"{module}.{name}" for name in names}
    assert sorted(long) == []


def test_the_count_itself():
    def count(code: str) -> list[str]:
        return too_long(ast.parse(code))

    nine = ", ".join("abcdefghi")
    assert count(f"def f({nine}): pass") == ["f"]
    assert count(f"def f({nine[:-3]}, *args, **kwargs): pass") == []
    assert count(f"class A:\n    def f(self, {nine[:-3]}): pass") == []
    assert count(f"def f(x, *, {nine[3:]}): pass") == ["f"]
    assert count(f"@main.command()\ndef f({nine}): pass") == []
