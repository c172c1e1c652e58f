"""The autograder's zip file, unpacked as Gradescope does, and run on hand-ins here."""

import json
import os
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.grading.gradescope import run
from tinylab.grading.gradescope.results import gradescope_results
from tinylab.grading.rules.config import read_config
from tinylab.grading.rules.result import PointResult, QuestionResult, Result
from tinylab.grading.sandbox.level import LEVELS, best_level

NAME = "00_start_here"
COURSE = "[points]\nbattery_days = 2\n"


@pytest.fixture(scope="module")
def autograder(tmp_path_factory):
    """The folder that Gradescope calls /autograder."""
    if best_level() == LEVELS[0]:
        pytest.skip("this machine allows no namespaces, so nothing is graded on it")
    folder = tmp_path_factory.mktemp("autograder")
    (folder / "course.toml").write_text(COURSE)
    words = ["release", str(folder / "auto.zip"), "--gradescope", "--assignment", NAME]
    words += ["--course", str(folder / "course.toml"), "--key", str(folder / "key")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(folder / "auto.zip") as archive:
        names = set(archive.namelist())
        archive.extractall(folder / "source")
    (folder / "source" / "grading.key").chmod(0o600)  # setup.sh does
    assert {"setup.sh", "run_autograder", "requirements.txt"} <= names
    assert not [name for name in names if "solutions" in name or name.startswith("tests")]
    return folder


def submit(folder, *notebooks) -> None:
    """Put these notebooks, and no others, where Gradescope puts a submission."""
    submission = folder / "submission"
    submission.mkdir(exist_ok=True)
    for old in submission.iterdir():
        old.unlink()
    for number, text in enumerate(notebooks):
        (submission / f"work{number}.ipynb").write_text(text)


def results_of(folder) -> dict:
    """What Gradescope would read."""
    return json.loads((folder / "results" / "results.json").read_text())


def test_a_hand_in_is_graded_as_the_class_is(autograder, solved):
    for cell in solved["cells"]:
        if cell["metadata"].get("exercise") == "weight_bytes":
            cell["source"] = "def weight_bytes(parameters, bits):\n    return parameters * bits"
    submit(autograder, json.dumps(solved))
    done = subprocess.run(
        ["bash", str(autograder / "source" / "run_autograder")],
        env={**os.environ, "AUTOGRADER": str(autograder), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    tests = {test["name"]: test for test in results_of(autograder)["tests"]}
    assert (tests["weight_bytes"]["score"], tests["weight_bytes"]["max_score"]) == (1, 3)
    assert "a byte has 8 of them" in tests["weight_bytes"]["output"]
    assert (tests["battery_days"]["score"], tests["battery_days"]["max_score"]) == (4, 4)


@pytest.mark.parametrize(
    ("notebooks", "sentence"),
    [
        ((), "no notebook"),
        (("{half",), "no complete notebook"),
        (("{}", "{}"), "several notebooks"),
    ],
)
def test_what_cannot_be_graded_is_a_sentence_and_no_score(autograder, notebooks, sentence):
    submit(autograder, *notebooks)
    run.main(autograder)  # here: that the script starts it is shown above
    results = results_of(autograder)
    assert sentence in results["output"] and "tests" not in results and "score" not in results


def test_ungraded_is_no_zero_and_a_review_is_said():
    point = PointResult("p", False, "x\x1b[0m\ny")
    question = QuestionResult("weight_bytes", "answered", (point,), review="why?")
    reviewed = Result("s", "0" * 64, NAME, "needs_review", (question,))
    results = gradescope_results(reviewed, read_config())
    assert "will look" in results["output"] and "will look" in results["tests"][0]["output"]
    assert "\x1b" not in results["tests"][0]["output"]
    busy = Result("s", "0" * 64, NAME, "ungraded", (question,), message="too busy.")
    assert gradescope_results(busy, read_config())["output"] == "too busy."
