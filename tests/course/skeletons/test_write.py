"""Skeletons: what `tinylab new` writes passes the generic tests, and a refusal writes nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.course.skeletons import write
from tinylab.paths import PROJECT

NOT_COPIED = shutil.ignore_patterns("__pycache__", "reference", "*.ipynb", "my_work")


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of the package, the tests and the source notebooks, in a path with a space."""
    root = tmp_path_factory.mktemp("a clone")
    for folder in ("tinylab", "tests", "notebooks"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=NOT_COPIED)
    shutil.copy(PROJECT / "pyproject.toml", root)
    return root


def run_in(clone: Path, *command: str) -> str:
    """What a command prints, run with the copy's own package."""
    result = subprocess.run(
        [sys.executable, *command],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.training
def test_what_is_written_passes_the_generic_tests(clone):
    tinylab = "-m", "tinylab.cli", "new"
    run_in(clone, *tinylab, "notebook", "07_gestures/1_train")
    run_in(clone, *tinylab, "exercise", "wrist_energy_uJ", "--notebook", "07_gestures/1_train")
    run_in(clone, *tinylab, "explorer", "wrist_speed", "--folder", "train")
    student = (clone / "notebooks/07_gestures/1_train.ipynb").read_text(encoding="utf-8")
    assert 'NotImplementedError(\\"wrist_energy_uJ\\")' in student
    pytest_run = "-m", "pytest", "-q", "-p", "no:cacheprovider"
    chosen = "wrist_energy_uJ or wrist_speed or 1_train and 07 or is_left_out or house"
    printed = run_in(
        clone, *pytest_run, "tests/course/test_exercises.py", "tests/explore", "-k", chosen
    )
    passed = int(printed.split(" passed")[0].split()[-1])
    assert passed >= 15, printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("exercise", "2bits", "--notebook", "00_start_here"), "no usable name"),
        (("exercise", "Bits", "--notebook", "00_start_here"), "no usable name"),
        (("exercise", "lambda", "--notebook", "00_start_here"), "no usable name"),
        (("exercise", "weight_bytes", "--notebook", "00_start_here"), "already"),
        (("exercise", "fresh", "--notebook", "start"), "pass its whole name"),
        (("explorer", "noise", "--folder", "train"), "already"),
        (("explorer", "../noise", "--folder", "train"), "no usable name"),
        (("explorer", "fresh", "--folder", "widget"), "no folder 'widget'"),
        (("notebook", "codesign"), "is no name of a notebook"),
        (("notebook", "../09_x/1_y"), "is no name of a notebook"),
        (("notebook", "01_keyword_spotting/2_other"), "has that number already"),
    ],
)
def test_refusals_are_one_sentence(arguments, sentence):
    result = CliRunner().invoke(main, ["new", *arguments])
    assert result.exit_code == 1
    assert sentence in result.output and len(result.output.strip().splitlines()) == 1


def test_nothing_half_written_stays(tmp_path, monkeypatch):
    """In a project whose exercises are not the installed ones the notebook cannot be built."""
    source = tmp_path / "notebooks" / "source" / "08_other" / "1_train.py"
    source.parent.mkdir(parents=True)
    source.write_text("# %% [markdown]\n# # Other\n\n# %%\nfrom tinylab.course import check\n")
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="has no points"):
        write.new_exercise("fresh_exercise", "08_other/1_train", project=tmp_path)
    assert contents(tmp_path) == before
    assert not (tmp_path / "tinylab/course/exercises/other").exists()


def test_an_explorer_is_written_once(tmp_path):
    made = write.new_explorer("bit_error", "compress", project=tmp_path)
    assert [path.name for path in made.written] == ["bit_error.py", "__init__.py"]
    assert "def bit_error_explorer()" in made.written[0].read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="already, in compress"):
        write.new_explorer("bit_error", "adapt", project=tmp_path)
