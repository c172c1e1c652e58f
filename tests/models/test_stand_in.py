"""Models of a set of one's own: kept under its name, with its labels; where they start from."""

import keras
import numpy as np
import pytest

from tests.own_sets import WORDS, write_motors, write_words
from tinylab import data
from tinylab.course import Ledger
from tinylab.data import speech
from tinylab.models import checkpoints, stand_in
from tinylab.models.scores import scores_of
from tinylab.signal.mfcc import mfcc

PROGRAM = (checkpoints.REFERENCE / "heartbeat_compress.tflite").read_bytes()


def tiny_model(units: int) -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(units, activation="softmax")(inputs))


@pytest.fixture
def words(tmp_path):
    folder = write_words(tmp_path / "my words", 10)
    data.use("keyword_spotting", folder)
    yield folder
    data.use("keyword_spotting", None)


def test_two_labels_are_told_apart_as_the_fit_does():
    model, rng = tiny_model(5), np.random.default_rng(0)
    kernel, bias = rng.normal(size=(4, 2)), rng.normal(size=2)
    answering = stand_in.with_last_layer(model, kernel, bias)
    x = rng.normal(size=(7, 4)).astype(np.float32)
    logits = x @ kernel + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores_of(answering, x), expected, atol=1e-5)


def test_the_bundled_model_answers_the_labels_of_ones_own(words, capsys):
    capsys.readouterr()
    start = checkpoints.load("keyword_spotting", "train")
    said = capsys.readouterr().out
    assert "fitted to 18 training files of my words" in said
    assert "with a last layer fitted to my words" in str(start) and start.origin == "reference"
    assert tuple(start.metrics["labels"]) == WORDS
    clips = speech.load("test")
    answers = scores_of(start.model, mfcc(clips.waveforms)[..., np.newaxis])
    assert answers.shape == (6, 3) and (answers.argmax(axis=1) == clips.labels).mean() >= 0.5
    with pytest.raises(FileNotFoundError, match="no converted model of my words yet"):
        checkpoints.load("keyword_spotting", "deploy", "compress")


def test_models_of_two_sets_are_kept_apart(words, tmp_path, capsys):
    path = checkpoints.save(tiny_model(3), "keyword_spotting", "train", metrics={"accuracy": 0.5})
    assert path.name == "keyword_spotting_my_words_train.keras"
    mine = checkpoints.load("keyword_spotting", "train")
    assert mine.origin == "yours" and mine.metrics == {"labels": list(WORDS), "accuracy": 0.5}
    with data.built_in("keyword_spotting", "a test"):
        assert checkpoints.load("keyword_spotting", "train").origin == "reference"
    other = write_words(tmp_path / "elsewhere" / "my words", 10)
    (other / "seven").rename(other / "eleven")
    data.use("keyword_spotting", other)
    with pytest.raises(ValueError, match=r"answers lights, music, seven, and my words has eleven"):
        checkpoints.load("keyword_spotting", "train")


def test_a_word_more_than_the_folder_has_is_no_other_label(words):
    labels = [*WORDS, "computer"]
    checkpoints.save(PROGRAM, "keyword_spotting", "deploy", metrics={"labels": labels})
    assert checkpoints.load("keyword_spotting", "deploy").metrics["labels"] == labels


def test_rows_of_two_sets_are_kept_apart(words):
    ledger = Ledger("keyword_spotting").record("train", test_set="rendered clips", examples=6)
    assert ledger.path.name == "ledger_keyword_spotting_my_words.json"
    assert ledger.rows[0].test_set == "clips of my words"
    data.use("keyword_spotting", None)
    assert not Ledger("keyword_spotting").rows


def test_an_autoencoder_knows_no_labels_and_says_where_it_comes_from(tmp_path, capsys):
    data.use("anomaly_detection", write_motors(tmp_path / "motors"))
    try:
        assert checkpoints.load("anomaly_detection", "train").origin == "reference"
        assert "trained on the built-in machines" in capsys.readouterr().out
        assert isinstance(checkpoints.load("anomaly_detection", "compress").model, bytes)
    finally:
        data.use("anomaly_detection", None)
