"""nbval's run of a whole notebook in a sandbox, with the master's word for what is right."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tinylab.course.grading.sandbox.level import best_level

TEXT = "# NBVAL_CHECK_OUTPUT\nprint(value)"


def printed(text: str) -> list:
    return [new_output("stream", name="stdout", text=text)]


def cell(name: str, source: str, outputs=()):
    made = new_code_cell(source, outputs=list(outputs), execution_count=1)
    made["id"] = name
    return made


@pytest.fixture
def outcomes(tmp_path):
    """A function that runs a submission's cells and tells what became of each."""
    master = new_notebook(
        cells=[cell("first", "value = 7"), cell("second", TEXT, printed("7\n")), cell("third", "value")]
    )
    nbformat.write(master, tmp_path / "master.ipynb")

    def run(*cells) -> dict:
        path = tmp_path / "handed_in.ipynb"
        nbformat.write(new_notebook(cells=list(cells)), path)
        (tmp_path / "conftest.py").write_text("raise SystemExit(9)")
        command = [sys.executable, "-m", "pytest", "--noconftest", "-p", "tinylab.course.grading.collect"]
        command += ["--sandbox-master", str(tmp_path / "master.ipynb"), "--sandbox-cell-s", "10"]
        command += ["--sandbox-level", best_level(), "-p", "no:cacheprovider", "-c", "/dev/null"]
        told = subprocess.run(
            [*command, "-rA", "--tb=line", str(path)], capture_output=True, text=True, cwd=tmp_path
        )
        lines = [line.split() for line in told.stdout.splitlines()]
        found = {line[-1]: line[0] for line in lines if line and line[0] in ("PASSED", "FAILED")}
        assert found or told.returncode == 5, told.stdout + told.stderr
        return {name: word for line in lines for name, word in _verdict(line)}

    return run


def _verdict(words: list):
    """(cell number, outcome) of a summary line of pytest."""
    if words and words[0] in ("PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL") and "Cell" in " ".join(words):
        yield int(words[2].strip(":")) if words[2].isdigit() else int(words[words.index("-") - 1]), words[0]


def test_right_cells_pass_and_stored_outputs_count_for_nothing(outcomes):
    right = (cell("first", "value = 7"), cell("second", TEXT), cell("third", "value"))
    assert outcomes(*right) == {0: "PASSED", 1: "PASSED", 2: "PASSED"}
    pasted = (cell("first", "value = 8"), cell("second", TEXT, printed("8\n")))
    assert outcomes(*pasted) == {0: "PASSED", 1: "FAILED"}


def test_a_students_marks_count_for_nothing(outcomes):
    skipped = cell("second", TEXT.replace("CHECK_OUTPUT", "SKIP"))
    assert outcomes(cell("first", "value = 8"), skipped) == {0: "PASSED", 1: "FAILED"}
    raises = cell("own", "# NBVAL_RAISES_EXCEPTION\n1 / 0")
    assert outcomes(raises) == {0: "FAILED"}


def test_after_a_death_or_a_flood_the_next_cell_runs(outcomes):
    cells = (
        cell("first", "value = 7"),
        cell("own-1", "import os\nos._exit(0)"),
        cell("own-2", "for _ in range(3000):\n    print('x' * 1000)"),
        cell("second", TEXT),
    )
    assert outcomes(*cells) == {0: "PASSED", 1: "FAILED", 2: "FAILED", 3: "PASSED"}
