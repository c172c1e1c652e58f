"""The streaming wake word: features against TensorFlow's, detections against hand-made cases."""

import json

import numpy as np
import pytest
import soundfile

from tinylab.benchmark.accuracy import measure_wake_word
from tinylab.benchmark.rules import TASKS
from tinylab.benchmark.wake_word import (
    WakeWordRecording,
    features,
    open_recording,
    score_detections,
    windows_of,
)

RATE, STEP_S = 16000, 0.032
SWW = TASKS["sww"]


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(0, 0.1, int(seconds * RATE))).astype(np.float32)


def test_features_are_tensorflows():
    tf = pytest.importorskip("tensorflow")
    waveform = sound(1.0)
    x = waveform / np.abs(waveform).max()
    sharp = tf.constant(np.append(x[:1], x[1:] - (1 - 2**-5) * x[:-1]), tf.float32)
    window = lambda n, dtype: tf.signal.hamming_window(n, periodic=False, dtype=dtype)  # noqa: E731
    power = tf.abs(tf.signal.stft(sharp, 1024, 512, window_fn=window)) ** 2 / 1024
    mel = tf.signal.linear_to_mel_weight_matrix(40, 513, RATE, 0.0, RATE / 2)
    level = 10 * np.log10(np.maximum((power @ mel).numpy(), 1e-30))
    np.testing.assert_allclose(features(waveform), np.clip((level + 52) / 64, 0, 1), atol=2e-5)


def test_a_second_has_thirty_frames():
    frames = features(sound(1.0))
    assert frames.shape == (30, 40) and 0 <= frames.min() and frames.max() <= 1
    assert windows_of(features(sound(2.0)), 30).shape == (32, 30, 40)
    np.testing.assert_array_equal(windows_of(frames, 30)[0], frames)


def test_silence_has_features():
    assert np.isfinite(features(np.zeros(RATE, np.float32))).all()


def fired_at(*seconds: float, total_s: float = 20.0) -> np.ndarray:
    """Detections whose step begins at these times."""
    fired = np.zeros(int(total_s / STEP_S), bool)
    fired[[int(moment / STEP_S) for moment in seconds]] = True
    return fired


RECORDING = WakeWordRecording(
    np.zeros(20 * RATE, np.float32), np.array([[4.0, 4.6], [10.0, 10.5], [15.0, 15.4]])
)


@pytest.mark.parametrize(
    ("moments", "misses", "false_accepts"),
    [
        ((), 3, 0),
        ((4.3, 10.2, 15.2), 0, 0),
        ((4.9, 10.9, 15.8), 0, 0),  # up to half a second late
        ((5.3, 10.2, 15.2), 1, 0),  # too late to count, too early to be a false accept
        ((6.0, 10.2, 15.2), 1, 1),
        ((4.3, 10.2, 15.2, 1.0, 1.2, 1.9), 0, 1),  # within a second they are one
        ((4.3, 10.2, 15.2, 1.0, 2.1, 3.2), 0, 3),
        ((4.3, 4.4, 4.5, 10.2, 15.2), 0, 0),
    ],
)
def test_detections_are_counted_by_the_rules(moments, misses, false_accepts):
    score = score_detections(fired_at(*moments), RECORDING)
    assert (score.words, score.misses, score.false_accepts) == (3, misses, false_accepts)
    assert score.duration_s == 20


def test_a_detector_that_hears_loud_sound(tmp_path):
    waveform = 0.001 * sound(12.0)
    waveform[int(5.0 * RATE) : int(5.5 * RATE)] += sound(0.5)
    soundfile.write(tmp_path / "long.wav", waveform, RATE)
    (tmp_path / "long_ww_windows.json").write_text("[[5.0, 5.5]]")

    class Loud:
        input_details = type("Details", (), {"shape": (1, 30, 1, 40)})

        def predict(self, x):
            assert x.shape[1:] == (30, 1, 40)
            loud = x[:, -3:].mean(axis=(1, 2, 3)) > x.mean() + 0.2
            return np.stack([loud, ~loud, ~loud], axis=1)

    score = measure_wake_word(Loud(), open_recording(tmp_path), SWW)
    assert (score.words, score.misses, score.false_accepts) == (1, 0, 0)


def test_the_runners_folder_of_all_data_will_do(tmp_path):
    (tmp_path / "sww01").mkdir()
    soundfile.write(tmp_path / "sww01" / "a.wav", sound(2.0), RATE)
    (tmp_path / "sww01" / "a_ww_windows.json").write_text("[[0.5, 1.0]]")
    np.testing.assert_array_equal(open_recording(tmp_path).windows_s, [[0.5, 1.0]])


@pytest.mark.parametrize(
    ("windows", "says"),
    [
        ("[[0.5, 1.0, 2.0]]", "must hold pairs"),
        ("[[1.0, 0.5]]", "must hold pairs"),
        ("[[0.5, 9.0]]", "inside the 2.0 s"),
        ("[]", "must hold pairs"),
        ("marvin", "no pairs of seconds"),
        ('{"a": 1}', "no pairs of seconds"),
    ],
)
def test_damaged_windows_get_a_sentence(tmp_path, windows, says):
    soundfile.write(tmp_path / "a.wav", sound(2.0), RATE)
    (tmp_path / "a_ww_windows.json").write_text(windows)
    with pytest.raises(ValueError, match=says):
        open_recording(tmp_path)


def test_recordings_that_are_none_get_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no .wav"):
        open_recording(tmp_path)
    soundfile.write(tmp_path / "a.wav", sound(2.0), 8000)
    with pytest.raises(FileNotFoundError, match="no a_ww_windows.json"):
        open_recording(tmp_path)
    (tmp_path / "a_ww_windows.json").write_text(json.dumps([[0.5, 1.0]]))
    with pytest.raises(ValueError, match="8000 Hz"):
        open_recording(tmp_path)
    soundfile.write(tmp_path / "b.wav", sound(2.0), RATE)
    with pytest.raises(ValueError, match="2 .wav files"):
        open_recording(tmp_path)
