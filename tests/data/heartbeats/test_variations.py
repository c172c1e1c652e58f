"""Varied beats: each change by itself against what it should do, and nothing else changed."""

import dataclasses

import numpy as np
import pytest

from tinylab.data.heartbeats.inputs import AFTER, BEFORE, INPUTS, LIMIT, Beats
from tinylab.data.heartbeats.variations import Variations, vary

STILL = Variations(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
SAMPLES = BEFORE + AFTER


def gaussians(count: int = 400) -> Beats:
    """A wave of height 1, five samples wide, at the peak; timing 0.5."""
    wave = np.exp(-0.5 * ((np.arange(SAMPLES) - BEFORE) / 5) ** 2)
    x = np.tile(np.concatenate([wave, np.full(INPUTS - SAMPLES, 0.5)]), (count, 1))
    return Beats(x.astype(np.float32), np.arange(count) % 3, np.full(count, "p"))


def varied(**how) -> np.ndarray:
    return vary(gaussians(), 1, dataclasses.replace(STILL, **how)).x


def test_nothing_changes_without_variations():
    np.testing.assert_allclose(varied(), gaussians().x, atol=1e-6)


def test_all_of_them_keep_class_shape_limits_and_seed():
    beats = gaussians()
    once, again, other = (vary(beats, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(once.x, again.x)
    assert not np.array_equal(once.x, other.x) and not np.array_equal(once.x, beats.x)
    np.testing.assert_array_equal(once.labels, beats.labels)
    np.testing.assert_array_equal(once.patients, beats.patients)
    assert once.x.dtype == np.float32 and once.x.shape == beats.x.shape
    far = vary(Beats(2 * beats.x, beats.labels, beats.patients), 3, Variations(gain=1.0))
    assert np.abs(far.x).max() == LIMIT


def test_a_shift_moves_the_peak_by_whole_samples_and_reaches_both_ends():
    peaks = varied(shift=2)[:, :SAMPLES].argmax(axis=1) - BEFORE
    assert set(peaks.tolist()) == {-2, -1, 0, 1, 2}


def test_a_stretched_beat_is_wider_or_narrower_around_its_peak():
    x = varied(stretch=0.1)[:, :SAMPLES]
    assert (x.argmax(axis=1) == BEFORE).all()
    areas = x.sum(axis=1) / gaussians(1).x[0, :SAMPLES].sum()
    assert np.log(areas).std() == pytest.approx(0.1, rel=0.15)
    assert abs(np.log(areas).mean()) < 0.02


def test_gain_and_reversal_scale_and_turn_the_signal_but_not_the_timing():
    x = varied(gain=0.2, reversed=0.25)
    heights = x[:, BEFORE]
    assert np.log(np.abs(heights)).std() == pytest.approx(0.2, rel=0.15)
    assert np.mean(heights < 0) == pytest.approx(0.25, abs=0.07)
    np.testing.assert_array_equal(x[:, SAMPLES:], gaussians().x[:, SAMPLES:])


def test_baseline_is_a_line_and_noise_has_its_size():
    lines = varied(baseline=0.1)[:, :SAMPLES] - gaussians().x[:, :SAMPLES]
    assert np.abs(np.diff(lines, 2, axis=1)).max() < 1e-5
    assert lines.mean(axis=1).std() == pytest.approx(0.1, rel=0.15)
    noise = varied(noise=0.05)[:, :SAMPLES] - gaussians().x[:, :SAMPLES]
    assert np.median(noise.std(axis=1)) == pytest.approx(0.05, rel=0.15)


def test_timing_alone_changes_four_numbers():
    x, before = varied(timing=0.1), gaussians().x
    np.testing.assert_array_equal(x[:, :SAMPLES], before[:, :SAMPLES])
    assert (x - before)[:, SAMPLES:].std() == pytest.approx(0.1, rel=0.1)
