"""A check says when the cell no longer defines the function that it judged."""

import contextlib
import io

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tinylab.course.checking import STALE
from tinylab.course.history import executed_cells, is_superseded

CELL = """def weight_bytes(parameters, bits):
    \"\"\"Bytes of flash for a model's weights.\"\"\"
    return (parameters * bits + 7) // 8
"""
CHECK = 'from tinylab.course import check\ncheck("weight_bytes", weight_bytes)'


@pytest.fixture
def shell(monkeypatch):
    """A notebook's shell, in which no cell ran yet; resetting one would collect all garbage."""
    config = Config()
    config.HistoryManager.enabled = False  # nothing is written into the home folder
    shell = InteractiveShell(config=config)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    return shell


def said(shell, *cells) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        for cell in cells:
            shell.run_cell(cell, store_history=True)
    return output.getvalue()


def test_the_function_in_the_cell_is_judged_without_a_word(shell):
    assert said(shell, CELL, CHECK).endswith("weight_bytes: 3 of 3 points\n")


@pytest.mark.parametrize(
    "later",
    [
        CELL.replace("// 8", "// 8)"),  # a syntax error: nothing was defined
        CELL.replace("weight_bytes", "weigth_bytes"),
        CELL.replace("def", "1 / 0\ndef"),
    ],
)
def test_an_older_function_is_named(shell, later):
    assert STALE in said(shell, CELL, later, CHECK)


def test_the_cell_put_right_is_judged_without_a_word(shell):
    assert STALE not in said(shell, CELL, CELL.replace("// 8", "// 8)"), CELL, CHECK)
    assert STALE not in said(shell, CELL.replace("+ 7", "+ 6 + 1"), CHECK)


def test_functions_made_elsewhere_are_never_superseded():
    cells = ["def len(x): return 1"]
    assert not is_superseded(len, cells)
    assert not is_superseded(said, cells)


def test_outside_a_notebook_there_are_no_cells():
    assert executed_cells() == []
