"""The class's board: models are measured anew, nothing in them is run, and nobody is named."""

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.grading.board import measure as module
from tinylab.grading.board.measure import Measured, measure
from tinylab.grading.board.page import Place, board_page, with_front
from tinylab.grading.board.pseudonyms import pseudonyms
from tinylab.grading.board.tasks import Task
from tinylab.grading.intake.handins import take_in
from tinylab.models import checkpoints


@pytest.fixture(scope="module")
def keywords() -> bytes:
    return checkpoints.load("keyword_spotting", "compress", origin="reference").model


@pytest.fixture
def few_clips(monkeypatch):
    """A test of eight clips, on which every answer is right that is the model's own."""
    clips = np.random.default_rng(0).normal(size=(8, 49, 10, 1)).astype(np.float32)
    seen = []

    def judge(outputs):
        seen.append(outputs)
        return 0.5

    task = Task("keyword_spotting", "accuracy", clips, judge, 8)
    monkeypatch.setattr(module, "task_of", lambda shape: task)
    return task, seen


def test_a_model_is_measured_as_litert_runs_it(keywords, few_clips):
    from tinylab import cost
    from tinylab.deploy.litert import LiteRTModel
    from tinylab.graph import read_tflite

    task, seen = few_clips
    measured = measure(keywords)
    np.testing.assert_array_equal(seen[0], LiteRTModel(keywords).predict(task.inputs))
    spent = cost.energy(read_tflite(keywords), cost.default_board())
    assert measured.energy_uJ == pytest.approx(spent.energy_uJ)
    assert (measured.value, measured.examples, measured.flash_bytes) == (0.5, 8, len(keywords))


@pytest.mark.parametrize("content", [b"", b"junk" * 500, b"\x1c\0\0\0TFL3" + b"\xff" * 400])
def test_what_is_no_model_is_a_sentence(content):
    with pytest.raises(ValueError, match="cannot read or run"):
        measure(content)


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        (np.zeros((3, 12), np.float32), "one row of numbers"),
        (np.full((8, 12), np.nan, np.float32), "not finite"),
        (np.array([print], dtype=object), "no outputs"),
    ],
)
def test_only_numbers_come_back(tmp_path, outputs, sentence):
    np.save(tmp_path / "outputs.npy", outputs, allow_pickle=True)
    with pytest.raises(ValueError, match=sentence):
        module._outputs(tmp_path / "outputs.npy", 8)


def test_a_heart_monitor_is_judged_by_macro_f1():
    stored = checkpoints.load("heartbeat", "compress", origin="reference")
    found = measure(stored.model)
    assert (found.application, found.score) == ("heartbeat", "macro F1")
    # XNNPACK's integers may differ by one from the reference kernels'.
    assert found.value == pytest.approx(stored.metrics["macro_f1"], abs=0.005)


def test_pseudonyms_are_different_and_follow_from_the_key(key):
    students = [f"student {n}" for n in range(300)]
    names = pseudonyms(students, key)
    assert len(set(names.values())) == 300 and names == pseudonyms(students[::-1], key)
    assert not any("student" in name for name in names.values())


def place(name: str, value: float, energy_uJ: float) -> Place:
    model = Measured("keyword_spotting", "accuracy", value, 100, energy_uJ, 1.0, 1e4, 1e6, "chip")
    return Place(name, model)


def test_the_front_is_what_nobody_beats_in_both():
    places = [place("a", 0.9, 50), place("b", 0.8, 60), place("c", 0.7, 10), place("d", 0.9, 40)]
    assert {one.pseudonym for one in with_front(places) if one.on_front} == {"d", "c"}
    page = board_page([*places, place("<b>", 0.5, 5)])
    assert "&lt;b&gt;" in page and "<script" not in page and page.count("<circle") == 2


def test_only_who_hands_in_a_model_for_it_is_on_the_board(
    tmp_path, monkeypatch, keywords, few_clips, solved
):
    for student, name in (("ada", "board_kws.tflite"), ("bob", "other.tflite")):
        (tmp_path / "in" / student).mkdir(parents=True)
        (tmp_path / "in" / student / name).write_bytes(keywords)
        (tmp_path / "in" / student / "work.ipynb").write_text(json.dumps(solved))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("work/board.tflite", b"junk")
        archive.writestr("work/work.ipynb", json.dumps(solved))
    (tmp_path / "in" / "eve.zip").write_bytes(packed.getvalue())
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["board", "in", "--out", "out", "--key", "key"])
    assert result.exit_code == 0 and "1 models in" in result.output, result.output
    assert "eve.zip!work/board.tflite: LiteRT cannot read" in result.output
    with (tmp_path / "out" / "board_names.csv").open(newline="") as file:
        ada, eve = csv.DictReader(file)
    page = (tmp_path / "out" / "board.html").read_text()
    assert (ada["student"], eve["student"]) == ("ada", "eve")
    assert ada["pseudonym"] in page and "ada" not in page.replace("data", "")
    assert eve["pseudonym"] not in page


def test_models_leave_the_notebooks_of_a_hand_in_as_they_are(tmp_path, config, solved):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "board.tflite").write_bytes(b"x")
    (alone,) = take_in(tmp_path, config.intake).handins
    assert alone.status == "unreadable" and "only board.tflite" in alone.problem
    (tmp_path / "ada" / "work.ipynb").write_text(json.dumps(solved))
    intake = take_in(tmp_path, config.intake)
    assert [one.path for one in intake.handins] == ["ada/work.ipynb"]
    assert [one.path for one in intake.models] == ["ada/board.tflite"]
