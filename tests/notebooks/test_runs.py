"""Every notebook runs from top to bottom: with the solutions, and with nothing answered.

Explorers come up live, as for a student; `tests/explore` draws the stills. Unanswered, only what
differs from the solution is run: no other cell reads what the learner writes, which `read_source`
proves. TINYLAB_EVERY_NOTEBOOK=1 runs all cells of it nevertheless.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.notebooks.budgets import Meter, read_budgets
from tinylab.course.notebooks.build import REFERENCE_RUN, find_sources, run, source_names
from tinylab.paths import PROJECT

CELL_TIMEOUT_S = 1800  # against a hang, however busy the machine
NOTEBOOK_TIMEOUT_S = 3600  # nbval does not notice a kernel that died
LIVE = {"TINYLAB_STILLS": "0"}  # a picture takes a browser's start, some seconds each
pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module", params=source_names())
def source(request):
    return find_sources([request.param])[0]


@pytest.fixture(scope="module")
def work(source, tmp_path_factory):
    """One work folder a notebook: empty for the solutions, whose results the student then finds."""
    return tmp_path_factory.mktemp("work")


def test_solutions_give_the_stored_answers(source, work, tmp_path):
    notebook = tmp_path / "solution.ipynb"
    shutil.copy(PROJECT / "notebooks" / "solutions" / f"{source.name}.ipynb", notebook)
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", "-q"]
    command += [f"--nbval-cell-timeout={CELL_TIMEOUT_S}", "--nbval-kernel-name=python3"]
    with Meter() as meter:
        run = subprocess.run(
            [*command, str(notebook)],
            cwd=tmp_path,
            env={**os.environ, **REFERENCE_RUN, **LIVE, "TINYLAB_WORK": str(work)},
            capture_output=True,
            text=True,
            timeout=NOTEBOOK_TIMEOUT_S,
        )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    if path := os.environ.get("TINYLAB_WRITE_COSTS"):  # to make budgets of what CI itself measures
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({source.name: vars(meter.cost)}) + "\n")
        return
    budget = read_budgets()[source.name]
    assert meter.cost.within(budget), f"{meter.cost} exceeds its budget, {budget}, by half"


def test_unanswered_notebook_runs_to_the_end(source, work):
    notebook = source.student()
    if not os.environ.get("TINYLAB_EVERY_NOTEBOOK"):
        notebook.cells = [cell for cell in notebook.cells if differs(cell, source.imports())]
    run(notebook, source.name, work, **LIVE)
    printed = {
        cell.id: "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.id.startswith("check-")
    }
    for exercise_id in source.answers:
        assert printed[f"check-{exercise_id}"[:60]].startswith(
            f"{exercise_id}: not answered (0 of "
        )


def differs(cell, imports: str) -> bool:
    """Whether a cell does something else without answers: exercises, checks, what both import."""
    return "exercise" in cell.metadata or cell.id.startswith("check-") or cell.source == imports
