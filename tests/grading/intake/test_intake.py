"""What is found in folders and zip files, and what is refused without being opened."""

import io
import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tinylab.grading.intake.handin import Refused
from tinylab.grading.intake.handins import take_in
from tinylab.grading.intake.platforms import owner_by_name
from tinylab.grading.intake.zips import read_handin


@pytest.fixture
def limits(config):
    return replace(config.intake, file_bytes=20_000, zip_entries=50, zip_bytes=1_000_000)


def packed(*entries, **more) -> bytes:
    """A zip file of (name, bytes) pairs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (*entries, *more.items()):
            archive.writestr(name, data)
    return stream.getvalue()


def link_entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada.ipynb", "ada"),
        ("Ada Byron_4711_assignsubmission_file", "Ada Byron_4711"),
        ("Ada Byron_4711_assignsubmission_file_my work.ipynb", "Ada Byron_4711"),
        ("byronada_12345_67890_work-1.ipynb", "byronada_12345"),
        ("byronada_LATE_12345_67890_work.ipynb", "byronada_12345"),
        ("José_9_assignsubmission_file", "José_9"),
        (".ipynb", ".ipynb"),
    ],
)
def test_students_are_called_as_the_lms_calls_them(name, student):
    assert owner_by_name(name).student == student


def test_a_folder_of_folders_and_files(tmp_path, limits):
    (tmp_path / "ada" / "deep").mkdir(parents=True)
    (tmp_path / "ada" / "deep" / "w.ipynb").write_bytes(b"1")
    (tmp_path / "ada" / "conftest.py").write_bytes(b"raise SystemExit")
    (tmp_path / "ada" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "ada" / ".ipynb_checkpoints" / "w.ipynb").write_bytes(b"2")
    (tmp_path / "bob.ipynb").write_bytes(b"3")
    (tmp_path / "eve").mkdir()
    found = {one.student: one for one in take_in(tmp_path, limits).handins}
    assert set(found) == {"ada", "bob", "eve"}
    assert found["ada"].path == "ada/deep/w.ipynb"
    assert read_handin(found["bob"], limits) == b"3"
    assert found["eve"].status == "unreadable" and "no notebook" in found["eve"].problem


@pytest.mark.skipif(os.name != "posix", reason="links and pipes as Unix has them")
def test_links_pipes_devices_and_folders_are_not_opened(tmp_path, limits):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = tmp_path / "in"
    (folder / "dir.ipynb").mkdir(parents=True)
    (folder / "link.ipynb").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.ipynb")
    found = take_in(folder, limits).handins
    assert {one.student for one in found} == {"dir", "link", "loop", "pipe"}
    assert {one.status for one in found} == {"unreadable"}
    for one in found:
        with pytest.raises(Refused, match="hand in the notebook itself"):
            read_handin(replace(one, status=None), limits)


def test_a_file_that_is_too_large(tmp_path, limits):
    (tmp_path / "a.ipynb").write_bytes(b" " * 20_001)
    (one,) = take_in(tmp_path, limits).handins
    with pytest.raises(Refused, match="larger") as refused:
        read_handin(one, limits)
    assert refused.value.status == "limit"


def test_moodle_and_canvas_downloads(tmp_path, limits):
    moodle = packed(
        ("Ada B_1_assignsubmission_file/a.ipynb", b"ada"),
        ("Bob_2_assignsubmission_file/work.zip", packed(("x/b.ipynb", b"bob"))),
    )
    (tmp_path / "moodle.zip").write_bytes(moodle)
    found = take_in(tmp_path / "moodle.zip", limits).handins
    assert [one.student for one in found] == ["Ada B_1", "Bob_2"]
    assert [read_handin(one, limits) for one in found] == [b"ada", b"bob"]
    (tmp_path / "canvas.zip").write_bytes(packed(("byronada_1_2_w.ipynb", b"x")))
    (one,) = take_in(tmp_path / "canvas.zip", limits).handins
    assert one.student == "byronada_1"


def test_no_time_inside_a_zip_file_is_when_it_came(tmp_path, limits):
    info = zipfile.ZipInfo("Ada_1_assignsubmission_file/a.ipynb", (2026, 11, 3, 10, 20, 30))
    (tmp_path / "m.zip").write_bytes(packed((info, b"ada")))
    (one,) = take_in(tmp_path / "m.zip", limits).handins
    assert one.received_at is None


BOMB = packed(("a.ipynb", b" " * 50_000_000))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (packed(("../a.ipynb", b"1")), "unreadable"),
        (packed(("/etc/a.ipynb", b"1")), "unreadable"),
        (packed(("C:\\a.ipynb", b"1")), "unreadable"),
        (packed(("x\\..\\..\\a.ipynb", b"1")), "unreadable"),
        (packed((link_entry("a.ipynb"), b"/etc/passwd")), "unreadable"),
        (packed(("a.ipynb", b"1"), ("A.ipynb", b"2")), "unreadable"),
        (BOMB, "limit"),
        (packed(*((f"{n}.ipynb", b"") for n in range(51))), "limit"),
        (b"PK no zip file", "unreadable"),
        (packed(("a.ipynb", b"1"))[:-30], "unreadable"),
        (b"", "unreadable"),
        (packed(("a.txt", b"1")), "unreadable"),
    ],
)
def test_unsafe_archives_of_a_student_are_one_refusal(tmp_path, limits, data, status):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "w.zip").write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    (one,) = take_in(tmp_path, limits).handins
    assert (one.student, one.status) == ("ada", status)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_header_that_lies_about_the_size_is_not_believed(tmp_path, limits):
    data = bytearray(packed(("a.ipynb", b" " * 40_000)))
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[at : at + 4] = (10).to_bytes(4, "little")
    (tmp_path / "ada.zip").write_bytes(bytes(data))
    (one,) = take_in(tmp_path, limits).handins
    with pytest.raises(Refused):
        read_handin(one, limits)


def test_in_a_class_archive_an_unsafe_entry_costs_that_entry_alone(tmp_path, limits):
    data = packed(
        ("Ada_1_assignsubmission_file/a.ipynb", b"ada"),
        (link_entry("Eve_2_assignsubmission_file/a.ipynb"), b"/etc/passwd"),
    )
    (tmp_path / "m.zip").write_bytes(data)
    ada, eve = take_in(tmp_path / "m.zip", limits).handins
    assert (ada.status, eve.status) == (None, "unreadable")


def test_only_notebooks_zip_files_and_folders_are_graded(tmp_path, limits):
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ValueError, match="neither a folder"):
        take_in(tmp_path / "a.txt", limits).handins
    with pytest.raises(OSError):
        take_in(Path(tmp_path / "none"), limits).handins
