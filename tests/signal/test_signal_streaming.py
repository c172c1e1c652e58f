"""The streaming forms against the front end for whole clips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.signal.mfcc import KWS, MfccConfig, mfcc
from tinylab.signal.streaming import StreamingMfcc, sliding_mfcc


def sound(samples, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=samples) * 3000).astype(np.int16)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 1500), min_size=1, max_size=12))
def test_any_chunking_gives_the_features_of_the_whole(chunks):
    waveform = sound(sum(chunks) + 480)
    stream = StreamingMfcc(peak=32768.0)
    cuts = np.cumsum(chunks)
    vectors = np.concatenate([stream.push(part) for part in np.split(waveform, cuts)])
    np.testing.assert_allclose(vectors, mfcc(waveform, peak=32768.0), atol=1e-4)


def test_one_frame_in_one_vector_out():
    stream = StreamingMfcc(peak=1.0)
    assert stream.push(sound(480)).shape == (1, 10)
    for seed in range(3):
        assert stream.push(sound(320, seed)).shape == (1, 10)
    assert stream.push(sound(319)).shape == (0, 10)
    assert stream.push(sound(1)).shape == (1, 10)


def test_running_peak_follows_the_sound_and_decays():
    stream = StreamingMfcc(half_life_s=0.5, floor=100.0)
    loud = np.zeros(480, dtype=np.int16)
    loud[10] = 20000
    stream.push(loud)
    assert stream.running_peak_ == 20000
    stream.push(np.zeros(8000, dtype=np.int16))
    assert stream.running_peak_ == pytest.approx(10000, rel=0.02)
    stream.push(np.zeros(16000 * 20, dtype=np.int16))
    assert stream.running_peak_ == 100.0
    stream.reset()
    assert stream.push(np.zeros(479, dtype=np.int16)).shape == (0, 10)


def test_two_seconds_of_silence_halve_the_running_peak_unless_told_otherwise():
    stream = StreamingMfcc()
    stream.push(np.full(480, 20000, dtype=np.int16))
    stream.push(np.zeros(2 * 16000, dtype=np.int16))
    assert stream.running_peak_ == pytest.approx(10000, rel=0.02)


def test_running_gain_changes_coefficient_0_only():
    waveform = sound(16000)
    running = StreamingMfcc().push(waveform)
    fixed = mfcc(waveform, peak=float(waveform.max()))
    np.testing.assert_allclose(running[:, 1:], fixed[:, 1:], atol=0.05)
    assert np.ptp(running[:, 0] - fixed[:, 0]) > 0.1


@pytest.mark.parametrize("hop_frames", [1, 5, 49])
def test_sliding_windows_equal_separate_clips(hop_frames):
    waveform = sound(16000 * 3 + 123)
    waveform[16000:32000] //= 20
    features = sliding_mfcc(waveform, hop_frames=hop_frames)
    hop = hop_frames * KWS.frame_step
    starts = range(0, len(waveform) - 16000 + 1, hop)
    expected = np.stack([mfcc(waveform[start : start + 16000]) for start in starts])
    np.testing.assert_allclose(features, expected, atol=1e-3)


def test_sliding_windows_over_silence_are_finite():
    assert np.isfinite(sliding_mfcc(np.zeros(20000, dtype=np.int16))).all()


def test_sliding_windows_of_another_configuration():
    config = MfccConfig(frame_step=160, coefficients=13)
    features = sliding_mfcc(sound(9000), hop_frames=2, window_samples=8000, config=config)
    assert features.shape == (4, config.frame_count(8000), 13)


def test_errors_say_what_to_pass():
    with pytest.raises(ValueError, match="peak must be positive"):
        StreamingMfcc(peak=0)
    with pytest.raises(ValueError, match="positive"):
        StreamingMfcc(half_life_s=0)
    with pytest.raises(ValueError, match="one channel"):
        StreamingMfcc().push(np.zeros((2, 480)))
    with pytest.raises(ValueError, match="16000 samples"):
        sliding_mfcc(np.zeros(15999))
    with pytest.raises(ValueError, match="hop_frames"):
        sliding_mfcc(np.zeros(16000), hop_frames=0)
