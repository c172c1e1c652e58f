"""Users and vocabularies: what alpha changes, what it must not, and who is kept apart."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.adapt.federated.keywords import users as users_module
from tinylab.adapt.federated.keywords.users import (
    NEW_WORDS,
    ROOMS,
    FeatureBank,
    draw_users,
    feature_bank,
    settle,
)
from tinylab.adapt.federated.keywords.vocabularies import (
    ALIKE,
    balanced_vocabularies,
    effective_words,
)
from tinylab.data.word_bank import read_bank


@settings(max_examples=25)
@given(st.sampled_from([0.1, 0.3, 1.0, 10.0]), st.integers(0, 1000))
def test_users_have_a_whole_and_words_are_said_equally_often(alpha, seed):
    shares = balanced_vocabularies(alpha, 100, 30, np.random.default_rng(seed))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(shares.sum(axis=0), 100 / 30, rtol=1e-6)
    assert shares.min() > 0


def test_a_lower_alpha_means_fewer_words():
    words = [
        effective_words(balanced_vocabularies(a, 100, 30, np.random.default_rng(0))).mean()
        for a in (0.03, 0.1, 0.3, 1.0, ALIKE)
    ]
    assert words == sorted(words) and words[0] < 4 and words[-1] > 29.9
    assert effective_words(np.array([[1, 1, 0, 0.0]])) == pytest.approx([2])


def test_users_say_their_own_words_in_their_own_voice():
    plan, bank = draw_users(0.1, users=30, seed=2), read_bank("train")
    assert len(set(plan.speakers)) == 30
    for k, speaker in enumerate(plan.speakers):
        assert set(bank.speakers[plan.recordings[k]]) == {speaker}
    said = np.array(NEW_WORDS)[plan.labels]
    np.testing.assert_array_equal(bank.words[plan.recordings], said)
    counts = np.stack([np.bincount(row, minlength=30) for row in plan.labels])
    assert np.corrcoef(counts.ravel(), 40 * plan.vocabularies.ravel())[0, 1] > 0.95


def test_the_same_seed_gives_the_same_users():
    first, same, other = (draw_users(0.3, users=10, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.recordings, same.recordings)
    assert first.speakers == same.speakers != other.speakers


def test_unlike_sizes_and_too_many_users():
    plan = draw_users(1.0, users=60, seed=0, unlike_sizes=True)
    assert plan.counts.min() >= 8 and plan.counts.max() <= 240 and plan.counts.std() > 10
    with pytest.raises(ValueError, match="244 speakers"):
        draw_users(1.0, users=245)


def small_bank(value=1.0):
    size = len(read_bank("train"))
    train = np.full((2, size, 64), value, np.float32)
    held_out = (np.zeros((30, 64), np.float32), np.arange(30))
    return FeatureBank(train, held_out, held_out)


def test_a_setting_needs_features_of_its_users():
    plan = draw_users(1.0, users=5, clips=6, seed=0, unlike_sizes=True)
    setting = settle(plan, small_bank())
    assert setting.data.x.shape[0] == 5 and len(setting.start[1]) == 30
    with pytest.raises(ValueError, match="made for other users"):
        settle(plan, small_bank(np.nan))
    with pytest.raises(ValueError, match="validation"):
        settle(plan, small_bank(), "train")


def test_a_bank_holds_the_last_hidden_layers_answers_to_what_users_said(monkeypatch):
    """Standardized by the validation voices; sound is a recording's number and its room here."""

    def played(recordings, split, *, seed):
        numbers = np.array([[n, seed, len(split)] for n in recordings], np.float32)
        return SimpleNamespace(waveforms=np.sin(numbers))

    monkeypatch.setattr(users_module, "load_recordings", played)
    monkeypatch.setattr(users_module, "mfcc", lambda waveforms: waveforms[:, :, np.newaxis])
    keras.utils.set_random_seed(0)
    inputs = keras.Input((3, 1, 1))
    hidden = keras.layers.Dense(4, name="hidden")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(hidden))
    kernel = model.get_layer("hidden").get_weights()[0]
    plan = draw_users(0.1, users=3, seed=2)
    bank = feature_bank(model, [plan])

    held_out = read_bank("validation").words
    at = np.flatnonzero(np.isin(held_out, NEW_WORDS))
    raw = played(at.tolist(), "validation", seed=0).waveforms @ kernel
    mean, deviation = raw.mean(axis=0), raw.std(axis=0) + 1e-3
    np.testing.assert_allclose(bank.validation[0], (raw - mean) / deviation, atol=1e-3)
    np.testing.assert_array_equal(np.array(NEW_WORDS)[bank.validation[1]], held_out[at])

    said = {(room, n) for room, n in zip(plan.rooms.ravel(), plan.recordings.ravel(), strict=True)}
    assert bank.train.shape[0] == ROOMS
    assert set(zip(*np.nonzero(np.isfinite(bank.train).all(axis=2)), strict=True)) == said
    room, n = max(said)
    expected = (played([n], "train", seed=room).waveforms @ kernel - mean) / deviation
    np.testing.assert_allclose(bank.train[room, n], expected[0], atol=1e-3)
