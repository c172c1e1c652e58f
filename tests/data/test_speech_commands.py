"""Reading the real data set's folder layout, on a miniature of it."""

import numpy as np
import pytest
import soundfile

from tinylab.data import speech


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "public" / "speech-commands"
    rng = np.random.default_rng(0)
    for word in (*speech.COMMANDS, "marvin", "bed"):
        for person in ("aaaa", "bbbb", "cccc", "dddd"):
            path = root / word / f"{person}_nohash_0.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            length = 16000 if person != "bbbb" else 12000
            soundfile.write(path, rng.integers(-999, 999, length).astype(np.int16), 16000)
    (root / "_background_noise_").mkdir()
    noise = rng.integers(-9999, 9999, 40_000).astype(np.int16)
    soundfile.write(root / "_background_noise_" / "tap.wav", noise, 16000)
    listing = {"validation": "cccc", "testing": "dddd"}
    for name, person in listing.items():
        lines = [f"{word}/{person}_nohash_0.wav" for word in (*speech.COMMANDS, "marvin", "bed")]
        (root / f"{name}_list.txt").write_text("\n".join(lines) + "\n")
    return root


@pytest.mark.parametrize(
    ("split", "people"),
    [("train", {"aaaa", "bbbb"}), ("validation", {"cccc"}), ("test", {"dddd"})],
)
def test_splits_follow_the_lists(folder, split, people):
    clips = speech.load(split, source=folder)
    assert set(clips.speakers) == people | {""}
    counts = np.bincount(clips.labels, minlength=12)
    assert (counts == len(people)).all()
    assert clips.waveforms.dtype == np.int16 and clips.waveforms.shape[1] == 16000


def test_words_labels_and_short_files(folder):
    clips = speech.load("train", source=folder)
    for label, word, recording in zip(clips.labels, clips.words, clips.recordings, strict=True):
        expected = {"": "silence", "marvin": "unknown", "bed": "unknown"}.get(word, word)
        assert speech.LABELS[label] == expected
        assert (recording == -1) == (word == "")
    assert not clips.waveforms[clips.speakers == "bbbb"][:, 12000:].any()


def test_it_is_repeatable_and_can_be_smaller(folder):
    first, second = (speech.load("train", source=folder, per_class=1, seed=4) for _ in range(2))
    assert np.array_equal(first.waveforms, second.waveforms) and len(first) == 12


def test_the_fetched_set_is_found_by_name(folder, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(folder.parent.parent))
    assert len(speech.load("test", source="speech-commands")) == 12


def test_a_missing_set_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="tinylab fetch speech-commands"):
        speech.load("test", source="speech-commands")
    with pytest.raises(FileNotFoundError, match="a folder for each label"):
        speech.load("test", source=tmp_path)


def test_words_that_are_not_there_are_named(folder):
    with pytest.raises(ValueError, match="no recordings of 'computer'"):
        speech.load("train", source=folder, words=["yes", "computer"])
    chosen = speech.load("train", source=folder, words=["yes", "bed"], per_class=1)
    assert chosen.names == ("yes", "bed", "silence", "unknown")
    assert sorted(chosen.labels.tolist()) == [0, 1, 2, 3]


def test_the_held_out_engine_exists_only_built_in(folder):
    with pytest.raises(ValueError, match="train, validation, test"):
        speech.load("test_engine", source=folder)
