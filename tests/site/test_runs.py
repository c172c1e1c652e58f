"""A kept run is used while all that it came from is the same, and never afterwards."""

import pytest
from nbformat.v4 import new_output

from tests.site.small_class import NAME, SOURCE, executed, small_class
from tinylab.course.notebooks.build import BuildError
from tinylab.course.notebooks.source import read_source
from tinylab.site import runs


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a package and data of one file each, and a count of its runs."""
    for name in ("tinylab/cost/model.py", "tinylab/grading/rules.py", "datasets/words.csv"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("1")
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6")
    monkeypatch.setattr(runs.paths, "PROJECT", tmp_path)
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setattr(runs, "run", lambda notebook, name, work, **env: count.append(env))
    count = []
    return tmp_path, count


def ask(folder, source=None):
    source = source or small_class(folder)
    return runs.executed_solution(source, folder / "runs", say=lambda sentence: None)


def test_a_run_is_kept_and_has_every_setting(project):
    folder, count = project
    assert ask(folder).metadata[runs.DIGEST] == ask(folder).metadata[runs.DIGEST]
    assert count == [{"TINYLAB_STATES": "1"}]


@pytest.mark.parametrize(
    "changed", ["tinylab/cost/model.py", "datasets/words.csv", "requirements.txt"]
)
def test_a_run_of_something_else_is_not_used(project, changed):
    folder, count = project
    ask(folder)
    (folder / changed).write_text("2")
    ask(folder)
    assert len(count) == 2


def test_other_code_is_run_anew_but_other_words_are_not(project):
    folder, count = project
    ask(folder)
    path = folder / "source" / f"{NAME}.py"
    path.write_text(SOURCE.replace("It takes a minute.", "It takes two."))
    ask(folder, read_source(path, NAME))
    (folder / "tinylab/grading/rules.py").write_text("2")
    ask(folder, read_source(path, NAME))
    assert len(count) == 1
    path.write_text(SOURCE.replace("reveal(42.0)", "reveal(43.0)"))
    ask(folder, read_source(path, NAME))
    assert len(count) == 2


def test_an_explorer_that_cannot_be_saved_stops_the_build(project, monkeypatch):
    folder, _ = project
    failed = new_output("error", ename="ValueError", evalue="leave some out", traceback=[])

    def run(notebook, name, work, **environment):
        notebook.cells[1].outputs = [failed]

    monkeypatch.setattr(runs, "run", run)
    with pytest.raises(BuildError, match="shows ValueError: leave some out"):
        ask(folder)
    assert not (folder / "runs" / f"{NAME}.ipynb").exists()


def test_a_stored_solution_of_another_source_is_refused(tmp_path):
    source = small_class(tmp_path)
    with pytest.raises(BuildError, match="differs from its source"):
        runs.stored_solution(source, tmp_path)
    path = tmp_path / "solutions" / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    import nbformat

    nbformat.write(executed(source), path)
    assert runs.stored_solution(source, tmp_path).cells[-2].outputs
