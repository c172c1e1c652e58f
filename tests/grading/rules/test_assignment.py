"""What was asked is read from student notebooks as they were built, else from their sources."""

import json
import shutil

import pytest

from tinylab.course.notebooks import build
from tinylab.grading.rules.assignment import load_assignments

NAME = "00_start_here"


@pytest.fixture
def folder(tmp_path):
    """A folder of one notebook: its source, and the student notebook as built."""
    (tmp_path / "source").mkdir()
    shutil.copy(build.notebooks_dir() / "source" / f"{NAME}.py", tmp_path / "source")
    build.write_students(build.find_sources(folder=tmp_path), tmp_path)
    return tmp_path


def test_what_was_built_says_all_that_the_source_says(folder, monkeypatch):
    (folder / f"{NAME}.ipynb").rename(folder / "aside")
    of_source = load_assignments(folder)
    (folder / "aside").rename(folder / f"{NAME}.ipynb")
    monkeypatch.setattr(build, "read_source", None)  # not to be called
    assert load_assignments(folder) == of_source
    assert len(of_source[NAME].functions) == len(of_source[NAME].exercise_ids) > 3


@pytest.mark.parametrize("damage", ["answered", "marks gone", "not JSON", "no object"])
def test_a_notebook_somebody_works_in_is_not_what_was_asked(folder, damage):
    asked = load_assignments(folder)
    student = folder / f"{NAME}.ipynb"
    notebook = json.loads(student.read_text("utf-8"))
    if damage == "answered":
        cell = next(cell for cell in notebook["cells"] if "exercise" in cell["metadata"])
        cell["source"] = ["def weight_bytes(n, bits):\n", "    return 7"]
    else:
        notebook["metadata"].pop("tinylab")
    texts = {"not JSON": "{", "no object": "[1]"}
    student.write_text(texts.get(damage, json.dumps(notebook)), encoding="utf-8")
    assert load_assignments(folder) == asked


def test_a_source_that_was_edited_counts_before_it_is_built(folder):
    source = folder / "source" / f"{NAME}.py"
    text = source.read_text("utf-8")
    source.write_text(text.replace("Start here", "Begin here"), encoding="utf-8")
    assert "Begin here" in json.dumps(load_assignments(folder)[NAME].notebook)
