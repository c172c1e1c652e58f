"""Every notebook file: equal to its source, small, without widget state, with stable ids."""

import re

import nbformat
import pytest

from tests.sources import source_of
from tinylab import paths
from tinylab.course.notebooks.build import SIZE_LIMIT, differences, source_names

FOLDER = paths.PROJECT / "notebooks"
IGNORED = {"my_work", ".ipynb_checkpoints"}
FILES = sorted(p for p in FOLDER.rglob("*.ipynb") if not IGNORED & set(p.relative_to(FOLDER).parts))
every_file = pytest.mark.parametrize(
    "path", FILES, ids=[path.relative_to(FOLDER).as_posix() for path in FILES]
)


@pytest.mark.parametrize("name", source_names())
def test_notebooks_equal_their_source(name):
    assert differences([source_of(name)]) == []


def test_no_notebook_without_a_source():
    names = set(source_names())
    expected = {FOLDER / f"{name}.ipynb" for name in names}
    expected |= {FOLDER / "solutions" / f"{name}.ipynb" for name in names}
    assert set(FILES) <= expected


@every_file
def test_small_and_without_widget_state(path):
    assert path.stat().st_size <= SIZE_LIMIT
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    built = set() if "solutions" in path.parts else {"tinylab"}  # by which grading knows it
    assert set(notebook.metadata) == {"kernelspec", "language_info"} | built
    assert notebook.metadata.kernelspec.name == "python3"


@every_file
def test_ids_come_from_headings_and_exercises(path):
    cells = nbformat.read(path, as_version=4).cells
    ids = [cell.id for cell in cells]
    assert len(set(ids)) == len(ids)
    random = re.compile(r"[0-9a-f]{8}(-[0-9a-f-]+)?")
    assert not [cell_id for cell_id in ids if random.fullmatch(cell_id)]


@every_file
def test_student_notebooks_are_clean_and_solutions_were_run_in_order(path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if "solutions" in path.parts:
        assert counts == list(range(1, len(code) + 1))
    else:
        assert counts == [None] * len(code)
        assert not any(cell.outputs for cell in code)


@every_file
def test_no_machine_is_left_in_the_outputs(path):
    text = path.read_text(encoding="utf-8")
    assert str(paths.PROJECT) not in text
    assert "/tmp/" not in text
