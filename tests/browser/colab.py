"""An environment with the widget libraries that Colab ships, made for one run and thrown away.

Everything else comes from the environment that runs the tests: its site-packages stand behind.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import v4

from tinylab.paths import PROJECT

PINS = ("ipywidgets==7.7.1", "anywidget==0.9.21", "plotly==5.24.1")
WITH_THEM = ("ipython_genutils==0.2.0", "tenacity==9.2.1")  # what the old ones import besides
WAIT_S = 120
KERNEL = "colab"
STATE = "application/vnd.jupyter.widget-state+json"


def make_environment(folder: Path) -> Path:
    """Python of a new environment with the pins; skips where that takes longer than two minutes."""
    python = folder / "bin" / "python"
    try:
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(python), "-m", "pip", "install", "-q", "--no-deps", *PINS, *WITH_THEM])
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"no environment with Colab's versions within {WAIT_S} s: {error}")
    site = next((folder / "lib").glob("python*/site-packages"))
    behind = (sysconfig.get_path("purelib"), str(PROJECT))
    (site / "behind.pth").write_text("\n".join(behind) + "\n")
    return python


def run(command: list[str]) -> None:
    """Run a command quietly, for at most `WAIT_S`."""
    subprocess.run(command, check=True, capture_output=True, timeout=WAIT_S)


def run_cells(python: Path, cells, monkeypatch) -> tuple[list[str], dict]:
    """What cells print in a kernel of that environment, and the widgets' state as it was sent."""
    prefix = python.parents[1]
    run([str(python), "-m", "ipykernel", "install", "--prefix", str(prefix), "--name", KERNEL])
    monkeypatch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
    monkeypatch.setenv("PATH", f"{python.parent}{os.pathsep}{os.environ['PATH']}")
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name=KERNEL, timeout=WAIT_S).execute()
    printed = [
        output["text"].strip()
        for cell in notebook.cells
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stdout"
    ]
    return printed, nbformat.from_dict(notebook.metadata.widgets[STATE]["state"])
