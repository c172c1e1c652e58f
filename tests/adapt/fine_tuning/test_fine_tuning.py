"""Fine-tuning: what it changes, what it leaves alone, and what it reports."""

import dataclasses

import keras
import numpy as np
import pytest

from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.adapt.fine_tuning.new_class import add_class
from tinylab.adapt.fine_tuning.scopes import scopes, selection
from tinylab.adapt.fine_tuning.study import FineTuningSettings, finetune
from tinylab.adapt.fine_tuning.trainer import ScopeTrainer, answers, split


@pytest.fixture(scope="module")
def few(clips):
    """Eight examples to learn from, the rest to measure on."""
    x, y = clips
    return {"x": x[:8], "y": y[:8], "new": (x[8:40], y[8:40]), "old": (x[40:], (y[40:] + 1) % 4)}


def weights_by_role(model):
    return {
        (layer.name, weight.name): weight.numpy()
        for layer in model.layers
        for weight in layer.weights
    }


@pytest.mark.parametrize("scope", ["last_layer", "bias_only", "last_1_block", "all"])
def test_only_the_scope_changes(small_cnn, few, scope):
    before = weights_by_role(small_cnn)
    settings = FineTuningSettings(epochs=2, optimizer="momentum")
    result = finetune(small_cnn, **few, scope=scope, settings=settings)
    after = weights_by_role(result.model)
    chosen = {(name, role) for name, roles in selection(small_cnn, scope).items() for role in roles}
    changed = {key for key in before if not np.array_equal(before[key], after[key])}
    assert changed == chosen
    untouched = weights_by_role(small_cnn)
    assert all(np.array_equal(before[key], untouched[key]) for key in before)


def test_one_step_is_what_keras_does(small_cnn, few, only_the_last_layer):
    settings = FineTuningSettings(epochs=1, batch_size=8, optimizer="sgd", learning_rate=0.1)
    ours = finetune(small_cnn, **few, settings=settings).model
    theirs = only_the_last_layer(small_cnn, keras.optimizers.SGD(0.1))
    theirs.train_on_batch(few["x"], few["y"])
    for mine, reference in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, reference, rtol=0, atol=1e-6)


def test_it_learns_the_new_and_forgets_the_old(small_cnn, few):
    adam = FineTuningSettings(optimizer="adam", learning_rate=0.02)
    x_old, y_old = few["old"]
    settled = finetune(small_cnn, x_old, y_old, new=few["new"], old=few["old"], settings=adam)
    assert settled.accuracy_old > 0.9
    result = finetune(settled.model, **few, settings=dataclasses.replace(adam, epochs=30))
    assert result.accuracy_new > result.accuracy_new_before + 0.4
    assert result.forgetting > 0.4
    assert result.curve[-1].loss_old > result.curve[0].loss_old
    assert result.forgetting == result.accuracy_old_before - result.accuracy_old
    x, y = few["new"]
    measured = np.mean(np.asarray(result.model(x)).argmax(axis=1) == y)
    assert result.accuracy_new == pytest.approx(measured)


def test_forgetting_is_counted_from_the_factory(small_cnn, few):
    """A class that is added takes answers from the old ones before anything is trained."""
    x_old, y_old = few["old"]
    adam = FineTuningSettings(optimizer="adam", learning_rate=0.02)
    factory = finetune(small_cnn, x_old, y_old, new=few["new"], old=few["old"], settings=adam).model
    wider = add_class(factory, few["x"], margin=20.0)
    labels = np.full(len(few["x"]), 4)
    new = (few["new"][0], np.full(len(few["new"][0]), 4))
    result = finetune(wider, few["x"], labels, new=new, old=few["old"], factory=factory)
    known = np.mean(factory.predict(x_old, verbose=0).argmax(axis=1) == y_old)
    assert result.accuracy_old_before == pytest.approx(known)
    assert result.curve[0].accuracy_old < known - 0.1  # the new class already took some
    assert result.forgetting == pytest.approx(known - result.accuracy_old)


