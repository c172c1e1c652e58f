"""The anomaly-detection front end: against scipy, the published reference model, and itself."""

import numpy as np
import pytest
from scipy.signal import stft

from tinylab.deploy.litert import LiteRTModel
from tinylab.signal.log_mel import (
    AD,
    LogMelConfig,
    log_mel,
    mel_centres_Hz,
    mel_filters,
    power_spectrogram,
    windows,
)

# Edges of librosa.filters.mel(sr=16000, n_fft=1024, n_mels=128), Slaney scale, from its
# documentation's
# formula by hand: the linear part has 15 steps of 66.67 Hz, the logarithmic 27 steps a factor of
# 6.4.
MEL_OF_8_kHz = 15 + 27 * np.log(8.0) / np.log(6.4)


@pytest.fixture
def sound():
    return np.random.default_rng(0).normal(0, 0.1, (3, 8000)).astype(np.float32)


def test_power_spectrogram_is_scipys(sound):
    _, _, expected = stft(
        sound, nperseg=1024, noverlap=512, window="hann", boundary="zeros", padded=False
    )
    expected = np.abs(expected.swapaxes(1, 2) * 512) ** 2  # scipy divides by the window's sum
    got = power_spectrogram(sound)
    assert got.shape == (3, 16, 513) and got.dtype == np.float32
    frames = min(expected.shape[1], got.shape[1])
    np.testing.assert_allclose(got[:, :frames], expected[:, :frames], rtol=1e-3, atol=1e-6)


def test_filters_have_area_one_and_peak_where_the_scale_says():
    filters = mel_filters().astype(np.float64)
    assert filters.shape == (513, 128)
    wide = slice(60, 127)  # narrow ones fall between the bins
    np.testing.assert_allclose((filters.sum(axis=0) * 16000 / 1024)[wide], 1, atol=0.05)
    peaks_Hz = filters.argmax(axis=0) * 16000 / 1024
    mels = np.linspace(0, MEL_OF_8_kHz, 130)[1:-1]
    centres_Hz = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    assert np.abs(peaks_Hz - centres_Hz).max() <= 16000 / 1024


def test_centres_are_those_that_librosa_publishes():
    """The example of `librosa.mel_frequencies(n_mels=40)`, 0 to 11,025 Hz, without its two ends."""
    centres_Hz = mel_centres_Hz(LogMelConfig(sample_rate_Hz=22050, mel_bins=38))
    np.testing.assert_allclose(centres_Hz[:3], [85.317, 170.635, 255.952], atol=6e-4)
    np.testing.assert_allclose(centres_Hz[10:14], [938.49, 1024.856, 1119.114, 1222.042], atol=6e-4)
    np.testing.assert_allclose(centres_Hz[-2:], [9246.028, 10096.408], atol=6e-4)


def test_filters_are_triangles_between_neighbouring_centres():
    filters, centres_Hz = mel_filters(), [0, *mel_centres_Hz(), 8000]
    bins_Hz = np.fft.rfftfreq(1024, 1 / 16000)
    for column, low, centre, high in zip(
        filters.T, centres_Hz, centres_Hz[1:], centres_Hz[2:], strict=False
    ):
        triangle = np.interp(bins_Hz, [low, centre, high], [0, 2 / (high - low), 0])
        np.testing.assert_allclose(column, triangle, atol=1e-7)


def test_cached_filters_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        mel_filters()[0, 0] = 1


def test_a_tone_lands_in_its_filter():
    for frequency_Hz in (300.0, 1000.0, 3000.0):
        tone = np.sin(2 * np.pi * frequency_Hz / 16000 * np.arange(16000))
        loudest = log_mel(tone)[10].argmax()
        assert mel_filters()[round(frequency_Hz * 1024 / 16000), loudest] > 0


def test_ten_times_the_amplitude_is_twenty_decibels(sound):
    np.testing.assert_allclose(log_mel(10 * sound) - log_mel(sound), 20, atol=1e-2)


def test_int16_is_full_scale_one(sound):
    stored = np.round(sound * 32768).astype(np.int16)
    np.testing.assert_allclose(log_mel(stored), log_mel(stored / 32768), atol=1e-4)


def test_batches_equal_single_clips(sound):
    together = log_mel(np.tile(sound, (14, 1)))
    np.testing.assert_allclose(together[-1], log_mel(sound[2]), atol=1e-4)
    assert log_mel(sound.reshape(1, 3, -1)).shape == (1, 3, 16, 128)


def test_no_clip_has_the_shape_of_features():
    assert log_mel(np.zeros((0, 16_000), np.int16)).shape == (0, 32, 128)


def test_silence_is_finite():
    assert np.isfinite(log_mel(np.zeros(4096, np.int16))).all()


def test_windows_hold_consecutive_frames_oldest_first():
    features = np.arange(7 * 2).reshape(7, 2)
    got = windows(features, frames=3)
    assert got.shape == (5, 6) and got.dtype == np.float32
    assert got[1].tolist() == [2, 3, 4, 5, 6, 7]
    batch = windows(np.zeros((4, 200, 128)))
    assert batch.shape == (4, 196, 640)
    assert windows(features, frames=7).tolist() == [list(range(14))]
    with pytest.raises(ValueError, match="does not fit"):
        windows(features, frames=8)
    with pytest.raises(ValueError, match="does not fit"):
        windows(np.zeros((4, 128)))


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="positive"):
        LogMelConfig(mel_bins=0)
    with pytest.raises(ValueError, match="window_frames"):
        LogMelConfig(window_frames=0)


def test_mlperf_tiny_keeps_200_frames_of_ten_seconds():
    kept = log_mel(np.zeros(160_000, np.int16))[AD.first_frame : AD.last_frame]
    assert kept.shape == (200, 128)


def test_the_reference_models_score_on_its_sample_is_reproduced(real_data):
    """The published model, whose conversion dropped the dense biases, scores its sample 9.7071."""
    sample = real_data / "real_clips" / "ad01_sample" / "normal_id_01_00000000_hist_librosa.bin"
    vectors = windows(np.fromfile(sample, "<f4").reshape(200, 128))
    model = LiteRTModel(real_data / "reference_models" / "ad01_fp32.tflite")
    score = np.mean((vectors - model.predict(vectors)) ** 2)
    assert score == pytest.approx(9.7071, abs=2e-3)
