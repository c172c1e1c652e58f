"""A class of solved notebooks, and the rules by which it is graded."""

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from tinylab.grading.whole_class.batch import Batch

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


@pytest.fixture
def batch(config, key, assignments):
    limits = replace(config.limits, notebook_s=3.0)
    rules = replace(config, limits=limits)
    return Batch(rules, key, assignments, frozenset(assignments), NOW)


@pytest.fixture
def hand_in(tmp_path, solved):
    def write(*students: str):
        for student in students:
            folder = tmp_path / "in" / student
            folder.mkdir(parents=True)
            (folder / "work.ipynb").write_text(json.dumps(solved))
        return tmp_path / "in"

    return write
