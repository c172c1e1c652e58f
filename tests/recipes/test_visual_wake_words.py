"""The recipe end to end in little, the bundled checkpoint and the bundled studies."""

import numpy as np
import pytest

from tinylab.data import people
from tinylab.deploy.litert import LiteRTModel
from tinylab.models import checkpoints, tuning
from tinylab.models.augmentation.pictures import LIGHT
from tinylab.models.networks.doubling_results import DoublingResults
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.networks.scaling_results import ScalingResults, bundled_scaling
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.training import TrainingProfile
from tinylab.recipes import visual_wake_words as recipe
from tinylab.recipes import visual_wake_words_doubling as doubling
from tinylab.recipes import visual_wake_words_scaling as scaling
from tinylab.recipes.visual_wake_words_doubling import measure_doubling
from tinylab.recipes.visual_wake_words_scaling import Splits, measure_scaling
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
    assert (results.widths, results.resolutions) == (scaling.WIDTHS, scaling.RESOLUTIONS)
    assert len(results.rows) == 9 and results.epochs == scaling.PROFILE.epochs
    for row in results.rows:
        size = row.width, row.resolution
        trials = [one for one in results.trials if (one.width, one.resolution) == size]
        rates = [one.learning_rate for one in trials]
        assert set(rates) >= set(scaling.RATES)
        assert row.validation_auc == max(one.validation_auc for one in trials)
        assert min(rates) < row.learning_rate < max(rates), "the best is not at the border"
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
def test_a_study_of_scaling_trains_nothing_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "MOST_STEPS", 0)  # the grid as it is, to train little
    path, few = tmp_path / "scaling.json", people.load("test", limit=20)
    options = {
        "resolutions": (32,),
        "rates": (1e-3, 1e-2),
        "profile": BRIEF,
        "path": path,
        "progress": False,
    }
    first = measure_scaling(Splits(few, few, few), widths=(0.125,), **options)
    both = measure_scaling(Splits(few, few, few), widths=(0.125, 0.25), **options)
    assert both.trials[:2] == first.trials and len(both.trials) == 4
    assert both.rows[0] == first.rows[0] and len(both.rows) == 2
    assert ScalingResults.read(path) == both


@pytest.mark.training
def test_a_study_of_doubling_trains_nothing_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "MOST_STEPS", 0)  # the grid as it is, to train little
    path, few = tmp_path / "doubling.json", people.load("test", limit=30)
    options = {
        "networks": {"base": (1.0, 0.125, 32)},
        "rates": (1e-3, 1e-2),
        "profile": BRIEF,
        "path": path,
        "progress": False,
    }
    first = measure_doubling(Splits(few, few, few), seeds=(0,), **options)
    both = measure_doubling(Splits(few, few, few), seeds=(0, 1), **options)
    assert both.rows[:2] == first.rows and len(first.rows) == 2 and len(both.rows) == 3
    assert both.seeds == 2 and DoublingResults.read(path) == both


def test_the_rates_of_a_study_go_on_while_the_best_is_the_last(monkeypatch):
    """Networks of which each answers best after a rate of its own, instead of trained ones."""
    few, tops = people.load("test", limit=4), {32: 0.5, 48: 4.0}
    shared = dict.fromkeys(
        ("parameters", "macs", "largest_activation_bytes", "accuracy", "auc", "training_s"), 1
    )

    def figures(network, rate, seed, splits, profile):
        _, width, resolution = network
        auc = 1 - abs(np.log2(rate / tops[resolution])) / 10
        known = {"width": width, "resolution": resolution, "learning_rate": rate}
        return {**shared, **known, "validation_auc": auc}

    monkeypatch.setattr(doubling, "figures_of", figures)
    results = measure_doubling(
        Splits(few, few, few),
        networks={"base": (1.0, 0.125, 32), "sharper": (1.0, 0.125, 48)},
        rates=(1.0, 2.0),
        seeds=(0, 1),
        progress=False,
    )
    tried = {
        way: sorted(row.learning_rate for row in results.rows if (row.way, row.seed) == (way, 0))
        for way in results.ways
    }
    assert tried == {"base": [0.25, 0.5, 1, 2], "sharper": [1, 2, 4, 8]}
    others = {row.way: row.learning_rate for row in results.rows if row.seed == 1}
    assert others == {"base": 0.5, "sharper": 4} and results.seeds == 2


@pytest.mark.parametrize("measure", [measure_doubling, measure_scaling])
def test_a_file_of_another_study_is_refused(tmp_path, measure):
    few, path = people.load("test", limit=4), tmp_path / "study.json"
    options = {"path": path, "profile": BRIEF, "progress": False}
    bundled = checkpoints.REFERENCE / f"visual_wake_words_{measure.__name__[8:]}.json"
    path.write_bytes(bundled.read_bytes())
    with pytest.raises(ValueError, match="another study .examples 1000, not 4; "):
        measure(Splits(few, few, few), **options)
    path.write_bytes(bundled.read_bytes()[:400])
    with pytest.raises(ValueError, match="no study that could go on"):
        measure(Splits(few, few, few), **options)
    assert path.stat().st_size == 400, "the file stays as it was"


def test_shrinking_averages():
    images = np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), np.uint8)
    blocks = images.reshape(3, 32, 3, 32, 3, 3).mean(axis=(2, 4))
    assert np.abs(recipe.shrink(images, 32) - blocks).max() <= 0.51
    assert recipe.shrink(images, 96) is images
