"""The ledger keeps rows between notebooks and shows what each step bought."""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from tinylab.course import Ledger
from tinylab.paths import PROJECT

TESTED = {"test_set": "test clips", "examples": 720}


@pytest.fixture
def ledger():
    book = Ledger("keyword_spotting")
    book.record(stage="train", accuracy=0.9012, weight_bytes=98_000, macs=2_656_768, **TESTED)
    return book


def test_a_stage_shows_its_change_since_the_one_it_was_made_from(ledger):
    ledger.record("other", accuracy=0.5, weight_bytes=1, macs=1, **TESTED)
    ledger.record(
        stage="compress",
        made_from="train",
        accuracy=0.8962,
        weight_bytes=24_500,
        macs=2_656_768,
        file_bytes=50_192,
        **TESTED,
    )
    row = ledger.table().iloc[2]
    assert row["accuracy"] == "89.6 % (-0.5)"
    assert row["tested on"] == "720 test clips"
    assert row["weights"] == "24.5 kB (-75 %)"
    assert row["file"] == "50.2 kB"
    assert "<td>50.2\N{NO-BREAK SPACE}kB</td>" in ledger._repr_html_()
    assert row["MACs"] == "2,657 k (+0 %)"


@pytest.mark.parametrize(
    "other",
    [
        {"examples": 360},
        {"test_set": "clips in low light"},
        {"quantity": "own words"},
        {"made_from": None},
        {"made_from": "nothing that was recorded"},
    ],
)
def test_no_change_of_accuracy_between_rows_that_count_otherwise(ledger, other):
    figures = TESTED | {"made_from": "train"} | other
    ledger.record("adapt", accuracy=0.7, **figures)
    assert ledger.table().iloc[1]["accuracy"] == "70.0 %"


def test_no_change_between_the_memory_of_training_and_of_inference(ledger):
    ledger.record("compress", made_from="train", ram_bytes=16_000)
    ledger.record("adapt", made_from="compress", ram_bytes=100_000, ram_of="training step")
    ledger.record("deploy", made_from="compress", ram_bytes=8_000)
    assert list(ledger.table()["RAM"])[1:] == ["16.0 kB", "100.0 kB", "8.0 kB (-50 %)"]


def test_another_notebook_finds_the_rows(ledger):
    assert [row.stage for row in Ledger("keyword_spotting").rows] == ["train"]
    assert Ledger("visual_wake_words").rows == ()


def test_running_a_stage_again_replaces_its_row_in_place(ledger):
    ledger.record("compress", accuracy=0.88)
    ledger.record("train", accuracy=0.91)
    assert [(row.stage, row.accuracy) for row in ledger.rows] == [
        ("train", 0.91),
        ("compress", 0.88),
    ]


def test_numpy_numbers_are_kept(ledger):
    ledger.record("compress", accuracy=np.float32(0.5), file_bytes=np.int64(3))
    assert json.loads(ledger.path.read_text())["rows"][1]["file_bytes"] == 3


def test_no_difference_in_time_between_boards(ledger):
    ledger.record("a", latency_ms=10.0, board="one", kind="modelled")
    ledger.record("b", made_from="a", latency_ms=5.0, board="one", kind="modelled")
    ledger.record("c", made_from="a", latency_ms=1.0, board="two", kind="published")
    assert list(ledger.table()["latency"])[1:] == ["10 ms", "5 ms (-50 %)", "1 ms"]


def test_the_score_of_anomaly_detection_is_an_auc():
    book = Ledger("anomaly_detection").record("train", accuracy=0.86, **TESTED)
    book.record("compress", made_from="train", accuracy=0.85, **TESTED)
    assert list(book.table()["AUC"]) == ["0.860", "0.850 (-0.010)"]


def test_instructions_are_shown_where_they_were_counted(ledger):
    assert "instructions" not in ledger._repr_html_()
    ledger.record("deploy, plain", instructions=1_720_910)
    ledger.record("deploy, dsp", made_from="deploy, plain", instructions=642_046)
    assert list(ledger.table()["instructions"])[1:] == ["1,721 k", "642 k (-63 %)"]


def test_html_is_escaped(ledger):
    ledger.record("<script>alert(1)</script>", accuracy=0.5)
    assert "<script>" not in ledger._repr_html_()


