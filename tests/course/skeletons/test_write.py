"""Skeletons: what `tinylab new` writes passes the generic tests, and a refusal writes nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tinylab import doctor
from tinylab.cli import main
from tinylab.course.notebooks.build import BuildError
from tinylab.course.skeletons import write
from tinylab.paths import PROJECT

OF_ALL_NOTEBOOKS = " or ".join(
    (
        "test_every_class_has_one_section",
        "test_every_notebook_has_a_budget",
        "test_the_table_in_readme_is_one_that_can_be_written",
    )
)
NOT_COPIED = shutil.ignore_patterns("__pycache__", "reference", "*.ipynb", "my_work")


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of the package, the tests, the source notebooks and guide, in a path with a space."""
    root = tmp_path_factory.mktemp("a clone")
    for folder in ("tinylab", "tests", "notebooks", "benchmarks", "docs/teaching"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=NOT_COPIED)
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(PROJECT / file, root)
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
@pytest.mark.skipif(
    not doctor.browser().fine, reason="a solution without pictures: no Chromium on this machine"
)
def test_what_is_written_passes_the_generic_tests(clone):
    tinylab = "-m", "tinylab.cli", "new"
    pytest_run = "-m", "pytest", "-q", "-p", "no:cacheprovider"
    said = run_in(clone, *tinylab, "notebook", "07_gestures/1_train")
    named = said.split("Try it: pytest ")[1].splitlines()[0].split()
    assert named[-2:] == ["-k", "07_gestures/1_train"]
    named[-1] += f" or {OF_ALL_NOTEBOOKS}"
    run_in(clone, *pytest_run, *named)
    run_in(clone, *tinylab, "exercise", "wrist_energy_uJ", "--notebook", "07_gestures/1_train")
    run_in(clone, *tinylab, "explorer", "wrist_speed", "--folder", "train")
    student = (clone / "notebooks/07_gestures/1_train.ipynb").read_text(encoding="utf-8")
    assert 'NotImplementedError(\\"wrist_energy_uJ\\")' in student
    run_in(clone, "-m", "tinylab.cli", "build", "--execute", "07_gestures/1_train")
    run_in(clone, *pytest_run, *named)
    chosen = "wrist_energy_uJ or wrist_speed or 1_train and 07 or is_left_out or house"
    printed = run_in(
        clone, *pytest_run, "tests/course/test_exercises.py", "tests/explore", "-k", chosen
    )
    passed = int(printed.split(" passed")[0].split()[-1])
    assert passed >= 15, printed


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Ledger", "Ledger, check"),
        ("Ledger, check", "Ledger, check"),
        ("data, Ledger", "Ledger, check, data"),
    ],
)
def test_a_notebook_imports_check_for_its_first_exercise(line, wanted):
    text = "# %%\nfrom tinylab.course import {}\nimport x\n"
    assert write._with_check(text.format(line), "") == text.format(wanted)
    with pytest.raises(ValueError, match="08_other has no line"):
        write._with_check("import x\n", "08_other")


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


GUIDE = """# Other

## 08_other/1_train

| exercise | usual mistakes | ask |
|---|---|---|
| `old` | none | why? |

## 08_other/2_compress
"""


def test_nothing_half_written_stays(tmp_path):
    """In a project whose exercises are not the installed ones the notebook cannot be built."""
    source = tmp_path / "notebooks" / "source" / "08_other" / "1_train.py"
    source.parent.mkdir(parents=True)
    source.write_text("# %% [markdown]\n# # Other\n\n# %%\nfrom tinylab.course import check\n")
    page = tmp_path / "docs" / "teaching" / "8_other.md"
    page.parent.mkdir(parents=True)
    page.write_text(GUIDE)
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="has no points"):
        write.new_exercise("fresh_exercise", "08_other/1_train", project=tmp_path)
    assert contents(tmp_path) == before
    assert not (tmp_path / "tinylab/course/exercises/other").exists()


def test_a_notebook_that_does_not_run_leaves_nothing(tmp_path, monkeypatch):
    for file in ("README.md", "tests/notebooks/budgets.json", "docs/teaching/README.md"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / file, tmp_path / file)

    def dies(source, folder):
        raise BuildError("the kernel died")

    monkeypatch.setattr(write, "execute", dies)
    before = contents(tmp_path)
    with pytest.raises(BuildError, match="died"):
        write.new_notebook("12_gestures/1_train", project=tmp_path)
    assert contents(tmp_path) == before and not (tmp_path / "notebooks" / "12_gestures").exists()


def test_a_notebook_is_not_written_without_a_guide(tmp_path):
    with pytest.raises(ValueError, match="README.md is not there"):
        write.new_notebook("12_gestures/1_train", project=tmp_path)
    assert contents(tmp_path) == {}


def test_an_explorer_is_written_once(tmp_path):
    made = write.new_explorer("bit_error", "compress", project=tmp_path)
    assert [path.name for path in made.written] == ["bit_error.py", "__init__.py"]
    assert "def bit_error_explorer()" in made.written[0].read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="already, in compress"):
        write.new_explorer("bit_error", "adapt", project=tmp_path)
