"""Runs hostile submissions through the grader and looks at what they leave behind.

By default the quick ones run; ``-m hostile`` runs every one.
"""

import json
import os
import stat
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the cases, which several test files share

from hostile_case import Case, assignment_of, submitted  # noqa: E402

from tinylab.course.grading.grade_one import grade  # noqa: E402
from tinylab.course.grading.limits import Limits  # noqa: E402
from tinylab.course.grading.result import Result, Submission  # noqa: E402
from tinylab.course.grading.sandbox.level import LEVELS, best_level  # noqa: E402

CANARY = "canary-5f0c1d9e"
LIMITS = {
    "cell_s": 5.0,
    "probe_s": 3.0,
    "notebook_s": 40.0,
    "memory_bytes": 700_000_000,
    "processes": 64,
    "disk_bytes": 16_000_000,
    "disk_files": 1_000,
}
KEY = b"a key of the tests"


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked `hostile`, counted as deselected, unless a marker is asked for."""
    if "hostile" in (config.option.markexpr or ""):
        return
    here = str(Path(__file__).parent)
    left = [i for i in items if str(i.path).startswith(here) and i.get_closest_marker("hostile")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def walls() -> str:
    """The isolation level of this machine; without walls the hostile cases cannot be run."""
    level = best_level()
    if level == LEVELS[0]:
        pytest.skip("this machine allows no namespaces, so hostile code is not run on it")
    return level


class Host:
    """What a submission could have changed outside its sandbox."""

    def __init__(self, folder: Path):
        self.secret = folder / "secret"
        self.secret.write_text(CANARY)
        self.secret.chmod(stat.S_IRUSR)
        self.folders = [Path(tempfile.gettempdir()), Path("/dev/shm"), Path.home(), folder]
        self.before = self.seen()

    def seen(self) -> tuple:
        """Names in the folders a job might leave something in, and children of this process."""
        names = {str(f): sorted(p.name for p in f.iterdir()) for f in self.folders if f.is_dir()}
        return names[str(self.folders[-1])], psutil.Process().children(recursive=True)

    def left_behind(self) -> bool:
        ours = [p for p in Path(tempfile.gettempdir()).glob("tinylab-*")]
        return self.seen() != self.before or bool(ours)


@pytest.fixture
def attempt(walls, tmp_path, monkeypatch):
    """A function that grades a case and examines the invariants."""
    monkeypatch.setenv("TINYLAB_CANARY", CANARY)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def run(case: Case, key: bytes = KEY) -> Result:
        limits = Limits(**{**LIMITS, **case.limits})
        submission = Submission("ada", "ada.ipynb", case.id * 16, notebook=submitted(case))
        host, started = Host(tmp_path), time.monotonic()
        result = grade(submission, assignment_of(case), key=key, limits=limits)
        seconds = time.monotonic() - started
        assert not host.left_behind(), "I4: something of the job survives it"
        assert host.secret.read_text() == CANARY, "I5: a file outside was changed"
        assert seconds <= limits.notebook_s + 5, "I6: it took too long"
        _counted_here(result)
        assert CANARY not in json.dumps(result.to_json()), "I8: a secret came out"
        host.secret.unlink()
        return result

    return run


def _counted_here(result: Result) -> None:
    """I7: the sums are those of the points, and lie between 0 and the maximum."""
    plain = json.loads(json.dumps(result.to_json()))
    assert 0 <= result.earned <= result.maximum
    for question in plain["questions"]:
        assert question["earned"] == sum(p["earned"] is True for p in question["points"])
        assert question["maximum"] == len(question["points"]) > 0
    assert Result.from_json(plain) == result


def required(case: Case, result: Result) -> None:
    """Assert that the outcome is the one the case requires."""
    told = "\n".join(map(str, result.questions)) + f"\n{result.status} {result.flags}"
    assert result.status in case.status, told
    assert set(case.flags) <= set(result.flags), told
    for question in result.questions:
        name = question.exercise_id
        allowed = case.question.get(name)
        assert allowed is None or question.status in allowed, told
        if name in case.lost:
            assert question.earned == 0, told
        elif name in case.partly:
            assert 0 < question.earned < question.maximum, told
        elif not case.free:
            assert question.earned == question.maximum, told
    for word in case.without:
        assert word not in json.dumps(result.to_json()), told


@pytest.fixture(scope="session")
def meets():
    """The function that asserts a case's required outcome."""
    return required


def parametrized(cases) -> list:
    """The cases as parameters, all but the quick ones marked."""
    return [
        pytest.param(case, id=case.id, marks=() if case.quick else (pytest.mark.hostile,))
        for case in cases
    ]


def pytest_generate_tests(metafunc):
    if "execution_case" in metafunc.fixturenames:
        from execution_cases import CASES

        metafunc.parametrize("execution_case", parametrized(CASES))
    if "integrity_case" in metafunc.fixturenames:
        from integrity_cases import CASES

        metafunc.parametrize("integrity_case", parametrized(CASES))
