"""The recipe on a handful of words, and the bundled model against the figures beside it."""

import json

import numpy as np
import pytest

from tinylab.data.augment import LIGHT
from tinylab.models import checkpoints
from tinylab.models.size import folded_parameters
from tinylab.models.training import TrainingProfile
from tinylab.recipes import keyword_spotting as recipe
from tinylab.recipes.figures import plain
from tinylab.recipes.keyword_features import examples
from tinylab.scoring import classification

# A hundred-odd fast examples against the thousands behind the figures: three standard deviations.
TOLERANCE = 0.06


@pytest.fixture(scope="module")
def reference():
    return checkpoints.load("keyword_spotting", "train", origin="reference")


def test_examples_do_not_depend_on_the_number_of_workers():
    made = [examples("test", 60, seed=3, workers=workers, progress=False) for workers in (1, 2)]
    for alone, together in zip(*made, strict=True):
        np.testing.assert_array_equal(alone, together)
    assert made[0].x.shape == (720, 49, 10, 1) and made[0].x.dtype == np.float32
    np.testing.assert_array_equal(np.bincount(made[0].y), np.full(12, 60))


def test_another_seed_gives_other_examples():
    made = [examples("test", 2, seed=seed, workers=1, progress=False).x for seed in (0, 1)]
    assert not np.array_equal(*made)


@pytest.mark.training
def test_recipe_writes_a_model_with_its_figures(tmp_path, monkeypatch):
    monkeypatch.delenv("TINYLAB_REAL_DATA", raising=False)
    tiny = recipe.KeywordRecipe(4, 2, 3, TrainingProfile(epochs=1, batch_size=16))
    monkeypatch.setattr(recipe, "PROFILES", {"tiny": tiny})
    figures = recipe.train_reference("tiny", directory=tmp_path, workers=1, progress=False)
    path = tmp_path / "keyword_spotting_train.keras"
    assert path.is_file()
    assert json.loads(path.with_suffix(".json").read_text()) == plain(figures)
    assert set(figures.tests) == set(recipe.TESTS)
    assert figures.accuracy == figures.tests["held_out_voices"].accuracy
    assert figures.training_examples == 48
    with pytest.raises(ValueError, match="profile must be one of"):
        recipe.train_reference("slow")


def test_bundled_model_is_the_published_architecture(reference):
    assert folded_parameters(reference.model) == 22_604
    assert reference.path.stat().st_size < 300_000


def test_bundled_model_meets_the_targets(reference):
    assert reference.metrics["accuracy"] >= 0.88
    assert reference.metrics["tests"]["real_recordings"]["accuracy"] >= 0.8


@pytest.mark.parametrize("name", list(recipe.TESTS))
def test_bundled_figures_are_reproduced(reference, name):
    split, augmentation = recipe.TESTS[name]
    test = examples(split, 25, augmentation=augmentation, seed=11, workers=1, progress=False)
    scores = reference.model.predict(test.x, batch_size=300, verbose=0)
    stated = reference.metrics["tests"][name]["accuracy"]
    assert classification.accuracy(test.y, scores) == pytest.approx(stated, abs=TOLERANCE)


def test_bundled_figure_for_real_recordings_is_reproduced(reference, real_data):
    evaluation = recipe.evaluate_on_recordings(reference.model, real_data)
    stated = reference.metrics["tests"]["real_recordings"]
    assert evaluation.examples == stated["examples"] == 400
    assert evaluation.accuracy == pytest.approx(stated["accuracy"], abs=0.005)


def test_the_early_weights_are_short_of_the_reference(reference):
    early = checkpoints.load("keyword_spotting", "early", origin="reference")
    assert early.metrics["training_examples"] == 12 * recipe.EARLY.per_class
    assert 0.75 < early.metrics["accuracy"] < reference.metrics["accuracy"]


def test_intervals_of_the_bank_count_voices(reference):
    for name in recipe.TESTS:
        stated = reference.metrics["tests"][name]
        assert "low" not in stated and "high" not in stated
        assert stated["spoken"]["low"] < stated["spoken"]["accuracy"] < stated["spoken"]["high"]
    assert reference.metrics["tests"]["held_out_voices"]["spoken"]["voices"] == 13
    assert reference.metrics["tests"]["held_out_engine"]["spoken"]["voices"] == 2


def test_light_and_strong_tests_differ():
    assert recipe.TESTS["held_out_voices"][1] == LIGHT
    assert recipe.TESTS["held_out_voices_noisy"][1] != LIGHT
