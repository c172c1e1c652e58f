"""Workflows, forms, images and policies: what they run exists, and hosts can read them."""

import json
import re
import shlex

import pytest
import yaml
from click.testing import CliRunner

from tinylab import __version__
from tinylab.cli import main
from tinylab.paths import PROJECT

GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]
KINDS = {"input", "textarea", "dropdown", "checkboxes", "markdown"}


def steps(workflow):
    """All steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_citation_names_the_version_of_the_package():
    assert read(PROJECT / "CITATION.cff")["version"] == __version__


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_is_there(path):
    workflow = read(path)
    assert workflow["name"] and True in workflow  # YAML takes the key `on` for a truth value
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step)
        words = shlex.split(step.get("run", ""))
        for word in words:
            if word.endswith((".py", ".txt")) and "newest" not in word or word == ".ci/run":
                assert (PROJECT / word).is_file(), word
        if words and words[0].endswith("bin/tinylab"):
            answer = CliRunner().invoke(main, [words[1], "--help"])
            assert answer.exit_code == 0, answer.output


def test_one_workflow_is_what_authors_run_and_students_python_versions_are_tried():
    workflow = read(GITHUB / "workflows" / "ci.yml")
    assert [".ci/run"] in [shlex.split(step.get("run", "")) for step in steps(workflow)]
    tried = {row["python"] for row in workflow["jobs"]["unit"]["strategy"]["matrix"]["include"]}
    assert {"3.10", "3.13"} <= tried  # the ends of what start.py accepts


def test_taking_the_pins_off_leaves_names_and_conditions():
    script = next(
        step["run"] for step in steps(read(GITHUB / "workflows" / "newest.yml")) if "name" in step
    )
    pattern = re.search(r"s/(.+)//'", script).group(1)
    pins = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    free = [re.sub(pattern, "", line, count=1) for line in pins]
    assert not any("==" in line.split(";")[0].split("#")[0] for line in free)
    assert any(line.startswith('numpy; python_version >= "3.11"') for line in free)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_has_what_the_host_asks_for(path):
    form = read(path)
    assert form["name"] and form["description"]
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids))
    for field in form["body"]:
        assert field["type"] in KINDS and field["attributes"]["label"]


def test_the_container_starts_what_start_py_knows():
    settings = json.loads((PROJECT / ".devcontainer" / "devcontainer.json").read_text())
    image = (PROJECT / ".devcontainer" / settings["build"]["dockerfile"]).read_text()
    (port,) = settings["forwardPorts"]
    assert f"EXPOSE {port}" in image and "start.py" in image
    python = re.search(r"FROM python:3\.(\d+)-slim", image)
    assert 10 <= int(python.group(1)) <= 13
    ignored = (PROJECT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "notebooks/my_work"} <= set(ignored)


def test_policies_name_commands_and_files_that_exist():
    commands = set(main.commands)
    for path in (
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *(PROJECT / "binder").glob("*.md"),
    ):
        text = path.read_text(encoding="utf-8")
        for command in re.findall(r"`tinylab ([a-z]+)\b", text):
            assert command in commands, f"{path.name}: tinylab {command}"
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
