"""Clocks, powers, energies and memory sizes of devices come from data files, never from code here.

A hardware literal is a number in code, other than 0 and 1, that is

- given to a name ending in a hardware unit (`clock_MHz=64`, `sleep_uW = 2`), or
- a value of a control whose name ends in one, or whose unit is one (`Slider("clock_MHz", ...,
480)`), or
- inside a text as a number with a hardware unit ("64 MHz").

Docstrings and markdown may speak of hardware; exercises may use round numbers as their own
examples, in their docstrings.
"""

import ast
import re
from pathlib import Path

import jupytext
import pytest

import tinylab.explore

UNITS = "GHz MHz kHz mW uW nW uJ nJ pJ mJ mAh mA uA mV".split()
SUFFIX = re.compile(rf"_({'|'.join(UNITS)}|sram_bytes|flash_bytes)$", re.IGNORECASE)
# A number of its own: a program that is written as text holds "9mA" by chance.
IN_TEXT = re.compile(rf"(?<![^\s(])[\d.,]*\d\s?({'|'.join(UNITS)})(?![^\s.,;:)/])")
CONTROLS = ("Slider", "Steps", "Dropdown")
EXPLORE = sorted(Path(tinylab.explore.__file__).parent.rglob("*.py"))
SOURCES = sorted((Path(__file__).parents[2] / "notebooks" / "source").rglob("*.py"))


def literals(code: str) -> list[str]:
    """Hardware literals of a piece of Python, as 'line: what'."""
    tree = ast.parse(code)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node)
    }
    lines = []
    for node in ast.walk(tree):
        for name, value in named_values(node):
            if SUFFIX.search(name) and holds_number(value):
                lines.append(f"{value.lineno}: {name}")
        if is_hardware_control(node) and any(holds_number(argument) for argument in node.args[2:]):
            lines.append(f"{node.lineno}: control {node.args[0].value}")
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            if IN_TEXT.search(node.value):
                lines.append(f"{node.lineno}: {node.value!r}")
    return lines


def named_values(node):
    """Pairs of a name and the expression that is given to it."""
    if isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((target.id, node.value) for target in targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        pairs = zip(positional[len(positional) - len(node.defaults) :], node.defaults)
        yield from ((argument.arg, default) for argument, default in pairs)
        yield from ((a.arg, d) for a, d in zip(node.kwonlyargs, node.kw_defaults) if d is not None)


def is_hardware_control(node) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    if node.func.id not in CONTROLS or not node.args or not isinstance(node.args[0], ast.Constant):
        return False
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    return bool(SUFFIX.search(str(texts[0]))) or any(text in UNITS for text in texts)


def holds_number(value: ast.expr) -> bool:
    """Whether a literal number other than 0 and 1 is part of the value itself."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, (int, float)) and value.value not in (0, 1, True, False)
    if isinstance(value, (ast.Tuple, ast.List)):
        return any(holds_number(element) for element in value.elts)
    return isinstance(value, ast.UnaryOp) and holds_number(value.operand)


def code_of_notebook(path: Path) -> str:
    cells = jupytext.read(path, fmt="py:percent").cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", EXPLORE, ids=lambda path: path.stem)
def test_explorers_hold_no_hardware_numbers(path):
    assert literals(path.read_text()) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_notebooks_hold_no_hardware_numbers(path):
    assert literals(code_of_notebook(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        "clock_MHz = 64",
        "energy(graph, clock_MHz=64)",
        "def power(sleep_uW=2.5): pass",
        "CLOCKS_MHz = (16, 64)",
        "Slider('clock_MHz', 'Clock', 1, 480, 1, 64, 'MHz')",
        "Steps('capacity', 'Battery', (220, 1000), 220, 'mAh')",
        "print('at 64 MHz')",
        "print(f'{x} of 33 mW')",
        "print('sleeps (2.5uW), wakes')",
    ],
)
def test_the_check_finds(code):
    assert literals(code)


@pytest.mark.parametrize(
    "code",
    [
        "clock_MHz = board.clock_max.value",
        "clock_MHz = 0.5 * board.clock_max.value",
        "average_mW=0",
        "Slider('clock_percent', 'Clock', 5, 100, 1, 100, '%')",
        "def f():\n    '''Example: f(64) is 3 mW at 64 MHz.'''",
        "KWS = 16000",
        "program = 'C0$lK<9mA{JJd5U 4uA`w6*'",
    ],
)
def test_the_check_lets_pass(code):
    assert literals(code) == []
