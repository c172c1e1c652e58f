"""A ranking: put together, run again, and no altered line believed."""

import json

import pytest
from click.testing import CliRunner

from tests.course.challenge.test_measure import predict_here
from tinylab.cli import main
from tinylab.course.challenge import leaderboard, measure
from tinylab.models import checkpoints


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(measure, "PATIENTS", 3)
    monkeypatch.setattr(measure, "predict_apart", predict_here)
    measure._measure.cache_clear()
    yield
    measure._measure.cache_clear()


@pytest.fixture(scope="module")
def program() -> bytes:
    return checkpoints.load("heartbeat", "compress", origin="reference").model


@pytest.fixture
def ranking(tmp_path, program):
    path = tmp_path / "class_a.jsonl"
    leaderboard.add(path, "Ada", program)
    leaderboard.add(path, "Bob", program + bytes(1000))
    return path


def changed(path, tmp_path, **figures):
    """A copy of a ranking whose first line says something else."""
    first, *others = path.read_text().splitlines()
    line = json.loads(first)
    line["result"].update(figures)
    copy = tmp_path / "altered.jsonl"
    copy.write_text("\n".join([json.dumps(line), *others]))
    return copy


def test_two_classes_in_one_file_best_first(tmp_path, ranking, program):
    other = tmp_path / "class_b.jsonl"
    leaderboard.add(other, "Cy", program + bytes(300))
    merged = leaderboard.merge([ranking, other], tmp_path / "all.jsonl")
    assert (merged.refused, merged.repeated) == ((), ())
    sizes = [entry.result.flash_bytes for entry in merged.entries]
    assert [entry.name for entry in merged.entries] == ["Ada", "Cy", "Bob"] and sizes == sorted(
        sizes
    )
    again = leaderboard.merge([tmp_path / "all.jsonl"], tmp_path / "again.jsonl")
    assert again.entries == merged.entries
    assert "  1 " in leaderboard.table(merged.entries)


def test_a_new_program_replaces_the_old_one_of_that_name(ranking, program):
    leaderboard.add(ranking, " Bob ", program + bytes(20))
    assert len(ranking.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "figures",
    [
        {"macro_f1": 0.99},
        {"energy_uJ": 1.0},
        {"flash_bytes": 10},
        {"seed": 4},
        {"recall": [1.0, 1.0, 1.0]},
    ],
)
def test_an_altered_line_is_refused_and_the_others_stay(tmp_path, ranking, figures):
    altered = changed(ranking, tmp_path, **figures)
    merged = leaderboard.merge([altered], tmp_path / "out.jsonl")
    (sentence,) = merged.refused
    assert "altered.jsonl, line 1: Ada's figures were altered" in sentence
    assert [entry.name for entry in merged.entries] == ["Bob"]


def test_another_program_under_the_same_figures_is_refused(tmp_path, ranking):
    first, second = map(json.loads, ranking.read_text().splitlines())
    first["program"] = second["program"]
    swapped = tmp_path / "swapped.jsonl"
    swapped.write_text(json.dumps(first) + "\n")
    (sentence,) = leaderboard.merge([swapped], tmp_path / "out.jsonl").refused
    assert "program is not the one" in sentence


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"name": "x"}', "[" * 3000])
def test_a_line_of_something_else_is_refused(tmp_path, line):
    path = tmp_path / "other.jsonl"
    path.write_text(line)
    (sentence,) = leaderboard.merge([path], tmp_path / "out.jsonl").refused
    assert sentence == "other.jsonl, line 1 is not a line of a ranking"


def test_the_same_line_twice_counts_once_and_is_said(tmp_path, ranking):
    merged = leaderboard.merge([ranking, ranking], tmp_path / "out.jsonl")
    assert len(merged.entries) == 2 and len(merged.repeated) == 2


def test_a_teachers_own_patients(tmp_path, ranking):
    merged = leaderboard.merge([ranking], tmp_path / "out.jsonl", seed=99)
    assert {entry.result.seed for entry in merged.entries} == {99}


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_name_is_needed(tmp_path, program, name):
    with pytest.raises(ValueError, match="a name of 1 to 60"):
        leaderboard.add(tmp_path / "r.jsonl", name, program)
    assert not (tmp_path / "r.jsonl").exists()


def test_the_commands(tmp_path, ranking, program):
    path, run = tmp_path / "own.tflite", CliRunner().invoke
    path.write_bytes(program)
    assert "macro F1" in run(main, ["heartbeat", "check", str(path)]).output
    added = run(main, ["heartbeat", "add", str(path), "--name", "Di", "--ranking", str(ranking)])
    assert added.exit_code == 0 and added.output.startswith("Di: ")
    altered = changed(ranking, tmp_path, macro_f1=0.99)
    out = str(tmp_path / "all.jsonl")
    merged = run(main, ["heartbeat", "merge", str(altered), "--out", out])
    assert merged.exit_code == 3 and "were altered: macro_f1" in merged.output
