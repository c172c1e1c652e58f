"""Sound from browsers and files, as the models take it."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from tinylab.explore.live import sound


def tone(frequency_Hz: float, rate_Hz: int, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency_Hz * np.arange(int(seconds * rate_Hz)) / rate_Hz)


@pytest.mark.parametrize("rate_Hz", [8000, 16000, 22050, 44100, 48000, 96000])
def test_a_tone_keeps_its_pitch_and_strength_at_any_rate(rate_Hz):
    got = sound.at_16_kHz(tone(1000, rate_Hz), rate_Hz)
    assert got.dtype == np.int16 and abs(len(got) - 16000) <= 1
    inside = got[2000:-2000]
    spectrum = np.abs(np.fft.rfft(inside * np.hanning(len(inside))))
    peak_Hz = np.argmax(spectrum) * 16000 / len(inside)
    assert peak_Hz == pytest.approx(1000, abs=2)
    assert np.abs(inside).max() == pytest.approx(0.5 * 32767, rel=0.01)


@pytest.mark.parametrize("rate_Hz", [44100, 48000])
def test_what_16_kHz_cannot_hold_is_filtered_and_not_folded_back(rate_Hz):
    """11 kHz without a filter would come back as 5 kHz at full strength."""
    got = sound.at_16_kHz(tone(11_000, rate_Hz), rate_Hz).astype(float)
    assert np.sqrt(np.mean(got[500:-500] ** 2)) < 0.01 * 0.5 * 32767


@pytest.mark.parametrize("rate_Hz", [0, 100, 44100.5, float("nan"), 1e9])
def test_a_rate_that_cannot_be_is_refused(rate_Hz):
    with pytest.raises(ValueError, match="samples a second"):
        sound.at_16_kHz(np.zeros(10), rate_Hz)


def test_too_loud_is_cut_and_not_wrapped():
    assert set(np.sign(sound.at_16_kHz(np.full(100, 3.0), 16000))) == {1}


@given(st.integers(0, 60_000), st.integers(0, 2**32 - 1))
def test_the_loudest_second_is_a_second_and_no_other_is_louder(length, seed):
    waveform = np.random.default_rng(seed).integers(-9, 9, length).astype(np.int16)
    got = sound.loudest_second(waveform)
    assert len(got) == sound.RATE_Hz
    energies = [
        np.sum(waveform[start : start + sound.RATE_Hz].astype(float) ** 2)
        for start in range(0, max(1, length - sound.RATE_Hz), 997)
    ]
    assert np.sum(got.astype(float) ** 2) >= max(energies)


def test_files_of_two_channels_are_averaged():
    file = io.BytesIO()
    left, right = tone(500, 44100), tone(500, 44100) * 0
    soundfile.write(file, np.stack([left, right], axis=1), 44100, format="WAV")
    got = sound.from_file(file.getvalue())
    assert np.abs(got[2000:-2000]).max() == pytest.approx(0.25 * 32767, rel=0.02)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a sound" * 100])
def test_a_file_that_is_no_sound_says_what_to_do(content):
    with pytest.raises(ValueError, match="save it as WAV"):
        sound.from_file(content)


def test_an_empty_and_a_huge_file_are_refused():
    file = io.BytesIO()
    soundfile.write(file, np.zeros(0), 16000, format="WAV")
    with pytest.raises(ValueError, match="empty"):
        sound.from_file(file.getvalue())
    with pytest.raises(ValueError, match="larger than 20 MB"):
        sound.from_file(bytes(sound.LARGEST_FILE_BYTES + 1))
