"""Whose a file is, as each learning platform writes it; and what nobody can be given.

The names are those that the platforms write; see the sources in `intake/platforms.py`.
"""

import pytest

from tests.grading.intake.downloads import NB, students, taken, zipped
from tinylab.grading.intake.roster import Roster, RosterEntry
from tinylab.grading.intake.zips import read_handin


def test_canvas_keeps_underscores_and_marks(download, config):
    intake = taken(
        download(
            f"byronada_1001_90001_{NB}",
            f"smith_jonesbob_1002_90002_{NB}",
            f"quinncarol_LATE_1003_90003_{NB}",
            f"quinncarol_LATE_1003_90009_{NB.replace('.', '-1.')}",
        ),
        config,
    )
    own = students(intake)
    assert set(own) == {"byronada_1001", "smith_jonesbob_1002", "quinncarol_1003"}
    assert [one.late for one in intake.handins] == [False, True, True, False]
    assert intake.platform == "Canvas" and not intake.not_assigned
    assert all(one.received_at is None for one in intake.handins)


@pytest.mark.parametrize(
    "chosen, numbers, who",
    (
        ("ann_2", (), None),
        ("ann_2", (1001, 1009), "Mal_1009"),
        ("ann_2", (1009, 2), None),
        ("ann_1001_5", (), None),
        ("ann_1001_5", (1001, 1009), None),  # Mal's own choice of a name makes her nobody else
        ("ann_1001_5", (1009,), "Mal_1009"),
        ("mal", (), "mal_1009"),
    ),
)
def test_a_canvas_name_that_can_be_read_in_two_ways(download, config, chosen, numbers, who):
    names = {1001: "Ann", 1009: "Mal", 2: "Two"}
    roster = Roster(tuple(RosterEntry(names[number], str(number)) for number in numbers))
    intake = taken(download(f"{chosen}_1009_90009_{NB}"), config, roster=roster)
    assert set(students(intake)) == ({who} if who else set())
    assert all("may mean ann_" in one.reason for one in intake.not_assigned)
    assert len(intake.handins) + len(intake.not_assigned) == 1


def test_a_group_in_moodle_before_each_name(download, config):
    given = (f"Group A-Ada Byron_11_assignsubmission_file/{NB}",)
    given += (f"Default group-Bob Ray_12_assignsubmission_file/{NB}",)
    given += (f"Group B-Cy Dee_13_assignsubmission_file/{NB}",)
    entries = (RosterEntry("Ada Byron", group="Group A"), RosterEntry("Bob Ray"))
    roster = Roster((*entries, RosterEntry("Cy Dee", group="Group A")))
    intake = taken(download(*given), config, roster=roster)
    assert set(students(intake)) == {"Ada Byron", "Bob Ray"}
    assert [one.reason for one in intake.not_assigned] == [
        "Group B-Cy Dee_13 is not on the roster."
    ]


