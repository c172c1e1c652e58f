"""A worker that dies costs one test, and the run goes on to its end."""

import os
import re
import subprocess
import sys

import pytest

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
