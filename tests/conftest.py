"""Fixtures shared by all tests."""

import os
from pathlib import Path

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

# TensorFlow reads this when it is imported: workers that run side by side do not fight for cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

pytest_plugins = ("tests.small_models",)

# The same examples in every run, however busy the machine is, and whichever modules a worker has
# loaded: Hypothesis would try the constants that are written in those.
providers.is_local_module_file = lambda path: False
hypothesis.settings.register_profile("tinylab", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("tinylab")


LONGEST_FIRST = ("notebook", "flower", "training", "browser", "hostile")
LONGEST_FILES = (
    "tests/deploy/codegen/test_dsp_convolutions.py",
    "tests/explore/test_all_explorers.py",
    "tests/test_start.py",
    "tests/grading/one/test_library_answers.py",
    "tests/grading/whole_class/test_batch.py",
)
"""Of the unit tests; each takes ten seconds, the others one or two."""


def pytest_collection_modifyitems(items):
    """What takes longest starts first, so that no worker is left alone with it at the end."""

    def place(item) -> tuple[int, bool]:
        marked = [n for n, name in enumerate(LONGEST_FIRST) if item.get_closest_marker(name)]
        short = item.nodeid.partition("::")[0] not in LONGEST_FILES
        return min(marked, default=len(LONGEST_FIRST)), short

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from tests.scheduling import ByFileAndNotebook

    config.option.loadscopereorder = False
    return ByFileAndNotebook(config, log)


def pytest_make_parametrize_id(val, argname):
    """Bytes are named by their argument: an archive holds the time it was made, and varies."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings, others' models and published figures, outside the project."""
    folder = os.environ.get("TINYLAB_REAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("set TINYLAB_REAL_DATA to the folder of real evaluation data to run this test")
    return Path(folder)


@pytest.fixture(autouse=True)
def own_work_dir(tmp_path, monkeypatch) -> Path:
    """Every test has a work folder of its own, so none reads or writes the learner's."""
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    return tmp_path / "work"
