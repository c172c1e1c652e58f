"""`tinylab benchmark` from a file to a report, its JSON and its results.txt."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.benchmark.small import words_folder
from tinylab.benchmark.accuracy import Measured
from tinylab.benchmark.built_in import built_in_examples
from tinylab.benchmark.labels import write_folder
from tinylab.benchmark.performance import Performance
from tinylab.benchmark.report import NOT_MLPERF, write_json, write_results
from tinylab.benchmark.rules import TASKS
from tinylab.benchmark.run import Settings, run_benchmark
from tinylab.cli import main
from tinylab.models.checkpoints import REFERENCE

MODEL = REFERENCE / "keyword_spotting_compress.tflite"
AD_MODEL = REFERENCE / "anomaly_detection_compress.tflite"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder, _ = words_folder(tmp_path_factory.mktemp("data") / "kws01")
    return run_benchmark(MODEL, Settings(data=folder.path, boards=["nucleo_l4r5zi"]))


def test_a_report_says_everything_in_lines(report):
    text = str(report)
    for part in (
        "keyword spotting (kws), " + NOT_MLPERF,
        "24 files of ",
        "accuracy ",
        "XNNPACK",
        "50,192 bytes of flash",
        "open division",
        "nucleo_l4r5zi (Cortex-M4",
    ):
        assert part in text
    assert report.target_met == "misses"  # noise is no word


def test_json_holds_every_field(report, tmp_path):
    content = json.loads(write_json(report, tmp_path / "report.json").read_text())
    assert content["remark"] == NOT_MLPERF and content["target_met"] == "misses"
    assert content["measured"]["quality"]["examples"] == 24
    assert content["standings"][0]["latency_ms"] == report.standings[0].latency_ms
    assert content["performance"] is None and content["macs"] == report.macs


def with_(report, **changes):
    from dataclasses import replace

    return replace(report, **changes)


def test_results_are_those_of_a_submission_and_say_they_are_none(report, tmp_path):
    timed = with_(report, performance=Performance((100,) * 5, (10.0,) * 5, 10.0, True))
    paths = write_results(timed, tmp_path)
    texts = {path.parent.name: path.read_text().splitlines() for path in paths}
    assert all(lines[0] == f"# {NOT_MLPERF}" for lines in texts.values())
    share = 100 * report.quality.value
    assert texts["accuracy"][1] == f"Top 1% = {share:.1f}"
    assert texts["performance"][-1] == "Median throughput is 10.000 inf./sec."


def test_anomaly_detection_never_has_a_top_1(tmp_path):
    rng = np.random.default_rng(0)
    levels = rng.uniform(-40, 0, (8, 200, 128)).astype("<f4")
    write_folder(tmp_path / "ad01", TASKS["ad"], levels, np.arange(8) % 2)
    found = run_benchmark(AD_MODEL, Settings(data=tmp_path, boards=["nucleo_l4r5zi"]))
    assert found.quality.metric == "AUC"
    (path,) = write_results(found, tmp_path / "out")
    assert "AUC = " in path.read_text() and "Top 1" not in path.read_text() + str(found)


def test_nothing_measured_nothing_written(report, tmp_path):
    with pytest.raises(ValueError, match="no results to write"):
        write_results(with_(report, measured=Measured(None, "kernels")), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_prints_and_writes(tmp_path):
    words_folder(tmp_path / "data")
    call = [
        *("benchmark", str(MODEL), "--data", str(tmp_path / "data"), "--board", "nucleo_l4r5zi"),
        *("--json", str(tmp_path / "r.json"), "--results-dir", str(tmp_path / "results")),
    ]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 0, result.output
    assert "keyword spotting" in result.output
    assert json.loads((tmp_path / "r.json").read_text())["benchmark"] == "kws"
    assert (tmp_path / "results" / "accuracy" / "results.txt").is_file()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--as", "vww"], "not that benchmark"),
        (["--as", "kwd"], "there is no benchmark 'kwd'"),
        (["--data", "."], "holds no y_labels.csv"),
        (["--board", "nowhere"], "nowhere"),
    ],
)
def test_mistakes_of_the_user_are_one_sentence(tmp_path, monkeypatch, options, says):
    monkeypatch.chdir(tmp_path)
    if "--data" not in options:
        words_folder(tmp_path / "data")
        options = [*options, "--data", "data"]
    result = CliRunner().invoke(main, ["benchmark", str(MODEL), *options])
    assert result.exit_code == 1 and says in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"not a model at all")
    result = CliRunner().invoke(main, ["benchmark", str(path)])
    assert result.exit_code == 1 and "TFL3" in result.output


def test_the_workbooks_own_examples_are_named_as_such():
    own = built_in_examples(TASKS["kws"], limit=24)
    assert own.examples.shape == (24, 49, 10) and own.examples.dtype == np.int8
    assert sorted(set(own.labels)) == list(range(12)) and "not MLPerf Tiny's set" in own.name
    assert len(set(own.groups)) < 24 == len(own.groups)  # voices speak more than once
    with pytest.raises(ValueError, match="pass --data FOLDER"):
        built_in_examples(TASKS["ic"])
