"""The autoencoder: MLPerf Tiny's size, a training that learns, the bundled model's figures."""

import keras
import numpy as np
import pytest

from tinylab.data import machines
from tinylab.data.machines import flat_windows, representative_windows
from tinylab.deploy.litert import LiteRTModel
from tinylab.models import checkpoints, size
from tinylab.models.networks.autoencoder import AutoencoderProfile, autoencoder, train_autoencoder
from tinylab.recipes.anomaly_detection import evaluate
from tinylab.scoring import anomaly


def test_it_has_mlperf_tinys_size():
    model = autoencoder()
    assert size.multiply_accumulates(model) == 264_192
    assert size.folded_parameters(model) == 265_864
    widths = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert widths == [128] * 4 + [8] + [128] * 4 + [640]


@pytest.mark.training
def test_it_learns_what_has_a_pattern_and_repeats_itself():
    rng = np.random.default_rng(0)
    pattern = rng.normal(size=(2, 20))
    x = (rng.normal(size=(400, 2)) @ pattern).astype(np.float32)
    profile = AutoencoderProfile(epochs=12, batch_size=30, learning_rate=2e-2)
    results = []
    for _ in range(2):
        keras.utils.set_random_seed(1)
        model = autoencoder(20, width=16, depth=1, bottleneck=4)
        run = train_autoencoder(model, x[:300], x[300:], profile=profile, progress=False)
        results.append(run.loss)
    assert run.loss[-1] < 0.5 * run.loss[0] and run.windows == 300
    assert run.validation_loss[-1] < 0.5 * np.var(x)
    assert "on other recordings" in str(run)
    np.testing.assert_allclose(*results, rtol=1e-4)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        autoencoder(bottleneck=0)
    with pytest.raises(ValueError, match="positive"):
        AutoencoderProfile(0)
    model = autoencoder(8, width=4, depth=1, bottleneck=2)
    with pytest.raises(ValueError, match="shape"):
        train_autoencoder(model, np.zeros((0, 8)), progress=False)
    with pytest.raises(ValueError, match="quick"):
        train_autoencoder(model, np.zeros((4, 8)), profile="slow", progress=False)


def test_representative_windows_are_healthy_and_of_every_machine():
    chosen = representative_windows(2)
    assert chosen.shape == (8 * 60 // 5, 640) and chosen.dtype == np.float32
    assert flat_windows(machines.load("train", limit=1).log_mel).shape == (4 * 60, 640)


@pytest.fixture(scope="module")
def test_split():
    return machines.load("test", limit=30)


def quality(predict, recordings) -> float:
    scores = anomaly.score_recordings(predict, recordings.log_mel)
    return anomaly.report(recordings.labels, scores, recordings.machines).auc


def test_bundled_models_are_as_good_as_their_figures_say(test_split):
    """On part of the test split; the margin is what 240 recordings leave open."""
    model = checkpoints.load("anomaly_detection", "train", origin="reference")
    program = checkpoints.load("anomaly_detection", "compress", origin="reference")
    whole = quality(lambda x: model.model.predict(x, batch_size=4096, verbose=0), test_split)
    integers = quality(LiteRTModel(program.model).predict, test_split)
    assert whole == pytest.approx(model.metrics["auc"], abs=0.05)
    assert integers == pytest.approx(whole, abs=0.02)
    assert "AUC" in str(model)


def test_the_references_auc_is_in_the_intended_range_and_differs_between_machines():
    figures = checkpoints.load_metrics("anomaly_detection", "train", origin="reference")
    assert 0.85 <= figures["auc"] <= 0.95
    areas = [machine["auc"] for machine in figures["machines"].values()]
    assert len(areas) == 4 and max(areas) - min(areas) > 0.02
    packed = checkpoints.load_metrics("anomaly_detection", "compress", origin="reference")
    assert abs(packed["auc"] - figures["auc"]) <= 0.02
    assert min(figures["auc_by_fault"].values()) > 0.6


def test_figures_name_every_machine_and_fault(monkeypatch, test_split):
    monkeypatch.setattr(machines, "load", lambda split: test_split)
    figures = evaluate(lambda x: np.zeros_like(x))
    assert set(figures.machines) == {"1", "2", "3", "4"}
    assert set(figures.auc_by_fault) == set(machines.FAULTS)
    assert figures.recordings == 240
