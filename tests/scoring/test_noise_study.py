"""The noise is as strong as asked, and the study reports what the model answered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.scoring.noise_study import add_white_noise, measure_noise


@given(st.floats(-20, 40), st.floats(10, 10_000))
def test_noise_has_the_power_that_was_asked_for(snr_dB, amplitude):
    tone = amplitude * np.sin(np.arange(16000) * 0.1)[np.newaxis]
    noisy = add_white_noise(tone, snr_dB, np.random.default_rng(0))
    measured = 10 * np.log10(np.mean(tone**2) / np.mean((noisy - tone) ** 2))
    assert measured == pytest.approx(snr_dB, abs=0.2)


class Loudness:
    """Answers class 1 when the features vary much from frame to frame, else class 0."""

    def predict(self, features, verbose):
        assert verbose == 0
        varies = features[..., 0, 0].std(axis=1) if features.ndim == 4 else None
        return np.stack([varies < 6, varies >= 6], axis=1).astype(np.float32)


def test_the_study_reports_accuracy_and_the_example():
    rng = np.random.default_rng(1)
    burst = np.zeros((4, 16000))
    burst[:, 6000:9000] = 8000 * rng.standard_normal((4, 3000))
    results = measure_noise(
        Loudness(), burst, np.ones(4, int), ("steady", "burst"), snr_dB=(-20, 40), example=2
    )
    assert results.accuracy.tolist() == [0.0, 1.0]
    assert results.example_scores.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert (results.example_label, results.clips, results.snr_dB) == ("burst", 4, (-20, 40))
