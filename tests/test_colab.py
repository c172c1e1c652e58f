"""Google Colab: its versions are accepted, its notebooks set themselves up, the doctor knows it."""

import os
import re
import subprocess
import sys
import types
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from tinylab import doctor
from tinylab.course.notebooks.build import find_sources
from tinylab.course.notebooks.claims import is_claims
from tinylab.course.notebooks.set_up import FOLDER, SET_UP
from tinylab.paths import PROJECT

# What Colab shipped in autumn 2026, of what the notebooks import.
COLAB = {
    "numpy": "2.0.2",
    "scipy": "1.16.3",
    "scikit-learn": "1.6.1",
    "pandas": "2.2.2",
    "tensorflow": "2.20.0",
    "keras": "3.13.2",
    "ipykernel": "6.17.1",
    "ipywidgets": "7.7.1",
    "plotly": "5.24.1",
    "anywidget": "0.9.21",
}
# What only a computer of one's own needs: JupyterLab, still pictures, a serial port, an old Python.
NOT_THERE = {"jupyterlab", "kaleido", "pyserial", "tensorflow-cpu"}
NEW = {"python_version": "3.12", "platform_machine": "x86_64", "platform_system": "Linux"}
RUN_IT = "from nbclient.cli import main; main()"
RUN = ("00_start_here", "01_keyword_spotting/1_train", "01_keyword_spotting/2_compress")


def requirements(lines) -> dict[str, Requirement]:
    """The requirements of a file by name."""
    texts = [line.split(" #")[0].strip() for line in lines]
    read = [Requirement(text) for text in texts if text and text[0] not in "#-"]
    return {one.name: one for one in read if one.marker is None or one.marker.evaluate(NEW)}


def asked_for() -> dict[str, Requirement]:
    return requirements((PROJECT / "colab.txt").read_text("utf-8").splitlines())


def test_everything_that_the_notebooks_need_is_asked_for():
    text = (PROJECT / "requirements.txt").read_text("utf-8")
    for_learners, mark, _ = text.partition("# Authors and tests")
    needed = set(requirements(for_learners.splitlines())) - NOT_THERE
    assert mark and needed <= set(asked_for())


def test_bounds_hold_for_colab_and_for_the_pins():
    pins = requirements((PROJECT / "requirements.txt").read_text("utf-8").splitlines())
    for name, one in asked_for().items():
        assert {bound.operator for bound in one.specifier} == {">="}, name
        pin = pins["tensorflow-cpu" if name == "tensorflow" else name]
        versions = [next(iter(pin.specifier)).version, *(COLAB[n] for n in COLAB if n == name)]
        assert all(one.specifier.contains(v, prereleases=True) for v in versions), name


def test_the_first_cell_does_nothing_elsewhere(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    before = list(sys.path)
    names = {}
    exec(SET_UP, names)
    assert sys.path == before and set(names) - {"__builtins__"} == {"sys"}


def test_the_first_cell_sets_colab_up(monkeypatch):
    done = []
    drive = types.SimpleNamespace(mount=lambda place: done.append(("mount", place)))
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    sys.modules["google.colab"].drive = drive
    monkeypatch.setattr(subprocess, "run", lambda words, check: done.append((words[1:], check)))
    monkeypatch.setattr(sys, "path", list(sys.path))
    exec(SET_UP, {})
    install = ["-m", "pip", "install", "-q", "-r", f"{FOLDER}/colab.txt"]
    assert done == [("mount", "/content/drive"), (install, True)] and sys.path[0] == FOLDER


def test_the_doctor_on_colab(tmp_path, monkeypatch):
    monkeypatch.setenv(doctor.ON_COLAB, "release-colab")
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    monkeypatch.setattr(doctor, "DRIVE", tmp_path / "drive")
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: "99")
    findings = {finding.what: finding for finding in doctor.examine()}
    assert set(findings) == {"Python", "packages", "work folder", "data sets"}
    assert "packages as in colab.txt" in findings["packages"].detail
    assert "goes with the session" in findings["work folder"].detail
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "drive" / "my_work"))
    assert doctor.colab_work_folder().fine


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Python of an environment that has Colab's versions, and what colab.txt adds to them."""
    if made := os.environ.get("TINYLAB_COLAB_PYTHON"):
        return Path(made)
    if not os.environ.get("TINYLAB_EVERY_NOTEBOOK"):
        pytest.skip("installs TensorFlow anew, which takes minutes: set TINYLAB_EVERY_NOTEBOOK=1")
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pins = folder / "versions.txt"
    pins.write_text("\n".join(f"{name}=={version}" for name, version in COLAB.items()))
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
    files = ["-r", str(PROJECT / "colab.txt"), "-c", str(pins)]
    subprocess.run([*install, *files, "pytest", "nbval", "hypothesis"], check=True)
    return folder / "bin" / "python"


@pytest.mark.notebook
@pytest.mark.colab
@pytest.mark.parametrize("name", RUN)
def test_solutions_run_with_colabs_versions(python, name, tmp_path):
    """Without their claims, which students have not: those hold for the pinned versions' models."""
    solution = find_sources([name])[0].solution()
    solution.cells = [cell for cell in solution.cells if not is_claims(cell)]
    notebook = tmp_path / "solution.ipynb"
    nbformat.write(solution, notebook)
    prefix = python.parents[1]
    kernel = ["-m", "ipykernel", "install", "--prefix", str(prefix), "--name", "python3"]
    subprocess.run([str(python), *kernel], check=True, capture_output=True)
    run = subprocess.run(
        [str(python), "-c", RUN_IT, "--timeout=600", "--output=ran", str(notebook)],
        cwd=tmp_path,
        env={
            **{key: value for key, value in os.environ.items() if key != "PYTHONHOME"},
            "JUPYTER_PATH": str(prefix / "share" / "jupyter"),
            "PYTHONPATH": str(PROJECT),
            "TINYLAB_WORK": str(tmp_path / "work"),
            "TINYLAB_STILLS": "0",
        },
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    ran = nbformat.read(tmp_path / "ran.ipynb", as_version=4)
    printed = [cell.outputs[0].text for cell in ran.cells if cell.id.startswith("check-")]
    earned = [re.match(r"\w+: (\d+) of (\d+) points", text).groups() for text in printed]
    assert earned and all(points == maximum for points, maximum in earned)
