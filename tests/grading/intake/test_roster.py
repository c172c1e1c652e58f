"""The roster: who is in the class, and what it does not say for certain."""

import pytest

from tests.grading.intake.downloads import NB, students, taken
from tinylab.grading.intake.roster import Roster, RosterEntry, read_roster

ROSTER = Roster(
    (
        RosterEntry("Ada Byron", "1001", "ada@example.org"),
        RosterEntry("José da Silva", "1002", "jose@example.org"),
        RosterEntry("Ada Byron", "1003"),
        RosterEntry("Eve Ho", "", "eho@example.org", group="Red"),
        RosterEntry("Gus P", "", "gus@example.org", group="Red"),
    )
)


def test_a_roster_says_who_is_who(download, config):
    names = (
        f"byronada_1001_90001_{NB}",
        f"silvajosda_77_90002_{NB}",
        f"dasilvajose_78_90004_{NB}",
        f"malloryx_1009_90003_{NB}",
    )
    intake = taken(download(*names), config, roster=ROSTER)
    assert set(students(intake)) == {"Ada Byron_1001", "José da Silva_1002"}
    assert len(intake.not_assigned) == 2
    assert all("not on the roster" in one.reason for one in intake.not_assigned)


def test_a_roster_never_guesses_between_two(tmp_path, config):
    for name in ("Ada Byron", "eho", "red"):
        (tmp_path / name).mkdir()
        (tmp_path / name / NB).write_bytes(b"x")
    intake = taken(tmp_path, config, roster=ROSTER)
    assert "may be Ada Byron_1001 and Ada Byron_1003" in intake.not_assigned[0].reason
    assert len(students(intake)["Eve Ho"]) == 2 and len(students(intake)["Gus P"]) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("number\n1\n", "no column called name"),
        ("name\n", "lists no student"),
        ("name,number\nAda,1\nBob,1\n", "lists 1 twice"),
        ("name\nAda\nAda\n", "lists Ada twice"),
        ("name,extension\nAda,soon\n", "line 2: extension must be a date"),
        ("name,number\n,1\n", "line 2: the name is empty"),
    ],
)
def test_a_roster_that_says_nothing_certain_is_a_sentence(tmp_path, text, sentence):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_roster(tmp_path / "r.csv", "UTC")


def test_a_roster_as_spreadsheets_write_it(tmp_path):
    text = "Full name;E-mail;Group;Extension\nAda Byron;a@b.c;Red;2026-12-03 12:00\n"
    (tmp_path / "r.csv").write_text(text, encoding="utf-8-sig")
    (one,) = read_roster(tmp_path / "r.csv", "Europe/Paris").entries
    assert (one.name, one.email, one.extension) == (
        "Ada Byron",
        "a@b.c",
        "2026-12-03T11:00:00+00:00",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_roster_from_any_spreadsheet(tmp_path, encoding, separator):
    lines = ["Name , NUMBER", "Zoë Ünal,7", '"Byron, Ada",8']
    if separator != ",":
        lines = ["Name ; NUMBER", "Zoë Ünal;7", "Byron, Ada;8"]
    text = "\r\n".join(lines).replace(";", separator) + "\r\n"
    (tmp_path / "class.csv").write_bytes(text.encode(encoding))
    assert [
        (one.name, one.number) for one in read_roster(tmp_path / "class.csv", "UTC").entries
    ] == [
        ("Zoë Ünal", "7"),
        ("Byron, Ada", "8"),
    ]


def test_a_roster_in_another_encoding_is_a_sentence(tmp_path):
    (tmp_path / "class.csv").write_bytes("name\nZoë\n".encode("cp1252"))
    with pytest.raises(ValueError, match="save it as CSV"):
        read_roster(tmp_path / "class.csv", "UTC")
