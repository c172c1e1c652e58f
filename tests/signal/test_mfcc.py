"""The front end against scipy, TensorFlow and a third-party model fed with real features."""

import numpy as np
import pytest
import scipy.fft
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

from tinylab.signal.mfcc import (
    KWS,
    MfccConfig,
    dct_matrix,
    frames,
    hz_to_mel,
    log_mel,
    mel_energies,
    mel_matrix,
    mel_to_hz,
    mfcc,
    periodic_hann,
    spectrogram,
)


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    time = np.arange(16000) / 16000
    tones = [np.sin(2 * np.pi * (300 + 400 * k) * time * (1 + time)) for k in range(3)]
    sound = np.array(tones) * 9000 + rng.normal(size=(3, 16000)) * 200
    return sound.astype(np.int16)


def tensorflow_mfcc(waveform):
    tf = pytest.importorskip("tensorflow")
    sound = tf.cast(waveform, tf.float32)
    sound = sound / tf.reduce_max(sound)
    magnitude = tf.abs(tf.signal.stft(sound, 480, 320, None, tf.signal.hann_window))
    filters = tf.signal.linear_to_mel_weight_matrix(40, 257, 16000, 20.0, 4000.0)
    log_energies = tf.math.log(magnitude @ filters + 1e-6)
    cepstra = tf.signal.mfccs_from_log_mel_spectrograms(log_energies)[..., :10]
    return cepstra.numpy(), filters.numpy()


def test_equals_tensorflow(clips):
    ours = mfcc(clips)
    for waveform, features in zip(clips, ours, strict=True):
        expected, filters = tensorflow_mfcc(waveform)
        np.testing.assert_allclose(features, expected, atol=2e-4)
        np.testing.assert_allclose(mel_matrix(), filters, atol=1e-5)


def test_shapes_of_every_stage(clips):
    assert frames(clips).shape == (3, 49, 480)
    assert spectrogram(clips).shape == (3, 49, 257)
    assert log_mel(clips).shape == (3, 49, 40)
    assert mfcc(clips).shape == (3, 49, 10)
    assert mfcc(clips).dtype == np.float32
    assert mfcc(clips[0]).shape == (49, 10)
    assert mfcc(clips[:, np.newaxis]).shape == (3, 1, 49, 10)
    assert mfcc(clips[:0]).shape == (0, 49, 10)
    assert KWS.frame_count(16000) == 49


def test_stages_follow_from_each_other(clips):
    magnitudes = spectrogram(clips)
    energies = np.log(magnitudes @ mel_matrix() + 1e-6)
    np.testing.assert_allclose(log_mel(clips), energies, atol=1e-3)
    np.testing.assert_allclose(mfcc(clips), log_mel(clips) @ dct_matrix(), atol=1e-3)


def test_spectrogram_equals_scipy(clips):
    sound = clips[0] / clips[0].max()
    _, _, expected = scipy.signal.stft(
        sound,
        nperseg=480,
        noverlap=160,
        nfft=512,
        window="hann",
        boundary=None,
        padded=False,
        scaling="spectrum",
    )
    expected = np.abs(expected) * periodic_hann(480).sum()
    np.testing.assert_allclose(spectrogram(clips[0]), expected.T, atol=1e-3)


def test_cosine_transform_equals_scipy():
    energies = np.random.default_rng(1).normal(size=(5, 40))
    expected = scipy.fft.dct(energies, type=2, axis=-1)[:, :10] / np.sqrt(2 * 40)
    np.testing.assert_allclose(energies @ dct_matrix(), expected, atol=1e-5)


def test_window_is_periodic():
    np.testing.assert_allclose(
        periodic_hann(480), scipy.signal.get_window("hann", 480, fftbins=True), atol=1e-7
    )


def test_filters_are_triangles_between_the_edges():
    filters = mel_matrix()
    frequencies = KWS.frequencies_Hz
    assert not filters[0].any()
    assert not filters[frequencies > 4000].any()
    assert (filters >= 0).all() and filters.max() <= 1
    peaks = frequencies[filters.argmax(axis=0)]
    assert (np.diff(peaks) >= 0).all()


@given(st.floats(0, 8000))
def test_mel_scale_has_an_inverse(frequency_Hz):
    assert mel_to_hz(hz_to_mel(frequency_Hz)) == pytest.approx(frequency_Hz, abs=1e-6)


@settings(max_examples=20)
@given(st.floats(0.01, 30.0))
def test_gain_does_not_matter(gain):
    rng = np.random.default_rng(2)
    sound = rng.normal(size=16000).astype(np.float32)
    np.testing.assert_allclose(mfcc(sound * gain), mfcc(sound), atol=5e-4)