@pytest.mark.parametrize("name", (NB, "2_compress (1).ipynb", "Kopie von 2_compress.ipynb"))
def test_a_file_called_as_a_notebook_is_nobodys(tmp_path, config, name):
    for path in (name, "ada.ipynb", f"bob/{name}"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    intake = taken(tmp_path, config)
    assert set(students(intake)) == {"ada", "bob"}
    assert [one.path for one in intake.not_assigned] == [name]


def test_names_in_a_zip_of_macos_are_utf8_without_saying_so(tmp_path, config):
    packed = bytearray(zipped({f"Jörg Müller/{NB}": b"x", f"Zoë/{NB}": b"y"}))
    for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        start = packed.find(mark)
        while start >= 0:
            packed[start + at] &= ~0x08  # "this name is UTF-8"
            start = packed.find(mark, start + 1)
    (tmp_path / "class.zip").write_bytes(packed)
    intake = taken(tmp_path / "class.zip", config)
    assert set(students(intake)) == {"Jörg Müller", "Zoë"}
    assert [read_handin(one, config.intake) for one in intake.handins] == [b"x", b"y"]


def test_what_is_typed_into_canvas_is_its_students_and_no_notebook(download, config):
    names = ("byronada_1001_text.html", "rayb_LATE_1002_link.html", "anon_aB3xY_text.html")
    intake = taken(download(*names, f"quinnc_1003_90003_{NB}"), config)
    assert set(students(intake)) == {"byronada_1001", "rayb_1002", "anon_aB3xY", "quinnc_1003"}
    assert not intake.not_assigned
    statuses = {one.student: (one.status, one.late) for one in intake.handins}
    assert statuses["byronada_1001"] == ("unreadable", False)
    assert statuses["rayb_1002"] == ("unreadable", True)


def test_canvas_without_names(download, config):
    intake = taken(
        download(f"anon_aB3xY_1_{NB}", f"anon_9kQwe_2_{NB}", f"LATE_anon_Zz11a_3_{NB}"), config
    )
    assert set(students(intake)) == {"anon_aB3xY", "anon_9kQwe", "anon_Zz11a"}
    assert students(intake)["anon_Zz11a"][0].late


def test_moodle_with_text_and_other_files(download, config):
    intake = taken(
        download(
            f"Ada Byron_11_assignsubmission_file/{NB}",
            "Ada Byron_11_assignsubmission_file/report.pdf",
            "Ada Byron_11_assignsubmission_onlinetext/onlinetext.html",
            "Bob Ray_12_assignsubmission_file/report.pdf",
            "Carol Q_13_assignsubmission_onlinetext/onlinetext.html",
            f"Group A_501_assignsubmission_file/{NB}",
        ),
        config,
    )
    own = students(intake)
    assert set(own) == {"Ada Byron_11", "Bob Ray_12", "Carol Q_13", "Group A_501"}
    assert all(len(handins) == 1 for handins in own.values())
    assert own["Ada Byron_11"][0].status is None
    assert "report.pdf" in own["Bob Ray_12"][0].problem
    assert "onlinetext.html" in own["Carol Q_13"][0].problem


def test_moodle_without_folders_takes_the_first_mark(download, config):
    own = f"Mallory_9_assignsubmission_file_Ada_1_assignsubmission_file_{NB}"
    intake = taken(download(own, f"Ada_1_assignsubmission_file_{NB}"), config)
    assert set(students(intake)) == {"Mallory_9", "Ada_1"}


def test_blackboard_tells_when_in_the_zone_of_the_course(download, config):
    intake = taken(
        download(
            *(f"HW_2_s10{n}_attempt_2026-07-30-10-0{n}-00_{NB}" for n in range(3)),
            *(f"HW_2_s10{n}_attempt_2026-07-30-10-0{n}-00.txt" for n in range(4)),
        ),
        config,
        time_zone="Europe/Paris",
    )
    own = students(intake)
    assert set(own) == {"s100", "s101", "s102", "s103"}
    assert own["s101"][0].received_at == "2026-07-30T08:01:00+00:00"
    assert own["s103"][0].status == "unreadable"


def test_brightspace_names_student_and_time_and_adds_an_index(download, config):
    head = "3970-2557"
    intake = taken(
        download(
            f"{head} - Mary-Ann Smith - Sep 24, 2026 926 PM/{NB}",
            f"{head} - Zoë O'Neil - Sep 24, 2026 1207 AM/{NB}",
            f"{head} - Zoë O'Neil - Sep 25, 2026 1101 AM/{NB}",
            "index.html",
        ),
        config,
        time_zone="Europe/Paris",
    )
    own = students(intake)
    assert {name: [handin.received_at for handin in handins] for name, handins in own.items()} == {
        "Mary-Ann Smith": ["2026-09-24T19:26:00+00:00"],
        "Zoë O'Neil": ["2026-09-23T22:07:00+00:00", "2026-09-25T09:01:00+00:00"],
    }
    assert intake.platform == "Brightspace" and not intake.not_assigned


def test_brightspace_without_folders(download, config):
    names = (
        f"1-2 - Ada Byron - Feb 1, 2026 100 PM - {NB}",
        f"1-2 - Bo - Mar 2, 2026 200 AM - {NB}",
    )
    assert set(students(taken(download(*names), config))) == {"Ada Byron", "Bo"}


METADATA = """
submission_1:
  :submitters:
  - :name: Ada Byron
    :sid: '11'
    :email: ada@example.org
  :created_at: 2026-11-30 10:00:00.000000000 +01:00
submission_2:
  :submitters:
  - :name: Bob Ray
    :sid: '12'
    :email: bob@example.org
  - :name: Carol Q
    :sid: '13'
    :email: carol@example.org
"""


def test_gradescope_by_its_metadata_and_without(download, config):
    head = "assignment_1_export"
    folders = (f"{head}/submission_1/{NB}", f"{head}/submission_2/{NB}")
    intake = taken(
        download(*folders, files={f"{head}/submission_metadata.yml": METADATA.encode()}), config
    )
    assert set(students(intake)) == {"Ada Byron_11", "Bob Ray and Carol Q"}
    assert intake.handins[0].received_at == "2026-11-30T09:00:00+00:00"
    bare = download(*folders, called="bare")
    (bare / head / "submission_metadata.yml").unlink(missing_ok=True) if bare.is_dir() else None
    assert set(students(taken(bare, config))) == {"submission_1", "submission_2"}


def test_two_of_one_name_in_gradescope_are_two(download, config):
    metadata = "".join(f"submission_{n}:\n  :submitters:\n  - :name: Ada Byron\n" for n in (1, 2))
    head = "assignment_1_export"
    folders = (f"{head}/submission_1/{NB}", f"{head}/submission_2/{NB}")
    files = {f"{head}/submission_metadata.yml": metadata.encode()}
    own = students(taken(download(*folders, files=files), config))
    assert set(own) == {"Ada Byron_submission_1", "Ada Byron_submission_2"}


def test_ilias_github_and_folders_of_assignments(download, config):
    ilias = taken(
        download(
            f"Sheet 2/Abgaben/Byron_Ada_abyron_4711/{NB}",
            f"Sheet 2/Abgaben/Ray_Bob_bray_4712/{NB}",
            called="ilias",
        ),
        config,
    )
    assert set(students(ilias)) == {"Ada Byron_4711", "Bob Ray_4712"}
    names = (f"hw2-submissions/hw2-ada/{NB}", f"hw2-submissions/hw2-bob-ray/{NB}")
    github = taken(download(*names, called="github"), config)
    assert set(students(github)) == {"ada", "bob-ray"}
    sheets = (f"2_compress/ada/{NB}", f"2_compress/bob/{NB}", "1_train/ada/1_train.ipynb")
    assert set(students(taken(download(*sheets, called="sheets"), config))) == {"ada", "bob"}
    own = (f"ada/2_compress/{NB}", "ada/1_train/1_train.ipynb", f"bob/2_compress/{NB}")
    assert set(students(taken(download(*own, called="own"), config))) == {"ada", "bob"}


@pytest.mark.parametrize(
    "names",
    [
        ("groupA/ada/work.ipynb", "groupA/bob/work.ipynb"),
        ("groupA/ada/work.ipynb", "groupA/bob/work.ipynb", "groupB/cy/work.ipynb"),
        ("hw2/ada/ada.ipynb", "hw2/bob/bob.ipynb"),
    ],
)
def test_students_in_a_folder_nobody_knows_are_never_one(download, config, names):
    intake = taken(download(*names), config)
    assert "groupA" not in students(intake) and "hw2" not in students(intake)
    assert {one.path.split("/")[-1] for one in intake.not_assigned} >= {names[0].split("/")[-1]}
    assert all("look like 2 students" in one.reason for one in intake.not_assigned)


def test_a_name_that_is_not_the_platforms_is_listed(download, config):
    intake = taken(
        download(f"byronada_1_2_{NB}", f"rayb_2_3_{NB}", "notes.ipynb", "grades.csv"), config
    )
    assert set(students(intake)) == {"byronada_1", "rayb_2"}
    assert len(intake.not_assigned) == 2


def test_a_students_zip_is_hers_whatever_is_in_it(tmp_path, config):
    mine = zipped({f"adabyron_1001_99999_{NB}": b"1", "ada/x.ipynb": b"2", "bob/x.ipynb": b"3"})
    for name in ("mallory_1009_90009_mywork.zip", f"adabyron_1001_90001_{NB}"):
        (tmp_path / name).write_bytes(mine if name.endswith("zip") else b"ada")
    intake = taken(tmp_path, config)
    assert [read_handin(one, config.intake) for one in students(intake)["adabyron_1001"]] == [
        b"ada"
    ]
    assert len(students(intake)["mallory_1009"]) == 3
    assert all(one.received_at is None for one in intake.handins)


def test_a_class_download_among_folders_is_not_one_student(tmp_path, config):
    inner = zipped({f"Ada_{n}_assignsubmission_file/{NB}": b"x" for n in range(3)})
    (tmp_path / "CS101-HW 2-1234.zip").write_bytes(inner)
    (tmp_path / "eve.ipynb").write_bytes(b"x")
    intake = taken(tmp_path, config)
    assert set(students(intake)) == {"eve"}
    assert "grade it by itself" in intake.not_assigned[0].reason


def test_a_flat_folder_has_a_row_for_everybody(tmp_path, config):
    for name in ("ada.ipynb", "bob.ipynb.txt", "carol.py", "dan.html", "eve.IPYNB", "gus.rar"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "desktop.ini").write_bytes(b"x")
    (tmp_path / "roster.csv").write_bytes(b"x")
    intake = taken(tmp_path, config)
    assert {one.student for one in intake.handins if one.status is None} == {"ada", "eve"}
    refused = {one.student for one in intake.handins if one.status == "unreadable"}
    assert refused == {"bob", "carol", "dan", "gus.rar"}
    assert [one.path for one in intake.not_assigned] == ["roster.csv"]


def test_a_zip_of_several_loose_notebooks_is_not_guessed_at(tmp_path, config):
    (tmp_path / "x.zip").write_bytes(zipped({"ada.ipynb": b"1", "bob.ipynb": b"2"}))
    with pytest.raises(ValueError, match="one student's or a class's"):
        taken(tmp_path / "x.zip", config)
    (tmp_path / "ada.zip").write_bytes(zipped({NB: b"1", "1_train.ipynb": b"2"}))
    assert set(students(taken(tmp_path / "ada.zip", config))) == {"ada"}
