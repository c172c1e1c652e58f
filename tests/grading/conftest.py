"""Notebooks, rules and hand-ins for the tests of grading."""

import copy
import functools
import json

import pytest

from tests.sources import source_of
from tinylab.course.notebooks import build
from tinylab.course.notebooks.claims import is_claims
from tinylab.grading.records.record_book import Key
from tinylab.grading.rules.assignment import load_assignments
from tinylab.grading.rules.config import read_config

NAME = "00_start_here"


@pytest.fixture(scope="session", autouse=True)
def sources_read_once():
    """Handouts and reports read source notebooks, which takes seconds; here it is done once."""
    read = build.read_source

    @functools.cache
    def kept(path, name, text):
        return read(path, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            build, "read_source", lambda path, name: kept(path, name, path.read_text("utf-8"))
        )
        yield


@pytest.fixture(scope="session")
def config():
    return read_config()


@pytest.fixture(scope="session")
def assignments():
    return load_assignments()


@pytest.fixture(scope="session")
def assignment(assignments):
    return assignments[NAME]


@pytest.fixture(scope="session")
def _solved() -> dict:
    notebook = source_of(NAME).solution()
    notebook.cells = [cell for cell in notebook.cells if not is_claims(cell)]  # students have none
    return json.loads(json.dumps(notebook))


@pytest.fixture
def solved(_solved) -> dict:
    """A notebook with every exercise answered rightly, to be changed by a test."""
    return copy.deepcopy(_solved)


@pytest.fixture
def key() -> Key:
    return Key(b"a secret of the tests, long enough")
