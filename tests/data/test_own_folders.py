"""Folders of one's own: labels, groups, splits, any rate, length and size; what does not fit."""

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageDraw

from tinylab import data
from tinylab.data import machines, people, speech
from tinylab.data.own import files
from tinylab.data.own.sounds import loudest_part, read_sound

SPEAKERS = ("anna", "ben", "carla", "dev", "eva")


def write_tone(path, pitch_Hz, seconds=0.7, rate=16_000, channels=1):
    """A tone with silence before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(int(seconds * rate)) / rate
    wave = 0.4 * np.sin(2 * np.pi * pitch_Hz * times) * (times > 0.2 * seconds)
    soundfile.write(path, np.stack([wave] * channels, axis=1), rate)


@pytest.fixture
def words(tmp_path):
    for number, word in enumerate(("aye", "hello", "nay")):
        for turn, speaker in enumerate(SPEAKERS):
            path = tmp_path / "words" / word / f"{speaker}_{turn}.wav"
            write_tone(path, 300 * (number + 1), 0.4 + turn, 8000 * (turn + 1), 1 + turn % 2)
    return tmp_path / "words"


@pytest.fixture
def shapes(tmp_path):
    for number in range(5):
        for label in ("circle", "square"):
            picture = Image.new("RGB", (100 + 30 * number, 140), "white")
            draw = getattr(ImageDraw.Draw(picture), "ellipse" if label == "circle" else "rectangle")
            draw((30, 40, 80, 90), fill="black")
            path = tmp_path / "shapes" / label / f"p{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
    return tmp_path / "shapes"


@pytest.fixture
def motors(tmp_path):
    for kind in ("normal", "worn brush"):
        for number in range(5):
            path = tmp_path / "motors" / kind / f"run{number}_id_{number % 2 + 1}.wav"
            write_tone(path, 200 + 10 * number, 5, 44_100)
    return tmp_path / "motors"


def test_words_keep_their_labels_and_no_speaker_is_in_two_splits(words):
    parts = {split: data.folder(words, split) for split in files.SPLITS}
    assert sum(map(len, parts.values())) == 15
    heard = [set(part.speakers) for part in parts.values()]
    assert set.union(*heard) == set(SPEAKERS) and sum(map(len, heard)) == 5
    for part in parts.values():
        assert part.names == ("aye", "hello", "nay")
        assert [part.names[label] for label in part.labels] == part.words.tolist()
        assert part.waveforms.shape == (len(part), 16_000) and part.waveforms.dtype == np.int16


def test_sounds_of_any_rate_keep_their_pitch(words):
    clips = data.folder(words, "train")
    spectra = np.abs(np.fft.rfft(clips.waveforms.astype(float)))
    assert (np.abs(spectra.argmax(axis=1) - 300 * (clips.labels + 1)) <= 3).all()


def test_the_loudest_second_is_kept(tmp_path):
    write_tone(tmp_path / "long.wav", 440, seconds=8, rate=22_050)
    whole = read_sound(tmp_path / "long.wav")
    assert abs(len(whole) - 8 * 16_000) <= 1
    part = loudest_part(whole).astype(float)
    assert np.sqrt(np.mean(part**2)) > 0.26 * 32767
    short = loudest_part(np.ones(100, np.int16), 300)
    assert short.shape == (300,) and short[100:200].all() and short.sum() == 100
    with pytest.raises(ValueError, match="one channel"):
        loudest_part(np.ones((100, 2), np.int16), 300)


def test_pictures_of_any_size(shapes):
    parts = {split: data.folder(shapes, split) for split in files.SPLITS}
    assert [len(part) for part in parts.values()] == [6, 2, 2]
    for part in parts.values():
        assert part.names == ("circle", "square")
        assert part.images.shape[1:] == (96, 96, 3)
        dark = (part.images < 128).mean(axis=(1, 2, 3))
        assert dark[part.labels == 1].min() > dark[part.labels == 0].mean()
    assert len(people.load("train", source=shapes, limit=4)) == 4


def test_machines_of_ones_own(motors):
    training = machines.load("train", source=motors)
    assert not training.labels.any() and training.log_mel.shape[1:] == (64, 128)
    test = data.folder(motors, "test")
    assert set(test.faults) == {"", "worn brush"}
    assert (test.labels == (test.faults != "")).all()
    assert not set(training.names[training.labels == 0]) & set(test.names[test.labels == 0])
    assert set(np.concatenate([training.machines, test.machines])) <= {1, 2}


def test_folders_that_are_split_already(words):
    for split, speaker in zip(files.SPLITS, SPEAKERS, strict=False):
        for path in sorted(words.glob(f"*/{speaker}_*")):
            target = words.parent / "given" / split / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    clips = data.folder(words.parent / "given", "validation")
    assert set(clips.speakers) == {"ben"} and len(clips) == 3


def test_chosen_words_of_a_folder_and_of_the_bank(words):
    clips = speech.load("train", source=words, words=["nay", "aye"], per_class=1)
    assert clips.names == ("nay", "aye") and sorted(clips.words) == ["aye", "nay"]
    with pytest.raises(ValueError, match="no folder 'maybe'"):
        speech.load("train", source=words, words=["aye", "maybe"])
    built_in = speech.load("test", words=["hello", "seven"], per_class=2)
    assert built_in.names == ("hello", "seven", "silence", "unknown")
    for label, word in zip(built_in.labels, built_in.words, strict=True):
        expected = {0: {"hello"}, 1: {"seven"}, 2: {""}}.get(label)
        assert word in expected if expected else word not in {"hello", "seven", ""}
    with pytest.raises(ValueError, match="bank has no 'abracadabra'"):
        speech.load("test", words=["abracadabra"])
    with pytest.raises(ValueError, match="different words"):
        speech.load("test", words="yes")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: (root / "a").mkdir(parents=True), "holds no sounds"),
        (lambda root: write_tone(root / "only" / "x.wav", 300), "at least two labels"),
        (lambda root: write_tone(root / "x.wav", 300), "without a label"),
        (
            lambda root: [write_tone(root / k / f"{k}{i}.wav", 300) for k in "ab" for i in (1, 2)],
            "at least 3 are needed",
        ),
    ],
)
def test_folders_with_too_little_are_refused(tmp_path, make, message):
    make(tmp_path / "own")
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        data.folder(tmp_path / "own", "train")


def test_files_that_are_not_what_they_say_are_named(words, shapes, motors):
    for root, name in ((words, "aye/anna_0.wav"), (shapes, "circle/p0.png")):
        (root / name).write_bytes(b"no such thing")
    for root, name in ((words, "anna_0.wav"), (shapes, "p0.png")):
        with pytest.raises(ValueError, match=f"{name} is not"):
            [data.folder(root, split) for split in files.SPLITS]
    for path in motors.glob("normal/*"):
        write_tone(path, 300, seconds=1)
    with pytest.raises(ValueError, match="shorter than"):
        data.folder(motors, "train")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        data.folder(words / "absent", "train")
