"""Disturbed features against what disturbing the sound does."""

import dataclasses

import numpy as np
import pytest

from tinylab.models.augmentation.mfcc import Disturbance, tract_matrix
from tinylab.signal.mfcc import mfcc

NOTHING = Disturbance(
    shift_frames=0, tempo=0, rhythm=0, tract=0, articulation=0, channel=0, gap_frames=0
)


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    time = np.arange(16000) / 16000
    pitch_Hz = rng.uniform(100, 250, (20, 1))
    sound = sum(np.sin(2 * np.pi * pitch_Hz * k * time) / k for k in range(1, 12))
    loudness = np.exp(-(((time - 0.5) / 0.15) ** 2))
    return mfcc(sound * loudness + 1e-3 * rng.normal(size=(20, 16000)))[..., np.newaxis]


def changed(batch, seed=0, **amounts):
    return dataclasses.replace(NOTHING, **amounts)(batch, np.random.default_rng(seed))


def test_nothing_changes_nothing(batch):
    np.testing.assert_allclose(changed(batch), batch, atol=1e-4)


def test_same_generator_same_features(batch):
    every = Disturbance()
    features, repeated = (every(batch, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(features, repeated)
    assert features.shape == batch.shape and features.dtype == np.float32
    assert not np.array_equal(features, every(batch, np.random.default_rng(6)))


def test_shift_moves_the_word_by_frames(batch):
    moved = changed(batch, shift_frames=4.0)
    loudest = batch[..., 0, 0].argmax(axis=1), moved[..., 0, 0].argmax(axis=1)
    assert 1 < np.std(loudest[1] - loudest[0]) < 8


def test_tempo_changes_how_long_the_word_is(batch):
    loudness, retimed = batch[..., 0, 0], changed(batch, tempo=0.3)[..., 0, 0]
    loud = (loudness.max(axis=1) + loudness.min(axis=1))[:, np.newaxis] / 2
    ratio = (retimed > loud).sum(axis=1) / (loudness > loud).sum(axis=1)
    assert ratio.min() < 0.85 and ratio.max() > 1.15


def test_rhythm_stretches_parts_and_keeps_their_order():
    """Of a clip that only counts frames, the output says which frame was read."""
    read = changed(np.arange(49.0).reshape(1, 49, 1, 1).repeat(500, axis=0), rhythm=0.3)[..., 0, 0]
    np.testing.assert_allclose(read[:, 24], 24, atol=1e-4)
    steps = np.diff(read, axis=1)
    assert steps.min() >= 0
    at_moments = np.log(steps[:, [13, 34]])  # near the third and the sixth of the eight
    np.testing.assert_allclose(at_moments.std(axis=0), 0.3, rtol=0.15)
    assert abs(np.corrcoef(at_moments.T)[0, 1]) < 0.15


def test_articulation_scales_what_changes_and_keeps_loudness_and_means(batch):
    plain, spoken = batch[..., 0], changed(batch, articulation=0.2)[..., 0]
    np.testing.assert_allclose(spoken[..., 0], plain[..., 0], atol=1e-4)
    np.testing.assert_allclose(spoken.mean(axis=1), plain.mean(axis=1), atol=1e-3)
    factor = (spoken.std(axis=1) / plain.std(axis=1))[:, 1:]
    np.testing.assert_allclose(np.log(factor).std(), 0.2, rtol=0.2)


def test_channel_adds_one_constant_to_a_whole_clip(batch):
    difference = (changed(batch, channel=0.3) - batch)[..., 0]
    assert np.ptp(difference, axis=1).max() < 1e-3
    spread = batch[..., 0].std(axis=(0, 1))
    np.testing.assert_allclose(difference[:, 0].std(axis=0) / spread, 0.3, atol=0.2)


def test_gaps_are_short_and_filled_with_the_mean(batch):
    gapped = changed(batch, gap_frames=5)
    inside = (gapped != batch).any(axis=(2, 3))
    assert inside.any() and inside.sum(axis=1).max() <= 5
    clip, frame = np.argwhere(inside)[0]
    np.testing.assert_allclose(gapped[clip, frame], batch[clip].mean(axis=0), rtol=1e-4)


def vowel(scale):
    """A second of noise with three formants, all scaled."""
    rng = np.random.default_rng(2)
    frequencies_Hz = np.fft.rfftfreq(16000, 1 / 16000)
    formants = [np.exp(-(((frequencies_Hz / scale - f) / 250) ** 2)) for f in (600, 1500, 2600)]
    phases = np.exp(2j * np.pi * rng.random(len(frequencies_Hz)))
    return np.fft.irfft((sum(formants) + 0.01) * phases, 16000)


@pytest.mark.parametrize("scale", [0.9, 1.1])
def test_tract_scales_the_frequencies_of_the_sound(scale):
    plain, scaled = (mfcc(vowel(s), peak=1.0).mean(axis=0) for s in (1.0, scale))
    left_over = np.abs(plain @ tract_matrix(1 / scale) - scaled).sum()
    assert left_over < 0.4 * np.abs(plain - scaled).sum()


def test_tract_of_the_same_length_changes_nothing():
    np.testing.assert_allclose(tract_matrix(1.0), np.eye(10), atol=1e-5)
