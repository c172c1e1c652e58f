"""Notebooks, rules and hand-ins for the tests of grading."""

import copy
import json

import pytest

from tinylab.course.notebooks.build import find_sources
from tinylab.grading.records.record_book import Key
from tinylab.grading.rules.assignment import load_assignments
from tinylab.grading.rules.config import read_config

NAME = "00_start_here"


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
    (source,) = find_sources([NAME])
    return json.loads(json.dumps(source.solution()))


@pytest.fixture
def solved(_solved) -> dict:
    """A notebook with every exercise answered rightly, to be changed by a test."""
    return copy.deepcopy(_solved)


@pytest.fixture
def key() -> Key:
    return Key(b"a secret of the tests, long enough")
