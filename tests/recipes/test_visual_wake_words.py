"""The recipe end to end in little, the bundled checkpoint and the bundled studies."""

import numpy as np
import pytest

from tinylab.data import people
from tinylab.deploy.litert import LiteRTModel
from tinylab.models import checkpoints
from tinylab.models.augmentation.pictures import LIGHT
from tinylab.models.networks.doubling_results import DoublingResults
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.networks.scaling_results import ScalingResults, bundled_scaling
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.training import TrainingProfile
from tinylab.recipes import visual_wake_words as recipe
from tinylab.recipes.visual_wake_words_doubling import Splits, measure_doubling
from tinylab.recipes.visual_wake_words_scaling import measure_scaling
from tinylab.scoring import classification
from tinylab.scoring.intervals import wilson_interval

BRIEF = TrainingProfile(epochs=1, batch_size=20)


@pytest.fixture(scope="module")
def bundled():
    return checkpoints.load("visual_wake_words", "train", origin="reference")


@pytest.mark.training
def test_a_brief_training_writes_both_checkpoints(tmp_path, monkeypatch):
    small = people.load("test", limit=40)
    monkeypatch.delenv("TINYLAB_REAL_DATA", raising=False)
    monkeypatch.setattr(recipe.people, "load", lambda *a, **k: small)
    two_phases = recipe.PersonRecipe(
        40, (recipe.TrainingPhase(32, BRIEF, LIGHT), recipe.TrainingPhase(96, BRIEF, LIGHT))
    )
    figures = recipe.train_reference(two_phases, directory=tmp_path, progress=False)
    assert figures.tests["test"].pictures == 40 and "real_pictures" not in figures.tests
    for suffix in ("train.keras", "train.json", "compress.tflite", "compress.json"):
        assert (tmp_path / f"visual_wake_words_{suffix}").is_file()


def test_unknown_profiles_are_refused():
    with pytest.raises(ValueError, match="profile"):
        recipe.train_reference("long")


def test_the_bundled_model_is_the_benchmark_network(bundled):
    assert folded_parameters(bundled.model) == 210_850
    assert multiply_accumulates(bundled.model) == 7_489_664


def test_the_bundled_model_does_what_its_figures_say(bundled):
    test = people.load("test", limit=200)
    scores = bundled.model.predict(recipe.inputs(test.images), batch_size=100, verbose=0)
    low, high = wilson_interval(
        round(200 * classification.accuracy(test.labels, scores)), 200, 0.999
    )
    assert low <= bundled.metrics["accuracy"] <= high


def test_the_bundled_program_agrees_with_the_model(bundled):
    program = checkpoints.load("visual_wake_words", "compress", origin="reference")
    pictures = recipe.inputs(people.load("test", limit=100).images)
    answers = LiteRTModel(program.model).predict(pictures).argmax(axis=1)
    assert np.mean(answers == bundled.model.predict(pictures, verbose=0).argmax(axis=1)) >= 0.93
    assert program.metrics["flash_bytes"] == len(program.model)


def test_the_bundled_study_is_whole():
    results = bundled_scaling()
    assert len(results.widths) >= 3 and len(results.resolutions) >= 3
    for row in results.rows:
        network = mobilenet_v1(row.width, row.resolution)
        assert row.parameters == folded_parameters(network)
        assert row.macs == multiply_accumulates(network)
    assert results.best_within(0) == ()
    best, *ties = results.best_within(10**12)
    assert best.accuracy == max(row.accuracy for row in results.rows)
    least, _ = wilson_interval(round(best.accuracy * results.examples), results.examples)
    for row in results.rows:
        _, most = wilson_interval(round(row.accuracy * results.examples), results.examples)
        assert (row in (best, *ties)) == (most >= least)
    with pytest.raises(ValueError):
        results.row(0.3, 96)


@pytest.mark.training
def test_a_study_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "scaling.json"
    options = {
        "pictures": 20,
        "resolutions": (32,),
        "profile": BRIEF,
        "path": path,
        "progress": False,
    }
    first = measure_scaling(widths=(0.125,), **options)
    both = measure_scaling(widths=(0.125, 0.25), **options)
    assert both.rows[0] == first.rows[0] and len(both.rows) == 2
    assert ScalingResults.read(path) == both


@pytest.mark.training
def test_a_study_of_doubling_tries_every_rate_once_and_goes_on_with_the_best(tmp_path):
    path, few = tmp_path / "doubling.json", people.load("test", limit=30)
    options = {
        "networks": {"base": (1.0, 0.125, 32), "deeper": (14 / 13, 0.125, 32)},
        "rates": (1e-3, 1e-2),
        "profile": BRIEF,
        "path": path,
        "progress": False,
    }
    first = measure_doubling(Splits(few, few, few), seeds=(0,), **options)
    both = measure_doubling(Splits(few, few, few), seeds=(0, 1), **options)
    assert both.rows[:4] == first.rows and len(first.rows) == 4 and len(both.rows) == 6
    for way in ("base", "deeper"):
        tried = [row for row in first.rows if row.way == way]
        best = max(tried, key=lambda row: row.validation_auc).learning_rate
        assert [row.learning_rate for row in both.rows[4:] if row.way == way] == [best]
    assert both.seeds == 2 and DoublingResults.read(path) == both


def test_shrinking_averages():
    images = np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), np.uint8)
    blocks = images.reshape(3, 32, 3, 32, 3, 3).mean(axis=(2, 4))
    assert np.abs(recipe.shrink(images, 32) - blocks).max() <= 0.51
    assert recipe.shrink(images, 96) is images
