"""Files are replaced whole or not at all, also on a full disk, and one writer after the other."""

import errno
import os
import threading

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
