"""Fixtures shared by all tests."""

import os
from pathlib import Path

import hypothesis
import pytest

# TensorFlow reads this when it is imported: workers that run side by side do not fight for cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

pytest_plugins = ("tests.small_models",)

# The same examples in every run, however busy the machine is.
hypothesis.settings.register_profile("tinylab", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("tinylab")


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
