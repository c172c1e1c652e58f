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
    with pytest.raises(OSError, match="No space left"), files.replacing(path) as temporary:
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
