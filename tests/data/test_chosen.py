"""One cell chooses whose data a notebook works on; whatever it cannot give is said."""

import shutil

import numpy as np
import pytest
import soundfile

from tests.own_sets import SHAPES, WORDS, write_motors, write_shapes, write_words
from tinylab import data
from tinylab.data import machines, people, speech
from tinylab.data.augment import STRONG


@pytest.fixture(autouse=True)
def built_in_again():
    yield
    for application in ("keyword_spotting", "visual_wake_words", "anomaly_detection"):
        data.use(application)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return write_words(tmp_path_factory.mktemp("sets") / "my words", 10)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp("sets") / "shapes", 15)


@pytest.fixture(scope="module")
def motors(tmp_path_factory):
    return write_motors(tmp_path_factory.mktemp("sets") / "motors")


def test_words_of_ones_own_and_what_they_lack(words, capsys):
    data.use("keyword_spotting", words)
    said = capsys.readouterr().out
    assert "my words with lights, music, seven: 18 files to train on, 6 files to validate" in said
    assert "no folder silence and none unknown" in said and "keyword_spotting_my_words" in said
    clips = speech.load("test", per_class=60)
    assert clips.names == speech.names() == WORDS and len(clips) == 6
    assert "asked for 60 of each label, there are 2 of lights" in capsys.readouterr().out
    speech.load("test", per_class=60)
    assert not capsys.readouterr().out
    strangers = speech.load("test_engine", augmentation=STRONG)
    said = capsys.readouterr().out
    assert "no split test_engine" in said and "stay as they are" in said
    assert sorted(strangers.words) == sorted(clips.words) and set(clips.engines) == {"a person"}
    speech.load_words(["door"], "test", 1)
    assert "come from the built-in bank" in capsys.readouterr().out


def test_back_to_the_built_in_set(words, capsys):
    data.use("keyword_spotting", words)
    capsys.readouterr()
    with data.built_in("keyword_spotting", "this study needs twelve words"):
        assert speech.load("test", per_class=1).names == speech.names() == speech.LABELS
    assert "left aside here: this study needs twelve words" in capsys.readouterr().out
    assert speech.names() == WORDS
    assert speech.load("test", source="built-in", per_class=1).names == speech.LABELS
    data.use("keyword_spotting", None)
    assert speech.names() == speech.LABELS and data.own_set("keyword_spotting") is None
    assert "the built-in set" in capsys.readouterr().out
    with data.built_in("keyword_spotting", "this study needs twelve words"):
        data.aside("keyword_spotting", "nothing to say")
    assert not capsys.readouterr().out


def test_silence_of_ones_own_is_no_word(tmp_path, capsys):
    for number in range(5):
        for label in ("silence", "stop"):
            path = tmp_path / "with silence" / label / f"{label}{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, np.full(16_000, 0.01 * number), 16_000)
    data.use("keyword_spotting", tmp_path / "with silence")
    assert "split file by file" in capsys.readouterr().out
    clips = speech.load("train")
    silent = clips.labels == clips.names.index("silence")
    assert silent.any() and not clips.words[silent].any() and (clips.words[~silent] == "stop").all()
    assert (clips.recordings[silent] == -1).all()


def test_pictures_of_two_labels(shapes, tmp_path, capsys):
    data.use("visual_wake_words", shapes)
    assert "shapes with circle, square: 18 files to train on" in capsys.readouterr().out
    pictures = people.load("train", limit=1000)
    assert pictures.names == people.names() == SHAPES and len(pictures) == 18
    assert "asked for 1000 pictures" in capsys.readouterr().out
    with pytest.raises(ValueError, match="limit 1000 needs"):
        people.load("train", limit=1000, source=shapes)
    shutil.copytree(shapes, tmp_path / "three")
    write_shapes(tmp_path / "more", 15)
    (tmp_path / "more" / "circle").rename(tmp_path / "three" / "ring")
    with pytest.raises(ValueError, match="tell two labels apart"):
        data.use("visual_wake_words", tmp_path / "three")
    data.use("visual_wake_words", tmp_path / "three", labels=("ring", "square"))
    assert people.load("train").names == ("ring", "square")


def test_motors_of_ones_own(motors, tmp_path, capsys):
    data.use("anomaly_detection", motors)
    assert "motors with normal, worn brush" in capsys.readouterr().out
    test = machines.load("test")
    assert set(test.faults) == {"", "worn brush"} and set(test.machines) <= {1, 2}
    sounds = machines.load_sounds()
    assert set(zip(sounds.machines.tolist(), sounds.faults.tolist(), strict=True)) <= {
        (machine, fault) for machine in (1, 2) for fault in ("", "worn brush")
    }
    assert set(sounds.names) <= set(test.names)
    shutil.copytree(motors, tmp_path / "more")
    shutil.copytree(motors / "worn brush", tmp_path / "more" / "loose")
    data.use("anomaly_detection", tmp_path / "more", labels=("normal", "worn brush"))
    for part in (machines.load("test"), machines.load_sounds(), machines.load_ageing("test")):
        assert set(part.faults) == {"", "worn brush"}
    with pytest.raises(ValueError, match="keep the label 'normal'"):
        data.use("anomaly_detection", tmp_path / "more", labels=("loose", "worn brush"))


def test_a_set_without_years_gets_phases_and_says_so(motors, capsys):
    data.use("anomaly_detection", motors)
    capsys.readouterr()
    new, drifted = (machines.load_ageing("test", phase=name) for name in machines.PHASES[:2])
    assert "its phases are simulated" in capsys.readouterr().out
    assert np.array_equal(new.labels, drifted.labels) and set(new.labels) == {0, 1}
    change = (drifted.log_mel - new.log_mel).mean(axis=(0, 1))
    assert abs(change[0]) < 1e-4 and abs(change[-1] + 6) < 1e-4
    every = machines.load_ageing("train")
    assert not every.labels.any() and (np.diff(every.month) >= 0).all()
    assert set(every.phase) == set(machines.PHASES)


@pytest.mark.parametrize(
    ("application", "kind", "message"),
    [
        ("keyword_spotting", "shapes", "holds no files of the kinds .wav"),
        ("visual_wake_words", "motors", "holds no files of the kinds .jpg"),
        ("anomaly_detection", "words", "needs a folder 'normal'"),
        ("smells", "words", "application must be one of"),
        ("keyword_spotting", "nowhere", "there is no folder"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_choice_stays(
    application, kind, message, request, tmp_path
):
    folder = tmp_path / kind if kind == "nowhere" else request.getfixturevalue(kind)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        data.use(application, folder)
    assert data.own_set(application) is None