def test_curve_and_memory(small_cnn, few):
    settings = FineTuningSettings(epochs=7, batch_size=3, curve_points=3, optimizer="sgd")
    result = finetune(small_cnn, **few, settings=settings)
    assert [point.epoch for point in result.curve] == [0, 2, 5, 7]
    assert result.examples == 8
    assert result.memory == memory_cost(small_cnn, "last_layer", batch_size=3, optimizer="sgd")


def test_the_same_seed_repeats_and_fit_starts_afresh(small_cnn, few):
    trainer = ScopeTrainer(small_cnn, "last_1_block", new=few["new"], old=few["old"])
    runs = [
        trainer.fit(few["x"], few["y"], epochs=2, batch_size=3, seed=seed) for seed in (5, 6, 5)
    ]
    assert runs[0] == runs[2] != runs[1]


def test_halves_make_the_whole(small_cnn, clips):
    x, _ = clips
    for scope in ("last_layer", "last_1_block", "last_2_blocks"):
        frozen, head = split(small_cnn, scope)
        np.testing.assert_allclose(
            answers(head, answers(frozen, x)), answers(small_cnn, x), rtol=1e-5, atol=1e-7
        )
    assert split(small_cnn, "all")[0] is None


def test_a_skip_connection_is_not_cut(small_residual):
    frozen, head = split(small_residual, "last_1_block")
    assert frozen is None
    assert head is small_residual
    assert split(small_residual, "last_layer")[0] is not None
    assert scopes(small_residual)[-1] == "all"


def test_clear_errors(small_cnn, few):
    with pytest.raises(ValueError, match="use add_class for a new word"):
        finetune(small_cnn, few["x"], few["y"] + 1, new=few["new"], old=few["old"])
    with pytest.raises(ValueError, match="examples: 0 clips and 0 labels"):
        finetune(small_cnn, few["x"][:0], few["y"][:0], new=few["new"], old=few["old"])
    with pytest.raises(ValueError, match="old: 8 clips and 3 labels"):
        finetune(small_cnn, few["x"], few["y"], new=few["new"], old=(few["x"], few["y"][:3]))


@pytest.mark.parametrize("use_others", [False, True])
def test_a_class_more_keeps_the_old_logits(small_cnn, clips, use_others):
    x, _ = clips
    newcomer = 2.0 * x[:6]
    wider = add_class(small_cnn, newcomer, margin=0.7, others=x[6:] if use_others else None)
    assert wider.output_shape == (None, 5)
    assert wider.layers[-1].name == small_cnn.layers[-1].name

    def logits(model):
        probabilities = np.log(answers(model, newcomer))
        return probabilities - probabilities[:, :1]

    before, after = logits(small_cnn), logits(wider)
    np.testing.assert_allclose(after[:, :4], before, atol=1e-4)
    lead = after[:, 4] - after[:, :4].max(axis=1)
    assert lead.mean() == pytest.approx(0.7, abs=1e-4)


def test_the_new_row_is_imprinted(small_cnn, clips):
    x, _ = clips
    kernel = add_class(small_cnn, x[:5]).layers[-1].get_weights()[0]
    features = answers(keras.Model(small_cnn.inputs[0], small_cnn.layers[-1].input), x[:5])
    mean = (features / np.linalg.norm(features, axis=1, keepdims=True)).mean(axis=0)
    lengths = np.linalg.norm(kernel, axis=0)
    assert kernel[:, 4] @ mean == pytest.approx(lengths[4] * np.linalg.norm(mean), rel=1e-5)
    assert lengths[4] == pytest.approx(lengths[:4].mean(), rel=1e-5)


def test_a_class_more_needs_a_dense_softmax_and_an_example(small_cnn, small_autoencoder, clips):
    with pytest.raises(ValueError, match="Dense with softmax"):
        add_class(small_autoencoder, np.zeros((3, 12), "float32"))
    with pytest.raises(ValueError, match="at least one example"):
        add_class(small_cnn, clips[0][:0])
