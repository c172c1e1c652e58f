"""The compression study on a handful of pictures, and the bundled file against its figures."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.compress.deep_compression.file_format import decode_model
from tinylab.compress.results import TECHNIQUES, CompressionResults
from tinylab.data import people
from tinylab.data.pixels import inputs
from tinylab.models import checkpoints, tuning
from tinylab.models.scores import scores_of
from tinylab.models.training import TrainingProfile
from tinylab.recipes import visual_wake_words_compression as recipe
from tinylab.recipes.compression_workbench import CompressionRecipe, make_workbench, model_name
from tinylab.scoring import classification
from tinylab.scoring.verdicts import compare

ONE = TrainingProfile(1, batch_size=20)
TINY = CompressionRecipe(40, 30, (0.5,), (4,), ONE, ONE, ONE, ONE)


def small_detector(seed=0):
    if seed is not None:
        keras.utils.set_random_seed(seed)
    x = source = keras.Input((96, 96, 3))
    x = layers.Conv2D(6, 3, strides=8, padding="same", name="stem")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, name="depthwise")(x)
    x = layers.Conv2D(8, 1, activation="relu", name="pointwise")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(source, layers.Dense(2, activation="softmax", name="classifier")(x))


@pytest.mark.training
def test_a_study_is_made_part_by_part(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    monkeypatch.setattr(tuning, "MOST_STEPS", 0)  # the grid as it is, to train little
    folder = tmp_path / "checkpoints"
    checkpoints.save(small_detector(), "visual_wake_words", "train", directory=folder)
    options = {"origin": "yours", "explorers": False, "progress": False}
    first = recipe.train_study(TINY, parts=("pruning",), **options)
    both = recipe.train_study(TINY, parts=("patterns",), **options)
    labels = [point.label for point in first.points]
    assert labels == ["float32", "50% zeros", "50% zeros, 4 bits"]
    assert [point.label for point in both.points] == [*labels, "2:4"]
    for point in both.points[1:]:
        rates = [trial.value for trial in point.trials]
        assert rates == pytest.approx([ONE.learning_rate / 3, ONE.learning_rate, 3e-3], rel=1e-2)
    assert both == recipe.load_study() == CompressionResults.load(folder / recipe.STUDY_NAME)
    figures = json.loads((folder / recipe.FILE_NAME).with_suffix(".json").read_text())
    data = recipe.deep_compression_file().read_bytes()
    kept = both.find(figures["label"])
    assert figures["bytes"] == kept.stored_bytes == len(data)
    test = people.load("test", limit=30)
    scores = decode_model(data).predict(inputs(test.images), verbose=0)
    assert classification.accuracy(test.labels, scores) == pytest.approx(kept.accuracy)
    with pytest.raises(ValueError, match="no part 'guessing'"):
        recipe.train_study(TINY, parts=("guessing",), **options)
    with pytest.raises(ValueError, match="profile must be one of"):
        recipe.train_study("slow")


@pytest.mark.training
def test_students_are_trained_in_pairs_with_and_without_a_teacher(monkeypatch):
    began, taught = [], []

    def student(width):
        model = small_detector(seed=None)
        began.append(model.get_layer("stem").kernel.numpy())
        return model

    monkeypatch.setattr(recipe, "mobilenet_v1", student)
    bench = make_workbench(dataclasses.replace(TINY, students=2), progress=False)
    tune = type(bench).tune

    def noted(bench, *args, teacher, **settings):
        taught.append((teacher, bench.seed))
        if bench.seed != recipe.TUNING_SEED:  # the others may stay as they are
            tune(bench, *args, teacher=teacher, **settings)
        return args[0]

    monkeypatch.setattr(type(bench), "tune", noted)
    alone, distilled = recipe.distillation(bench)
    compared = [n for n, (_, seed) in enumerate(taught) if seed != recipe.TUNING_SEED]
    assert [taught[n] for n in compared] == [
        (teacher, seed) for teacher in (None, bench.model) for seed in (0, 1)
    ]
    began = [began[n] for n in compared]
    for one, other in ((0, 2), (1, 3)):
        np.testing.assert_array_equal(began[one], began[other])
    assert np.abs(began[0] - began[1]).max() > 0.01
    assert {one.setting for one in alone.trials} == {"learning rate"}
    assert {one.setting for one in distilled.trials} == {"learning rate", "temperature"}
    assert len(taught) == len(alone.trials) + len(distilled.trials) + 4
    for point in (alone, distilled):
        assert len(point.accuracies) == 2
        assert point.accuracy == pytest.approx(np.mean(point.accuracies), abs=1e-4)


@pytest.fixture(scope="module")
def bundled():
    path = checkpoints.REFERENCE / recipe.FILE_NAME
    return path, json.loads(path.with_suffix(".json").read_text())


@pytest.fixture(scope="module")
def study():
    return recipe.load_study(origin="reference")


def test_the_bundled_file_is_ten_times_smaller_and_not_clearly_worse(bundled):
    path, figures = bundled
    assert path.stat().st_size == figures["bytes"]
    assert figures["float32_bytes"] == 4 * 210_850
    assert figures["float32_bytes"] / figures["bytes"] >= 10
    assert figures["validation_accuracy"] >= figures["float32_validation_accuracy"] - 0.01
    float32 = checkpoints.load("visual_wake_words", "train", origin="reference").model
    test = people.load("test")
    right = [
        scores_of(model, test.images).argmax(axis=1) == test.labels
        for model in (decode_model(path), float32)
    ]
    lost = compare(*right, groups=test.scenes)
    assert lost.outcome == "tie" and lost.difference > -0.015


def test_the_bundled_file_answers_as_it_says(bundled):
    path, figures = bundled
    test = people.load("test", limit=400)
    scores = decode_model(path).predict(inputs(test.images), batch_size=200, verbose=0)
    # 400 of the pictures behind the figure: three standard deviations.
    spread = 3 * np.sqrt(figures["accuracy"] * (1 - figures["accuracy"]) / 400)
    assert classification.accuracy(test.labels, scores) == pytest.approx(
        figures["accuracy"], abs=spread
    )


def test_the_bundled_students_come_in_three_pairs(study):
    for label in ("half width, no teacher", "half width, distilled"):
        point = study.find(label)
        assert len(point.accuracies) == 3
        assert point.accuracy == pytest.approx(np.mean(point.accuracies), abs=1e-4)


@pytest.mark.parametrize("setting", ["learning rate", "temperature"])
def test_the_settings_of_the_bundled_study_lie_inside_their_grids(study, setting):
    tuned = 0
    for point in study.points:
        trials = [trial for trial in point.trials if trial.setting == setting]
        if trials:
            assert trials[0].value < tuning.best_of(trials) < trials[-1].value, point.label
            tuned += 1
        elif setting == "learning rate":  # as it is, or written from one that was tuned
            assert not point.epochs or point.technique == "combination"
    assert tuned == {"learning rate": 12, "temperature": 1}[setting]


def test_the_bundled_study_is_of_the_bundled_model(study, bundled):
    model = checkpoints.load("visual_wake_words", "train", origin="reference").model
    assert study.model == bundled[1]["made_of"] == model_name(model)
    assert study.float_point.stored_bytes == 4 * 210_850
    assert study.find(bundled[1]["label"]).stored_bytes == bundled[1]["bytes"]
    assert {point.technique for point in study.points} <= set(TECHNIQUES)
    assert study.points[0].label == "float32"
    assert study.deep_compression.float_bytes == study.float_point.stored_bytes
    assert len(study.sensitivity.layers) == 28
