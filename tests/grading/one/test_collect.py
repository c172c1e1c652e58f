"""nbval's run of a whole notebook in a sandbox, with the master's word for what is right."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tinylab.grading.sandbox.level import best_level

pytest_plugins = "pytester"
TEXT = "# NBVAL_CHECK_OUTPUT\nprint(value)"


def printed(text: str) -> list:
    return [new_output("stream", name="stdout", text=text)]


def cell(name: str, source: str, outputs=()):
    made = new_code_cell(source, outputs=list(outputs), execution_count=1)
    made["id"] = name
    return made


@pytest.fixture
def outcomes(pytester):
    """A function that runs a hand-in's cells with nbval and tells what became of each."""
    master = new_notebook(
        cells=[
            cell("first", "value = 7"),
            cell("second", TEXT, printed("7\n")),
            cell("third", "value"),
        ]
    )
    nbformat.write(master, pytester.path / "master.ipynb")

    def run(*cells) -> list[str]:
        handed_in = pytester.path / "handed_in.ipynb"
        nbformat.write(new_notebook(cells=list(cells)), handed_in)
        ran = pytester.inline_run(
            "-p",
            "tinylab.grading.one.collect",
            "-p",
            "no:cacheprovider",
            handed_in,
            "--sandbox-master",
            pytester.path / "master.ipynb",
            "--sandbox-level",
            best_level(),
        )
        return [r.outcome for r in ran.getreports("pytest_runtest_logreport") if r.when == "call"]

    return run


def test_right_cells_pass(outcomes):
    right = (cell("first", "value = 7"), cell("second", TEXT), cell("third", "value"))
    assert outcomes(*right) == ["passed", "passed", "passed"]


def test_marks_and_stored_outputs_of_the_student_count_for_nothing(outcomes):
    cells = (
        cell("first", "value = 8"),
        cell("second", TEXT.replace("CHECK_OUTPUT", "SKIP"), printed("8\n")),
        cell("own", "# NBVAL_RAISES_EXCEPTION\n1 / 0"),
    )
    assert outcomes(*cells) == ["passed", "failed", "failed"]


def test_after_a_death_or_a_flood_the_next_cell_runs(outcomes):
    cells = (
        cell("first", "value = 7"),
        cell("own-1", "import os\nos._exit(0)"),
        cell("own-2", "for _ in range(3000):\n    print('x' * 1000)"),
        cell("second", TEXT),
    )
    assert outcomes(*cells) == ["passed", "failed", "failed", "passed"]
