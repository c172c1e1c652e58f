"""When hand-ins came, as platforms and teachers write it."""

import pytest

from tests.grading.intake.downloads import NB, taken
from tinylab.grading.intake.times import with_times

MOODLE_TIMES = (
    "Identifier,Full name,Last modified (submission)\n"
    'Participant 11,Ada,"Monday, 30 November 2026, 9:05 AM"\nParticipant 12,Bob,-\n'
)
CANVAS_TIMES = (
    '[{"user_id": 11, "submitted_at": "2026-11-30T08:05:00Z"},'
    ' {"user_id": 12, "submitted_at": null}]'
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", MOODLE_TIMES),
        ("t.json", CANVAS_TIMES),
        ("t.csv", "student,received\nAda_11,2026-11-30T09:05\n"),
        ("t.csv", f"path,received\nAda_11_assignsubmission_file/{NB},2026-11-30T09:05\n"),
    ],
)
def test_times_of_a_platform(tmp_path, config, name, text):
    for who in ("Ada_11", "Bob_12"):
        (tmp_path / "in" / f"{who}_assignsubmission_file").mkdir(parents=True)
        (tmp_path / "in" / f"{who}_assignsubmission_file" / NB).write_bytes(b"x")
    (tmp_path / name).write_text(text, encoding="utf-8")
    intake = with_times(taken(tmp_path / "in", config), tmp_path / name, "Europe/Paris")
    times = [one.received_at for one in intake.handins]
    assert times == ["2026-11-30T08:05:00+00:00", None]


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "student,received\nNobody,2026-11-30T09:05\n", "student,received\nAda,x"]
)
def test_times_that_say_nothing_are_a_sentence(tmp_path, config, text):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Ada.ipynb").write_bytes(b"x")
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ValueError, match="t.csv"):
        with_times(taken(tmp_path / "in", config), tmp_path / "t.csv", "UTC")
