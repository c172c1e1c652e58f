"""A built-in file that is damaged is named before a figure comes of it."""

import shutil

import pytest

from tinylab.data import machines, people, speech, word_bank
from tinylab.data.download.checksums import record, shipped
from tinylab.data.heartbeats import library
from tinylab.paths import PROJECT

LOADED = {
    "heartbeats/patients.npz": lambda: library.load("train"),
    "machines/ageing.npz": lambda: machines.load_ageing("train"),
    "machines/recordings.npz": lambda: machines.load("train"),
    "machines/sounds.csv": machines.load_sounds,
    "machines/sounds.opus": machines.load_sounds,
    "people/pictures.csv": lambda: people.load("test"),
    "people/test-00.jpg": lambda: people.load("test"),
    "speech/words.csv": lambda: speech.load("test", per_class=1),
    "speech/words.opus": lambda: speech.load("test", per_class=1),
}
DAMAGE = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "a hole": lambda content: (
        content[: len(content) // 3] + bytes(9) + content[len(content) // 3 :]
    ),
    "a page": lambda content: b"<html>Not found</html>",
}


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """A copy of the built-in data, of links: a test puts something else in one's place."""
    for caching in (machines._stored, word_bank._read_banks, library._built_in):
        caching.cache_clear()
    for path in sorted((PROJECT / "datasets").rglob("*")):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            link = tmp_path / "datasets" / path.relative_to(PROJECT / "datasets")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path / "datasets"))
    yield tmp_path / "datasets"
    for caching in (machines._stored, word_bank._read_banks, library._built_in):
        caching.cache_clear()


@pytest.mark.parametrize("name", LOADED)
def test_a_damaged_file_is_named_whatever_the_damage(datasets, name):
    path, content = datasets / name, (PROJECT / "datasets" / name).read_bytes()
    path.unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing: restore it"):
        LOADED[name]()
    for damage in DAMAGE.values():
        path.write_bytes(damage(content))
        with pytest.raises(ValueError, match=f"{name} is damaged, or was changed: restore it"):
            LOADED[name]()


def test_the_ones_that_were_shipped_load(datasets):
    assert all(shipped(name).is_file() for name in LOADED)


def test_data_of_ones_own_are_entered(datasets):
    path = datasets / "machines" / "sounds.csv"
    path.unlink()
    shutil.copy(PROJECT / "datasets" / "machines" / "sounds.csv", path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n", 1))
    with pytest.raises(ValueError, match="was changed"):
        shipped("machines/sounds.csv")
    listing = datasets / "SHA256SUMS"
    text = listing.read_text()
    listing.unlink()
    assert shipped("machines/sounds.csv") == path, "without a list nothing is compared"
    listing.write_text(text)
    record([path])
    assert shipped("machines/sounds.csv") == path
