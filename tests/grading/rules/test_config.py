"""The rules of a course: what a file may say, and what late work keeps."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.grading.rules.config import LateRules, read_config


@pytest.fixture
def course(tmp_path):
    def write(text: str):
        path = tmp_path / "course.toml"
        path.write_text(text, encoding="utf-8")
        return read_config(path)

    return write


def test_the_example_is_the_default(config):
    assert config.deadlines == {}
    assert config.kept("any", "2030-01-01T00:00:00+00:00") == 1.0
    assert config.limits.isolation == "namespaces"


def test_a_deadline_without_an_offset_is_in_the_zone_of_the_course(course):
    rules = course(
        'time_zone = "Europe/Berlin"\n[assignments."a"]\ndeadline = 2026-12-01T23:59:00\n'
        '[assignments."b"]\ndeadline = 2026-07-01T12:00:00+02:00\n'
    )
    assert rules.deadlines["a"] == datetime(2026, 12, 1, 22, 59, tzinfo=timezone.utc)
    assert rules.deadlines["b"] == datetime(2026, 7, 1, 10, 0, tzinfo=timezone.utc)
    assert rules.local("2026-12-01T22:59:00+00:00") == "2026-12-01 23:59 CET"


def test_late_work_loses_by_the_day(course):
    rules = course(
        "[late]\ngrace_minutes = 10\nloss_per_day = 0.25\naccepted_days = 2\n"
        "[assignments.a]\ndeadline = 2026-12-01T12:00:00Z\n"
    )
    expected = {
        "2026-12-01T12:00:00+00:00": 1.0,
        "2026-12-01T12:10:00+00:00": 1.0,
        "2026-12-01T12:11:00+00:00": 0.75,
        "2026-12-02T12:10:00+00:00": 0.75,
        "2026-12-02T12:11:00+00:00": 0.5,
        "2026-12-03T12:11:00+00:00": 0.0,
    }
    assert {at: rules.kept("a", at) for at in expected} == expected


@given(st.floats(0, 1), st.floats(0, 30), st.floats(0, 40), st.floats(0, 40))
def test_waiting_never_pays(loss, accepted, one, other):
    rules = LateRules(grace_minutes=5, loss_per_day=loss, accepted_days=accepted)
    early, late = sorted((one, other))
    kept = rules.kept(timedelta(days=early)), rules.kept(timedelta(days=late))
    assert 1 >= kept[0] >= kept[1] >= 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = [", "not a TOML file"),
        ("deadlines = 1", "there is no 'deadlines'"),
        ("late = 3", "must be a table"),
        ("[late]\nloss = 1", "has no 'loss'"),
        ("[late]\nloss_per_day = 2", "from 0 to 1"),
        ("[attempts]\ncounts = 'first'", "last, best"),
        ('time_zone = "Mars/Olympus"', "not known"),
        ("[assignments.a]\ndeadline = 'tomorrow'", "date and time"),
        ("[limits]\ncell = 3", "cell"),
        ("[limits]\ncell_s = 0", "above 0"),
        ("[intake]\ncells = -1", "above 0"),
        ("[similarity]\nthreshold = 0", "above 0"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(course, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        course(text)
