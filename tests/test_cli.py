"""The command line: quick to start, and one sentence where a user can fix something."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from tinylab import doctor
from tinylab.cli import main


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from tinylab.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Usage: " in process.stdout
    for heavy in ("numpy", "keras", "tensorflow", "jupytext", "plotly", "pandas"):
        assert f"'{heavy}'" not in process.stdout


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("build",),
        ("release",),
        ("new", "exercise"),
        ("new", "explorer"),
        ("new", "notebook"),
        ("check",),
        ("grade",),
        ("doctor",),
        ("fetch",),
        ("train", "kws"),
        ("train", "ad"),
        ("train", "vww"),
        ("train", "vww-scaling"),
        ("train", "vww-doubling"),
        ("train", "vww-joint-exits"),
        ("train", "kws-federated"),
        ("federated",),
        ("cost", "validate"),
    ],
)
def test_every_command_explains_itself(run, command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("build", "no_such_notebook"), "no source notebook is called 'no_such_notebook'"),
        (("fetch", "no-such-set"), "no public data set is called 'no-such-set'"),
    ],
)
def test_errors_are_one_sentence(run, arguments, sentence):
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {sentence}")
    assert isinstance(result.exception, SystemExit)


def test_a_missing_engine_is_one_sentence_before_anything_is_computed(run, monkeypatch, tmp_path):
    monkeypatch.setenv("TINYLAB_FLOWER", str(tmp_path))
    result = run("federated", "--flower")
    assert result.exit_code == 1
    assert result.output.startswith("Error: Flower is not in ")
    assert "requirements-flower.txt" in result.output


def test_mistakes_in_the_program_keep_their_traceback(run, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: 1 + None.missing)
    assert isinstance(run("doctor").exception, AttributeError)


def test_fetch_list_names_the_sets(run):
    assert "speech-commands: " in run("fetch", "list").output


def test_doctor_ends_with_an_error_when_something_needs_fixing(run, monkeypatch):
    fine = doctor.Finding("Python", True, "3.11")
    broken = doctor.Finding("kernel", False, "gone", "make it anew")
    spare = doctor.Finding("Chromium", False, "not found", "install it", optional=True)
    monkeypatch.setattr(doctor, "examine", lambda: (fine, spare))
    assert run("doctor").exit_code == 0
    monkeypatch.setattr(doctor, "examine", lambda: (fine, broken, spare))
    result = run("doctor")
    assert result.exit_code == 1
    assert "1 of 3 need fixing" in result.output
    assert "to fix it: make it anew" in result.output
