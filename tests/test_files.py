"""Files are replaced whole or not at all, also on a full disk, and one writer after the other."""

import errno
import os
import threading
import time
import zipfile

import pytest

from tinylab import files


def test_a_reader_meets_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "folder" / "ledger.json"
    with files.replacing(path) as temporary:
        temporary.write_text("old")
        assert not path.exists() and temporary.suffix == ".json"
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and os.listdir(path.parent) == ["ledger.json"]


def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left_behind(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    says = r"model.keras cannot be written \(No space left on device\): make room"
    with pytest.raises(OSError, match=says), files.replacing(path) as temporary:
        temporary.write_text("ne")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["model.keras"]


def test_a_folder_in_the_place_of_a_file_is_left_alone(tmp_path):
    path = tmp_path / "ledger.json"
    path.mkdir()
    with pytest.raises(OSError, match="move away the .* that is in its way"):
        with files.replacing(path) as temporary:
            temporary.write_text("new")
    assert path.is_dir() and os.listdir(tmp_path) == ["ledger.json"]


@pytest.mark.parametrize("year", [1970, 2150])
def test_a_zip_file_under_a_wrong_clock_is_one_sentence(tmp_path, monkeypatch, year):
    """As on a small computer whose battery is empty; other files are written all the same."""
    now = time.struct_time((year, 1, 1, 0, 0, 0, 0, 1, 0))
    monkeypatch.setattr(time, "localtime", lambda seconds=None: now)
    path = tmp_path / "model.keras"
    path.write_text("old")
    with pytest.raises(ValueError, match=f"clock says {year}: set the clock"):
        with files.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            archive.writestr("config.json", "{}")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["model.keras"]
    with files.replacing(tmp_path / "ledger.json") as temporary:
        temporary.write_text("new")


def test_what_is_read_has_no_mark_and_is_none_where_there_is_nothing(tmp_path):
    path = tmp_path / "boards.toml"
    assert files.read_text(path) is None
    path.write_bytes(b"\xef\xbb\xbf[board]")  # as Windows' editor saves it
    assert files.read_text(path) == "[board]"
    assert files.read_text(path / "below a file") is None
    with pytest.raises(ValueError):
        path.write_bytes(b"\xff\x00")
        files.read_text(path)


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.symlink_to(path)])
def test_what_is_there_and_cannot_be_read_is_one_sentence(tmp_path, make):
    path = tmp_path / "ledger.json"
    make(path)
    with pytest.raises(OSError, match="ledger.json cannot be read .*: (move away|make it)"):
        files.read_text(path)


def test_every_damaged_file_is_kept_aside_once(tmp_path):
    path = tmp_path / "ledger.json"
    for damage, name in [("a", "ledger.json.bak"), ("b", "ledger.json.bak2"), ("a", None)]:
        path.write_text(damage)
        copy = files.keep_aside(path)
        assert copy.read_text() == path.read_text() == damage
        assert copy.name == (name or "ledger.json.bak")
    assert len(os.listdir(tmp_path)) == 3


@pytest.mark.skipif(os.name != "posix", reason="Windows has no umask")
def test_others_may_read_what_the_umask_lets_them(tmp_path):
    before = os.umask(0o027)
    try:
        with files.replacing(tmp_path / "file") as temporary:
            temporary.write_text("")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_a_second_writer_waits_for_the_first(tmp_path):
    path, order = tmp_path / "ledger.json", []

    def second():
        with files.changing(path):
            order.append("second")

    with files.changing(path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_writer_that_never_ends_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE_S", 0.05)
    path = tmp_path / "ledger.json"
    with files.changing(path), pytest.raises(TimeoutError), files.changing(path):
        pass


@pytest.mark.parametrize("write", [files.replacing, files.changing])
def test_a_work_folder_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch, write):
    """As in a checkout on a stick or a share that one may only read."""
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "taken" / "my work"))
    (tmp_path / "taken").write_text("a file, no folder")
    path = tmp_path / "taken" / "my work" / "ledger.json"
    with pytest.raises(OSError, match="cannot be written .*set TINYLAB_WORK"):
        write(path).__enter__()
    assert (tmp_path / "taken").read_text() == "a file, no folder"


def test_other_errors_are_left_alone(tmp_path):
    with pytest.raises(ValueError, match="mine"), files.replacing(tmp_path / "file"):
        raise ValueError("mine")
    with pytest.raises(FileNotFoundError, match="No such file"), files.replacing(tmp_path / "file"):
        open(tmp_path / "absent")
    assert os.listdir(tmp_path) == []
