"""Pruning models: by schedule while they train, layer by layer, and by whole channels."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.compress.pruning.channels import channel_scores, shrink_channels
from tinylab.compress.pruning.masks import magnitude_mask
from tinylab.compress.pruning.prune import (
    Pruner,
    PruningSchedule,
    apply_masks,
    kernels_of,
    n_of_m_masks,
    prune,
    sparsity_of,
)
from tinylab.compress.pruning.study import measure_sensitivity
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.models.surgery.blocks import fresh_copy
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.models.training import TrainingOptions, TrainingProfile, train


def test_pruning_a_copy(trained):
    before = sparsity_of(trained)
    pruned = prune(trained, 0.6)
    assert sparsity_of(trained) == before < 0.01
    for name, kernel in kernels_of(pruned).items():
        original = np.asarray(trained.get_layer(name).kernel)
        np.testing.assert_array_equal(kernel, original * magnitude_mask(original, 0.6))


@pytest.mark.training
@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_the_schedule_is_followed_and_zeros_stay(trained, training_data, averaging):
    model = fresh_copy(trained)
    pruner = Pruner(PruningSchedule(0.8, end=0.5), every=3)
    profile = TrainingProfile(2, batch_size=100, learning_rate=3e-3, averaging=averaging)
    quiet = TrainingOptions(progress=False)
    train(model, *training_data, profile=profile, callbacks=[pruner], options=quiet)
    sparsities = [share for _, share in pruner.history]
    assert sparsities == sorted(sparsities) and sparsities[0] == 0
    for name, kernel in kernels_of(model).items():
        assert (kernel == 0).sum() == round(0.8 * kernel.size)
        assert not kernel[~pruner.masks[name]].any()


def test_a_schedule_by_layer():
    schedule = PruningSchedule({"stem": 0.4, "pointwise": 0.8}, begin=0.2, end=0.6, initial=0.5)
    assert schedule.at(0.1) == {"stem": 0.2, "pointwise": 0.4}
    assert schedule.at(0.7) == {"stem": 0.4, "pointwise": 0.8}
    with pytest.raises(ValueError, match="0 to 1, not 1.5"):
        PruningSchedule({"stem": 1.5})
    with pytest.raises(ValueError, match="begin < end"):
        PruningSchedule(0.5, begin=0.9)


def test_two_of_four_halves_all_but_the_depthwise_layers(trained):
    model = fresh_copy(trained)
    masks = n_of_m_masks(model)
    assert set(masks) == {"stem", "pointwise", "classifier"}
    apply_masks(model, masks)
    kernel = np.asarray(model.get_layer("pointwise").kernel)[0, 0]
    assert ((kernel.reshape(3, 4, 16) != 0).sum(axis=1) == 2).all()


def test_masks_must_fit(trained):
    model = fresh_copy(trained)
    with pytest.raises(ValueError, match="mask of 'stem' has shape"):
        apply_masks(model, {"stem": np.ones((2, 2), bool)})
    with pytest.raises(ValueError, match="no kernel to prune"):
        apply_masks(model, {model.layers[2].name: np.ones(1, bool)})


def test_sensitivity_is_that_of_each_layer_alone(
    trained, test_data, accuracy, monkeypatch, tmp_path
):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    sensitivity = measure_sensitivity(trained, *test_data, sparsities=(0.5, 0.9), progress=False)
    assert [row.layer for row in sensitivity.layers] == [
        "stem",
        "depthwise",
        "pointwise",
        "classifier",
    ]
    folded = fold_batch_norm(trained)
    assert sensitivity.dense_accuracy == pytest.approx(accuracy(folded))
    assert sensitivity.together[1] == pytest.approx(accuracy(prune(folded, 0.9)))
    assert sensitivity.layers[2].accuracy[1] == pytest.approx(
        accuracy(prune(folded, {"pointwise": 0.9}))
    )
    again = measure_sensitivity(trained, *test_data, sparsities=(0.5, 0.9), progress=False)
    assert again == sensitivity and len(list((tmp_path / "sweeps").iterdir())) == 1
    with pytest.raises(ValueError, match="must rise"):
        measure_sensitivity(trained, *test_data, sparsities=(0.5, 0.5))


def test_keeping_every_channel_changes_nothing(trained, test_data):
    x, _ = test_data
    np.testing.assert_array_equal(
        np.asarray(shrink_channels(trained, 1.0)(x)), np.asarray(trained(x))
    )


@pytest.mark.parametrize("criterion", ["l1", "batch_norm", "random"])
def test_shrinking_equals_silencing(trained, test_data, criterion):
    """A smaller network answers as the large one with the same channels cut off by hand."""
    x, _ = test_data
    small = shrink_channels(trained, {"stem": 0.5, "pointwise": 0.25}, criterion=criterion, seed=3)
    silenced = fresh_copy(trained)
    scores = channel_scores(fresh_copy(trained), criterion, seed=3)
    lost = {
        name: np.argsort(-scores[name])[kept:] for name, kept in (("stem", 6), ("pointwise", 4))
    }
    kernel = silenced.get_layer("pointwise").kernel
    values = np.asarray(kernel).copy()
    values[:, :, lost["stem"]] = 0
    kernel.assign(values)
    dense = np.asarray(silenced.get_layer("classifier").kernel).reshape(-1, 16, 4).copy()
    dense[:, lost["pointwise"]] = 0
    silenced.get_layer("classifier").kernel.assign(dense.reshape(-1, 4))
    np.testing.assert_allclose(np.asarray(small(x)), np.asarray(silenced(x)), rtol=1e-4, atol=1e-5)
    assert small.get_layer("depthwise").kernel.shape == (3, 3, 6, 1)


def test_it_really_shrinks(trained):
    small = shrink_channels(trained, 0.5)
    assert folded_parameters(small) < 0.6 * folded_parameters(trained)
    assert multiply_accumulates(small) < 0.6 * multiply_accumulates(trained)
    assert small.output_shape == trained.output_shape
    rounded = shrink_channels(trained, 0.3, multiple=4)
    assert rounded.get_layer("stem").filters == 4 and rounded.get_layer("pointwise").filters == 8


def test_a_convolution_may_be_the_classifier():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(6, 3),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.Conv2D(5, 1),
            layers.Flatten(),
            layers.Softmax(),
        ]
    )
    assert shrink_channels(model, 0.5).output_shape == (None, 5)


def test_channels_inside_a_branch_go_and_those_that_meet_stay():
    x = keras.Input((8, 8, 4))
    stem = layers.Conv2D(6, 3, padding="same", activation="relu", name="stem")(x)
    y = layers.Conv2D(8, 3, padding="same", activation="relu", name="inner")(stem)
    y = layers.Conv2D(6, 3, padding="same", name="back")(y)
    y = layers.ReLU()(layers.Add(name="sum")([stem, y]))
    model = keras.Model(x, layers.Dense(3)(layers.Flatten()(y)))
    scores = channel_scores(model)["inner"]
    with pytest.warns(UserWarning, match="keep all channels, which meet others: stem, back$"):
        shrunk = shrink_channels(model, 0.5)
    assert [shrunk.get_layer(n).filters for n in ("stem", "inner", "back")] == [6, 4, 6]
    kernel, bias = model.get_layer("inner").get_weights()
    gone = np.argsort(-scores, kind="stable")[4:]
    kernel[..., gone], bias[gone] = 0, 0
    model.get_layer("inner").set_weights([kernel, bias])
    pictures = np.random.default_rng(0).normal(size=(5, 8, 8, 4)).astype(np.float32)
    expected, found = np.asarray(model(pictures)), np.asarray(shrunk(pictures))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    with pytest.raises(ValueError, match="'back' meet others in 'sum'"):
        shrink_channels(model, {"back": 0.5})


def test_layers_that_cannot_be_pruned_are_named():
    model = keras.Sequential(
        [keras.Input((8, 2)), layers.Conv1D(4, 3, name="line"), layers.Dense(3, name="end")]
    )
    with pytest.warns(UserWarning, match=r"not pruned: line \(Conv1D\)"):
        pruned = prune(model, 0.5)
    assert np.count_nonzero(pruned.get_layer("line").kernel) == 24
    assert np.count_nonzero(pruned.get_layer("end").kernel) == 6


def test_wrong_shares_and_criteria_are_refused(trained):
    with pytest.raises(ValueError, match="above 0, at most 1"):
        shrink_channels(trained, 0.0)
    with pytest.raises(ValueError, match="no convolution 'depthwise'"):
        shrink_channels(trained, {"depthwise": 0.5})
    with pytest.raises(ValueError, match="criterion must be one of"):
        shrink_channels(trained, 0.5, criterion="l2")
