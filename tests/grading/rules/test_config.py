"""The rules of a course: what a file may say, and what late work keeps."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.course.exercises import find
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
    assert config.lateness("any", "2030-01-01T00:00:00+00:00").kept == 1.0
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
    assert {at: rules.lateness("a", at).kept for at in expected} == expected


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


RULES = (
    "[late]\nloss_per_day = 0.25\naccepted_days = 2\n"
    "[assignments.a]\ndeadline = 2026-12-01T12:00:00Z\n"
)


def test_without_a_time_no_late_rule_is_applied_without_a_word(course):
    rules = course(RULES)
    unknown = rules.lateness("a", None)
    assert unknown.kept == 1.0 and "nobody knows" in unknown.note
    marked = rules.lateness("a", None, marked_late=True)
    assert marked.kept == 0.75 and "first day" in marked.note
    assert rules.lateness("b", None, marked_late=True) == rules.lateness("b", None)
    assert rules.lateness("a", "2026-12-01T11:00:00+00:00", marked_late=True).kept == 1.0


def test_an_extension_is_a_later_deadline(course):
    rules = course(RULES)
    late = "2026-12-02T11:00:00+00:00"
    assert rules.lateness("a", late).kept == 0.75
    assert rules.lateness("a", late, extension="2026-12-03T12:00:00+00:00").kept == 1.0
    assert rules.lateness("a", late, extension="2026-11-03T12:00:00+00:00").kept == 0.75


def test_weights_are_of_exercises_and_points_that_there_are(course):
    rules = course(
        '[points]\nweight_bytes = 2\n"weight_bytes: rounds up" = 0.5\n'.replace(
            "rounds up", find("weight_bytes").points[0].name
        )
    )
    names = [point.name for point in find("weight_bytes").points]
    assert [rules.weight("weight_bytes", name) for name in names] == [0.5, 2.0, 2.0]
    assert rules.weight("battery_days", "any") == 1.0
    for text, sentence in (
        ("[points]\nnone_such = 1", "no exercise 'none_such'"),
        ('[points]\n"weight_bytes: luck" = 1', "no point 'luck'"),
        ("[points]\nweight_bytes = -1", "from 0 up"),
        ('hidden_points = "nowhere.py"', "nowhere.py"),
    ):
        with pytest.raises(ValueError, match=sentence):
            course(text)
