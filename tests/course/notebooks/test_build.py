"""The build writes clean notebooks, notices differences, and tells which cell fails."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.notebooks import build
from tinylab.course.notebooks.outputs import WIDGET_VIEW, tidy
from tinylab.course.notebooks.source import SourceError

SOURCE = '''\
# %% [markdown]
# # A title

# %%
import os

from tinylab.course import check

# %% exercise="twice"
def twice(x):
    """Two times x. Example: twice(2) is 4."""
    # solution
    return 2 * x
    # end solution

# %% [markdown]
# <details><summary>Hint</summary>Add.</details>

# %%
# NBVAL_CHECK_OUTPUT
check("twice", twice)
'''
PLAIN = "# %% [markdown]\n# # A title\n\n# %%\nimport os\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of notebooks with one source, whose exercise needs no judging."""
    point = Point("anything", lambda answer, rng: None)
    known = {"twice": Exercise("twice", "Twice", (point,))}
    monkeypatch.setattr(build, "all_exercises", lambda: known)
    (tmp_path / "source" / "01_part").mkdir(parents=True)
    (tmp_path / "source" / "01_part" / "1_name.py").write_text(SOURCE)
    return tmp_path


def source_of(folder, text=SOURCE):
    (folder / "source" / "01_part" / "1_name.py").write_text(text)
    return build.find_sources(folder=folder)[0]


def test_names_choose_notebooks(folder):
    (folder / "source" / "01_part" / "1_name_more.py").write_text(SOURCE)
    sources = build.find_sources(["1_name_more"], folder=folder)
    assert [source.name for source in sources] == ["01_part/1_name_more"]
    assert len(build.find_sources(["01_part/1_name"], folder=folder)) == 1, "a whole name is enough"
    with pytest.raises(build.BuildError, match="called 'other'; there are 01_part/1_name, "):
        build.find_sources(["other"], folder=folder)
    with pytest.raises(SourceError, match="'twice' is also in 01_part/1_name"):
        build.find_sources(folder=folder)


def test_an_exercise_without_points(folder, monkeypatch):
    monkeypatch.setattr(build, "all_exercises", dict)
    with pytest.raises(SourceError, match="exercise 'twice' has no points"):
        build.find_sources(folder=folder)


def test_student_notebooks_are_the_same_every_time(folder):
    source = source_of(folder)
    (path,) = build.write_students([source], folder)
    first = path.read_bytes()
    assert build.write_students([source_of(folder)], folder) == [path]
    assert path.read_bytes() == first
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert 'raise NotImplementedError("twice")' in notebook.cells[3].source


def test_differences_are_named(folder):
    source = source_of(folder)
    assert [line.split()[0] for line in build.differences([source], folder)] == [
        "01_part/1_name",
        "solutions/01_part/1_name",
    ]
    (path,) = build.write_students([source], folder)
    solution = folder / "solutions" / "01_part" / "1_name.ipynb"
    solution.parent.mkdir(parents=True)
    nbformat.write(source.solution(), solution)
    assert build.differences([source], folder) == []
    changed = source_of(folder, SOURCE.replace("A title", "Another title"))
    assert len(build.differences([changed], folder)) == 2
    path.write_text(path.read_text().replace('"outputs": []', '"outputs": [ ]'))
    assert len(build.differences([source], folder)) == 1


def test_too_large(folder, monkeypatch):
    monkeypatch.setattr(build, "SIZE_LIMIT", 1000)
    with pytest.raises(build.BuildError, match="at most 1,000 may be"):
        build.write_students([source_of(folder)], folder)
    assert not (folder / "01_part" / "1_name.ipynb").exists()


def test_what_differs_between_runs_is_taken_out():
    audio = {"text/html": "<audio src='data:audio/wav;base64,UklG'>", "text/plain": "<Audio>"}
    view = {WIDGET_VIEW: {"model_id": "8f3"}, "text/plain": "Box()"}
    picture = {WIDGET_VIEW: {"model_id": "8f3"}, "image/png": "iVBO", "text/plain": "Box()"}
    outputs = [
        new_output("stream", name="stderr", text="3 it/s"),
        new_output("stream", name="stdout", text="right"),
        new_output("display_data", data=audio),
        new_output("display_data", data=view),
        new_output("display_data", data=picture),
        new_output("execute_result", data={"text/plain": "<object at 0x7f12ab>"}),
    ]
    cell = new_code_cell("1", outputs=outputs, metadata={"execution": {"start": "now"}})
    notebook = new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    tidied = tidy(notebook)
    assert "widgets" not in tidied.metadata
    assert tidied.cells[0].metadata == {}
    kept = tidied.cells[0].outputs
    assert kept[0].text == "right"
    assert [dict(output.data) for output in kept[1:]] == [
        {"text/html": "<i>A sound: run the cell to hear it.</i>", "text/plain": "<Audio>"},
        {"image/png": "iVBO", "text/plain": "Box()"},
        {"text/plain": "<object>"},
    ]


def test_execute_stores_the_outputs_of_a_run_of_its_own(folder):
    text = PLAIN + "\n# %%\nprint(os.environ['TINYLAB_STILLS'], len(os.listdir('.')))\n"
    path = build.execute(source_of(folder, text), folder)
    cells = nbformat.read(path, as_version=4).cells
    assert cells[-1].outputs[0].text == "1 0\n"
    assert not any("execution" in cell.metadata for cell in cells)


def test_new_text_keeps_the_outputs_and_a_new_program_does_not(folder):
    code = '\n# %%\ndef of(x):\n    """Before."""\n    return x\nprint(of(3), "and", "so on")\n'
    path = build.execute(source_of(folder, PLAIN + code), folder)
    text = (PLAIN + code).replace("A title", "Another").replace("Before", "After")
    text = text.replace('of(3), "and"', "of(\n    3  # three\n), 'a' 'nd'")
    assert build.write_solutions([source_of(folder, text)], folder) == [path]
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].source == "# Another" and "After" in cells[-1].source
    assert cells[-1].outputs[0].text == "3 and so on\n"
    assert build.write_solutions([source_of(folder, text)], folder) == []
    before = path.read_bytes()
    for other in (text.replace("3  #", "4  #"), text + "\n# %%\n1\n"):
        assert build.write_solutions([source_of(folder, other)], folder) == []
    assert path.read_bytes() == before
    path.unlink()
    assert build.write_solutions([source_of(folder, text)], folder) == []


def test_a_failing_cell_is_named_and_nothing_is_written(folder):
    with pytest.raises(build.BuildError) as raised:
        build.execute(source_of(folder, PLAIN + "\n# %%\n1 / 0\n"), folder)
    assert str(raised.value) == (
        "solutions/01_part/1_name: cell a-title-2 raised ZeroDivisionError: division by zero"
    )
    assert not (folder / "solutions").exists()
