"""The recipe of the adaptation in small: what it measures, chooses and writes."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from tinylab.adapt.few_shot import camera_pools
from tinylab.adapt.few_shot.meta import MetaSettings
from tinylab.adapt.few_shot.results import FewShotResults
from tinylab.adapt.sparse_update.results import SparseUpdateResults
from tinylab.cache import read_results
from tinylab.data.cameras import FAMILIES
from tinylab.models import checkpoints
from tinylab.recipes import visual_wake_words_few_shot as recipe_module
from tinylab.recipes import visual_wake_words_sparse_update
from tinylab.recipes.figures import plain
from tinylab.recipes.visual_wake_words_few_shot import FewShotRecipe, train_reference
from tinylab.recipes.visual_wake_words_sparse_update import SparseRecipe


def test_cameras_of_the_splits_differ():
    drawn = [camera_pools.cameras(split, 2, seed=0) for split in ("train", "validation", "test")]
    twice = [name for name in FAMILIES for _ in range(2)]
    assert all([camera.family for camera in split] == twice for split in drawn)
    assert not set(drawn[0]) & set(drawn[1]) and not set(drawn[1]) & set(drawn[2])
    assert drawn[0] == camera_pools.cameras("train", 2, seed=0)


def test_a_pool_sees_its_split_through_its_cameras():
    seen = camera_pools.pool("validation", 1, lambda x: x[:, ::48, ::48], pictures=8)
    assert seen.features.shape == (len(FAMILIES), 8, 2, 2, 3)
    assert (seen.labels.sum(axis=1) == 4).all()


@pytest.fixture
def small_factory(monkeypatch, own_work_dir):
    """An untrained chain of four units, as the factory's model."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    x = inputs = keras.Input((96, 96, 3))
    for layer in (
        layers.Conv2D(4, 3, strides=16, use_bias=False, name="stem"),
        layers.DepthwiseConv2D(3, use_bias=False, name="depthwise"),
        layers.Conv2D(8, 1, use_bias=False, name="pointwise"),
    ):
        x = layers.ReLU()(layers.BatchNormalization()(layer(x)))
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(2, activation="softmax", name="classifier")(x))
    checkpoints.save(model, "visual_wake_words", "train")
    tiny = FewShotRecipe(
        1, 1, 1, 24, 2, 1, 4, SparseRecipe(1, 1, 3, (1, 64, 4096), 2), (0.01,), (1, 2)
    )
    methods = {
        name: MetaSettings(name, queries=3, inner_steps=1) for name in ("joint", "first_order")
    }
    monkeypatch.setattr(recipe_module, "PROFILES", {"quick": tiny})
    monkeypatch.setattr(recipe_module, "META", methods)
    monkeypatch.setattr(recipe_module, "SCOPE", "last_1_block")
    for name, value in (
        ("CONTRIBUTION_RATES", (0.01,)),
        ("CONTRIBUTION_STEPS", (1,)),
        ("RATES", (0.01,)),
        ("STEPS", (1,)),
    ):
        monkeypatch.setattr(visual_wake_words_sparse_update, name, value)
    return model


@pytest.mark.training
def test_few_shot_figures_and_model(small_factory, tmp_path):
    figures = train_reference("quick", directory=tmp_path, sparse=False, progress=False)
    stored = json.loads((tmp_path / "visual_wake_words_adapt.json").read_text())
    assert stored == plain(figures)
    table = read_results(stored["few_shot"], FewShotResults)
    assert table.methods == ("unchanged", "linear probe", "fine-tuning", "joint", "first_order")
    assert table.shots == (1, 5, 10) and set(table.families) == set(FAMILIES)
    tuned = {name: table.row(name, 5).validation_accuracy for name in ("joint", "first_order")}
    assert tuned[stored["method"]] == max(tuned.values())
    model = keras.saving.load_model(tmp_path / "visual_wake_words_adapt.keras")
    for layer, same in (("stem", True), ("pointwise", False)):
        old, new = (network.get_layer(layer).kernel.numpy() for network in (small_factory, model))
        assert np.array_equal(old, new) == same


@pytest.mark.training
def test_sparse_figures(small_factory):
    recipe = recipe_module.PROFILES["quick"].sparse
    results = visual_wake_words_sparse_update.sparse_reference(
        small_factory, recipe, progress=False
    )
    assert [unit.name for unit in results.units] == ["stem", "depthwise", "pointwise", "classifier"]
    assert len(results.contributions.bias_loss) == 4
    assert results.budgets == (64 * 1024, 4096 * 1024)  # the smallest holds no plan
    assert all(row.plan.bytes <= row.budget_bytes for row in results.rows)
    assert len(results.rows[0].accuracies) == len(FAMILIES) == len(results.unchanged)
    assert len(results.everything.plan.kernels) == 3
    assert (
        read_results(json.loads(json.dumps(dataclasses.asdict(results))), SparseUpdateResults)
        == results
    )


def test_profiles_have_names():
    with pytest.raises(ValueError, match="quick"):
        train_reference("slow")
