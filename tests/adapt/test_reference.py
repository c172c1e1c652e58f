"""The reference DS-CNN and the built-in speech: a new word and a new speaker, as in class."""

import numpy as np
import pytest

from tinylab.adapt.fine_tuning.new_class import add_class
from tinylab.adapt.fine_tuning.study import ScopeStudySettings, finetune, measure_scopes
from tinylab.adapt.fine_tuning.trainer import answers
from tinylab.adapt.on_device.program import OnDeviceModel, build
from tinylab.data import speech
from tinylab.models import checkpoints
from tinylab.signal.mfcc import mfcc

pytestmark = pytest.mark.training
NEW_CLASS = len(speech.LABELS)


def features(clips):
    return mfcc(clips.waveforms)[..., np.newaxis]


@pytest.fixture(scope="module")
def ds_cnn():
    return checkpoints.load("keyword_spotting", "train").model


@pytest.fixture(scope="module")
def old():
    clips = speech.load("test", per_class=15, seed=1)
    return features(clips), clips.labels


@pytest.fixture(scope="module")
def new_word():
    """Ten clips of a word to learn from, forty by voices that gave none of them."""
    few = features(speech.load_words(["computer"], "train", 10, seed=2))
    others = features(speech.load_words(["computer"], "test", 40, seed=3))
    return few, (others, np.full(len(others), NEW_CLASS))


def test_a_new_word(ds_cnn, new_word, old):
    few, new = new_word
    result = finetune(add_class(ds_cnn, few), few, np.full(10, NEW_CLASS), new=new, old=old)
    assert result.accuracy_new_before > 0.3
    assert result.accuracy_new > 0.8
    assert result.accuracy_old > 0.6
    assert result.memory.gradient_bytes == 4 * (64 * 13 + 13)


def test_a_new_speaker(ds_cnn, old):
    """Enrolment: the evaluation clips repeat the same recordings in other rooms and noises."""
    (voice,) = [name for name in speech.speakers("test_engine") if name.endswith("kal_diphone:3")]
    commands = list(speech.COMMANDS)
    few = speech.load_words(commands, "test_engine", 2, speakers=[voice], seed=4)
    more = speech.load_words(commands, "test_engine", 6, speakers=[voice], seed=5)
    new = (features(more), more.labels)
    result = finetune(ds_cnn, features(few), few.labels, new=new, old=old, scope="all")
    assert result.accuracy_new > result.accuracy_new_before
    assert result.accuracy_old > 0.6


def test_depth_buys_forgetting_and_costs_memory(ds_cnn, new_word, old):
    few, new = new_word
    results = measure_scopes(
        add_class(ds_cnn, few),
        few,
        np.full(10, NEW_CLASS),
        new=new,
        old=old,
        settings=ScopeStudySettings(scopes=("last_layer", "all"), progress=False),
    )
    last, everything = results.row("last_layer"), results.row("all")
    assert everything.memory.total_bytes > 10 * last.memory.total_bytes
    assert everything.forgetting > last.forgetting


def test_on_the_device(ds_cnn, new_word, old):
    few, (x_new, y_new) = new_word
    wide = add_class(ds_cnn, few)
    content = build(wide, batch_size=5)
    device = OnDeviceModel(content)
    np.testing.assert_allclose(device.predict(x_new), answers(wide, x_new), atol=1e-5)
    before = np.mean(device.predict(x_new).argmax(axis=1) == y_new)
    device.fit(few, np.full(10, NEW_CLASS), epochs=20)
    assert np.mean(device.predict(x_new).argmax(axis=1) == y_new) > before
    assert len(content) < 150_000
