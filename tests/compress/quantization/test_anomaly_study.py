"""A study of bit widths keeps every recording's score, and is remembered."""

import dataclasses

import keras
import numpy as np
import pytest

from tinylab.compress.quantization.anomaly_study import SETTINGS, measure_scores
from tinylab.compress.quantization.schemes import SCHEMES
from tinylab.compress.quantization.study import BitWidthSettings
from tinylab.models.networks.autoencoder import AutoencoderProfile, autoencoder, train_autoencoder
from tinylab.scoring import anomaly
from tinylab.signal.log_mel import windows


@pytest.fixture(scope="module")
def case():
    """A small autoencoder trained on healthy sound: (model, log-mel, labels, machines, windows)."""
    rng = np.random.default_rng(0)
    shape = rng.normal(-20, 6, 128)
    log_mel = (shape + rng.normal(0, 1, (24, 8, 128))).astype(np.float32)
    labels, numbers = np.tile([0, 1], 12), np.repeat([1, 2], 12)
    log_mel[labels == 1, :, 40:60] += 2
    x = windows(log_mel[labels == 0]).reshape(-1, 640)
    keras.utils.set_random_seed(0)
    model = autoencoder(width=16, depth=1, bottleneck=4)
    profile = AutoencoderProfile(15, batch_size=16, learning_rate=2e-2)
    train_autoencoder(model, x, profile=profile, progress=False)
    return model, log_mel, labels, numbers, x


@pytest.fixture(scope="module")
def results(case):
    return measure_scores(
        *case, dataclasses.replace(SETTINGS, bits=(2, 8), progress=False, cache=False)
    )


def test_the_float_row_is_the_models_own(case, results):
    model, log_mel, labels, numbers, _ = case
    scores = anomaly.score_recordings(lambda x: np.asarray(model(x)), log_mel)
    np.testing.assert_allclose(results.float_scores, scores, rtol=1e-3)
    assert results.float_auc == pytest.approx(anomaly.report(labels, scores, numbers).auc, abs=0.05)
    assert results.labels == tuple(labels.tolist())


def test_fewer_bits_are_smaller_and_farther_from_the_float_scores(results):
    for scheme in results.schemes:
        coarse, fine = results.row(scheme, 2), results.row(scheme, 8)
        assert coarse.weight_bytes < fine.weight_bytes < results.float_bytes
        assert coarse.weight_sqnr_dB < fine.weight_sqnr_dB
        far, near = (
            np.mean(np.abs(np.array(row.scores) - results.float_scores)) for row in (coarse, fine)
        )
        assert near < far
    with pytest.raises(KeyError, match="no row"):
        results.row("per tensor", 5)


def test_it_is_remembered(case, own_work_dir):
    settings = BitWidthSettings((8,), SCHEMES[:1], progress=False)
    first = measure_scores(*case, settings)
    kept = list((own_work_dir / "sweeps").glob("scores_*.json"))
    assert len(kept) == 1
    assert measure_scores(*case, settings) == first
