"""A worker that dies costs one test, and the run goes on to its end."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.scheduling import ByFileAndNotebook
from tinylab.paths import PROJECT

CONFTEST = """
from tests.scheduling import ByFileAndNotebook


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return ByFileAndNotebook(config, log)
"""
SOUND = "def test_{n}():\n    pass\n"
DEADLY = "import os\n\n\ndef test_that_kills():\n    os._exit(1)\n"


def write(folder, dies_in: int, files: int, tests: int) -> None:
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {folder} {PROJECT}\n")
    for file in range(files):
        text = "".join(SOUND.format(n=n) for n in range(tests))
        if file == dies_in:
            text = text + DEADLY + SOUND.format(n="after")
        (folder / f"test_{file:02}.py").write_text(text)


@pytest.mark.parametrize(("dies_in", "tests"), [(0, 1), (5, 3), (9, 3)])
def test_a_dead_worker_costs_one_test(tmp_path, dies_in, tests):
    write(tmp_path, dies_in, files=10, tests=tests)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "2", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert re.search(rf"1 failed, {10 * tests + 1} passed", run.stdout), run.stdout + run.stderr
    assert "test_that_kills" in run.stdout


class Worker:
    """What the scheduler knows of a worker: what it was sent, unless it is dead."""

    shutting_down = False

    def __init__(self, dead: bool):
        self.dead, self.sent = dead, []

    def send_runtest_some(self, indices: list[int]) -> None:
        if self.dead:
            raise OSError("cannot send (already closed?)")
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def test_a_death_that_is_not_heard_of_yet_loses_no_file():
    tests = [f"test_{file}.py::test_{n}" for file in range(3) for n in range(3)]
    schedule = ByFileAndNotebook(SimpleNamespace(getvalue=lambda name: ["popen"]), None)
    dead, alive = Worker(dead=True), Worker(dead=False)
    for worker in (dead, alive):
        schedule.add_node(worker)
        schedule.registered_collections[worker] = tests
    for file in range(3):
        schedule.workqueue[f"test_{file}.py"] = dict.fromkeys(tests[3 * file : 3 * file + 3], False)
    schedule._assign_work_unit(dead)
    assert schedule.remove_node(dead) == tests[0]
    while alive.sent:
        schedule.mark_test_complete(alive, alive.sent.pop(0))
    assert not schedule.workqueue and not schedule.has_pending
