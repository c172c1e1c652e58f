"""A student's work goes into one file and comes back, and nothing of hers is lost."""

import json
import os
import time
import zipfile

import pytest

from tinylab.grading.take_home import MANIFEST, pack, restore, unpack


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "notebooks"
    for name, text in {
        "00_start_here.ipynb": "mine",
        "01/2.ipynb": "two",
        "my_work/ledger.json": "{}",
        "solutions/00.ipynb": "secret",
        ".ipynb_checkpoints/x.ipynb": "old",
        "notes.txt": "not packed",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_work_comes_back_elsewhere(home, tmp_path):
    packed = pack(tmp_path / "w.zip", home)
    assert packed.files == ("00_start_here.ipynb", "01/2.ipynb", "my_work/ledger.json")
    other = tmp_path / "other"
    assert unpack(tmp_path / "w.zip", other).files == packed.files
    assert (other / "01/2.ipynb").read_text() == "two"


def test_what_differs_is_left_as_it_is(home, tmp_path):
    pack(tmp_path / "w.zip", home)
    (home / "01/2.ipynb").write_text("newer")
    assert unpack(tmp_path / "w.zip", home).kept == ("01/2.ipynb",)
    assert (home / "01/2.ipynb").read_text() == "newer"
    with pytest.raises(FileExistsError):
        pack(tmp_path / "w.zip", home)


@pytest.mark.parametrize("name", ["../x.ipynb", "source/x.py", ".bashrc", "/etc/x"])
def test_a_file_that_pack_did_not_write_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
        archive.writestr(MANIFEST, "{}")
        archive.writestr(name, "x")
    with pytest.raises(ValueError, match="w.zip"):
        unpack(tmp_path / "w.zip", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_original_lies_beside_hers(solved, assignment, tmp_path):
    own = tmp_path / "mine.ipynb"
    own.write_text(json.dumps(solved))
    original = restore(own)
    assert original.name == "mine.original.ipynb"
    assert json.loads(original.read_text()) == assignment.notebook
    assert json.loads(own.read_text()) == solved
    with pytest.raises(FileExistsError):
        restore(own)


@pytest.mark.parametrize("year", [1970, 2150])
def test_times_of_a_wrong_clock_do_not_stop_it(home, tmp_path, monkeypatch, year):
    seconds = (year - 1970) * 365.25 * 86400
    os.utime(home / "00_start_here.ipynb", (seconds, seconds))
    now = time.struct_time((year, 1, 1, 0, 0, 0, 0, 1, 0))
    monkeypatch.setattr(time, "localtime", lambda seconds=None: now)
    packed = pack(tmp_path / "w.zip", home)
    assert unpack(tmp_path / "w.zip", tmp_path / "other").files == packed.files
