"""The front end that can be differentiated against the one in numpy; sound stays 16-bit sound."""

import numpy as np
import pytest

from tinylab.security.waveform import differentiable_mfcc, pgd_waveforms
from tinylab.signal.mfcc import mfcc


def sounds(count: int = 3) -> np.ndarray:
    rng = np.random.default_rng(1)
    time_s = np.arange(16000) / 16000
    tones = [np.sin(2 * np.pi * f * time_s) for f in (300, 900, 2100)[:count]]
    return np.round(8000 * np.array(tones) + rng.normal(0, 200, (count, 16000))).astype(np.int16)


def test_features_are_those_of_numpy():
    tf = pytest.importorskip("tensorflow")
    waveforms = sounds()
    ours = differentiable_mfcc(tf.constant(waveforms / 32768, tf.float32)).numpy()
    np.testing.assert_allclose(ours[..., 0], mfcc(waveforms), atol=2e-3)


def test_silence_has_a_gradient():
    tf = pytest.importorskip("tensorflow")
    quiet = tf.zeros((1, 16000))
    with tf.GradientTape() as tape:
        tape.watch(quiet)
        total = tf.reduce_sum(differentiable_mfcc(quiet))
    assert np.isfinite(tape.gradient(total, quiet).numpy()).all()


@pytest.mark.parametrize("reach", [1, 16, 300])
def test_no_sample_moves_further_than_allowed(reach):
    waveforms = sounds()
    waveforms[0, :100] = 32767
    waveforms[1, :100] = -32768
    random = np.random.default_rng(2)
    made = pgd_waveforms(
        lambda x, y: random.normal(size=x.shape), waveforms, np.zeros(3, int), reach, steps=3
    )
    assert made.dtype == np.int16 and not np.array_equal(made, waveforms)
    assert np.abs(made.astype(int) - waveforms.astype(int)).max() <= reach


def test_a_sample_changes_by_whole_steps():
    with pytest.raises(ValueError, match="by 1 or more, not 0"):
        pgd_waveforms(None, sounds(), np.zeros(3, int), 0)