def test_repr_holds_no_measured_number(ledger):
    assert repr(ledger) == "Ledger of keyword_spotting: train"
    assert repr(Ledger("other")) == "Ledger of other: empty"
    assert "empty" in Ledger("other")._repr_html_()


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"rows": [{"stage": 3}]}', '{"rows": [[1]]}', "\x00"]
)
def test_a_damaged_file_is_left_until_a_row_is_written_and_then_kept_aside(ledger, damage):
    ledger.path.write_text(damage)
    with pytest.warns(UserWarning, match="damaged, or of another version.* left as it is"):
        assert ledger.rows == ()
    assert ledger.path.read_text() == damage
    with pytest.warns(UserWarning, match="kept as ledger_keyword_spotting.json.bak"):
        assert len(ledger.record("train", accuracy=0.9).rows) == 1
    assert ledger.path.with_suffix(".json.bak").read_text() == damage


def test_of_another_version_the_rows_that_can_be_read_stay(ledger):
    """A column that was dropped, and one that is to come; rows of fewer columns are read anyway."""
    stored = [{"stage": "train", "accuracy": 0.9}, {"stage": "compress", "sram_kB": 3}]
    ledger.path.write_text(json.dumps({"rows": stored}))
    with pytest.warns(UserWarning, match="1 of its rows can be read"):
        assert [row.stage for row in ledger.rows] == ["train"]
    with pytest.warns(UserWarning, match="goes on with the 1 rows that can be read"):
        ledger.record("adapt", accuracy=0.8)
    assert [row.stage for row in ledger.rows] == ["train", "adapt"]
    assert "sram_kB" in ledger.path.with_suffix(".json.bak").read_text()


def test_a_mark_that_an_editor_put_before_it_is_no_damage(ledger):
    ledger.path.write_bytes(b"\xef\xbb\xbf" + ledger.path.read_bytes())
    assert len(ledger.rows) == 1


def test_killed_at_any_moment_no_row_is_lost(own_work_dir):
    """What was recorded before stays, whole; what was being written may be missing."""
    code = (
        "from tinylab.course import Ledger\n"
        "for step in range(10_000):\n"
        "    Ledger('keyword_spotting').record(f'step {step}')\n"
        "    print(step, flush=True)\n"
    )
    environment = {**os.environ, "TINYLAB_WORK": str(own_work_dir)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, cwd=PROJECT, stdout=subprocess.PIPE
    ) as writer:
        done = [int(writer.stdout.readline()) for _ in range(40)]
        writer.kill()
        done += [int(line) for line in writer.stdout]
    stages = {row.stage for row in Ledger("keyword_spotting").rows}
    assert {f"step {step}" for step in done} <= stages
    assert Ledger("keyword_spotting").record("after").rows[-1].stage == "after"


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"accuracy": 90.1}, "0..1"),
        ({"weight_bytes": -1}, "weight_bytes"),
        ({"ram_bytes": 3, "ram_of": "everything"}, "ram_of must be one of"),
        ({"made_from": "train"}, "cannot be made from itself"),
        ({"energy_uJ": float("nan"), "board": "x", "kind": "measured"}, "finite"),
        ({"latency_ms": 3.0}, "board="),
        ({"latency_ms": 3.0, "board": "x", "kind": "guessed"}, "kind must be one of"),
    ],
)
def test_figures_that_cannot_be(ledger, figures, sentence):
    with pytest.raises(ValueError, match=sentence):
        ledger.record("train", **figures)
    assert ledger.rows[0].accuracy == 0.9012


def test_unknown_columns_and_applications(ledger):
    with pytest.raises(TypeError, match="no column colour"):
        ledger.record("train", colour=3)
    with pytest.raises(ValueError, match="application must be"):
        Ledger("../elsewhere")


def test_readers_never_meet_half_a_ledger(ledger):
    def write():
        for step in range(30):
            ledger.record("train", accuracy=step / 30)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert len(ledger.rows) == 1
    writer.join()


def test_two_notebooks_at_once_lose_no_row(own_work_dir):
    """A second JupyterLab on the same checkout: another process, which writes between our lines."""
    code = (
        "import sys; from tinylab.course import Ledger\n"
        "for step in range(25): Ledger('keyword_spotting').record(f'{sys.argv[1]}, {step}')\n"
    )
    environment = {**os.environ, "TINYLAB_WORK": str(own_work_dir)}
    running = [
        subprocess.Popen([sys.executable, "-c", code, name], env=environment, cwd=PROJECT)
        for name in ("one", "other")
    ]
    assert [process.wait() for process in running] == [0, 0]
    wanted = {f"{name}, {step}" for name in ("one", "other") for step in range(25)}
    assert {row.stage for row in Ledger("keyword_spotting").rows} == wanted