@settings(max_examples=20)
@given(st.floats(0.25, 8.0))
def test_a_fixed_peak_moves_only_coefficient_0(ratio):
    rng = np.random.default_rng(3)
    sound = rng.normal(size=16000).astype(np.float32)
    difference = mfcc(sound, peak=ratio) - mfcc(sound, peak=1.0)
    np.testing.assert_allclose(difference[:, 1:], 0, atol=1e-3)
    np.testing.assert_allclose(difference[:, 0], -np.log(ratio) * np.sqrt(2 * 40), atol=1e-3)


def test_energies_are_proportional_to_the_gain(clips):
    sound = clips[0].astype(np.float32)
    np.testing.assert_allclose(mel_energies(sound * 4), mel_energies(sound) * 4, rtol=1e-5)


def test_no_clip_has_the_shape_of_features():
    assert mfcc(np.zeros((0, 16_000), np.int16)).shape == (0, 49, 10)


def test_silence_is_finite():
    features = mfcc(np.zeros(16000, dtype=np.int16))
    expected = np.log(1e-6) * np.sqrt(2 * 40)
    np.testing.assert_allclose(features[:, 0], expected, rtol=1e-5)
    np.testing.assert_allclose(features[:, 1:], 0, atol=1e-3)
    assert np.isfinite(mfcc(np.full(16000, -5, dtype=np.int16))).all()


def test_other_configurations():
    config = MfccConfig(
        frame_length=640, frame_step=160, fft_length=1024, mel_bins=20, coefficients=20
    )
    sound = np.random.default_rng(4).normal(size=(2, 8000))
    assert mfcc(sound, config).shape == (2, config.frame_count(8000), 20)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fft_length": 256}, "fft_length"),
        ({"low_Hz": 5000.0}, "low_Hz < high_Hz"),
        ({"high_Hz": 9000.0}, "half the sample rate"),
        ({"coefficients": 41}, "coefficients"),
        ({"coefficients": 0}, "coefficients"),
        ({"low_Hz": -1.0}, "0 <= low_Hz"),
        ({"low_Hz": 4000.0}, "low_Hz < high_Hz"),
        ({"frame_length": 0}, "frame_length"),
        ({"frame_step": 0}, "frame_step"),
        ({"log_offset": 0.0}, "log_offset"),
    ],
)
def test_impossible_configurations_say_why(changes, message):
    with pytest.raises(ValueError, match=message):
        MfccConfig(**changes)


def test_configurations_at_their_limits_are_accepted():
    config = MfccConfig(fft_length=480, low_Hz=0.0, high_Hz=8000.0, coefficients=40)
    features = mfcc(np.random.default_rng(6).normal(size=480), config)
    assert features.shape == (1, 40)
    assert np.isfinite(features).all()
    assert MfccConfig(frame_length=1, frame_step=1, fft_length=1).frame_count(3) == 3


def test_too_short_a_waveform_says_so():
    with pytest.raises(ValueError, match="480 samples"):
        mfcc(np.zeros(479))


@pytest.fixture(scope="module")
def reference_model(real_data):
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    path = str(real_data / "reference_models" / "kws_ref_model.tflite")
    interpreter = litert.Interpreter(path)
    interpreter.allocate_tensors()
    take = interpreter.get_input_details()[0]
    give = interpreter.get_output_details()[0]

    def answer(features_int8):
        """Classes from the likeliest to the least likely one."""
        interpreter.set_tensor(take["index"], features_int8[np.newaxis, ..., np.newaxis])
        interpreter.invoke()
        return np.argsort(interpreter.get_tensor(give["index"])[0])[::-1].tolist()

    answer.scale, answer.zero_point = take["quantization"]
    return answer


def test_third_party_model_reaches_its_published_accuracy(real_data, reference_model):
    clips = np.load(real_data / "real_clips" / "kws01_dev400.npz")
    right = [reference_model(x)[0] == y for x, y in zip(clips["x"], clips["y"], strict=True)]
    assert np.mean(right) == pytest.approx(0.90, abs=0.03)
    assert reference_model.scale == pytest.approx(float(clips["scale"]))
    assert reference_model.zero_point == int(clips["zero_point"])


# The third-party model hears "go" in this "no", with "no" second, and "unknown" in white noise.
@pytest.mark.parametrize(
    ("name", "labels", "among"),
    [("yes", {9}, 1), ("silence", {10}, 1), ("no", {3}, 2), ("noise", {10, 11}, 1)],
)
def test_third_party_model_understands_our_features(
    real_data, reference_model, name, labels, among
):
    rate, sound = wavfile.read(real_data / "real_clips" / "wav" / f"{name}_1000ms.wav")
    assert rate == 16000
    features = mfcc(np.pad(sound, (0, 16000 - len(sound))))
    quantized = np.round(features / reference_model.scale + reference_model.zero_point)
    answers = reference_model(np.clip(quantized, -128, 127).astype(np.int8))
    assert labels & set(answers[:among])
