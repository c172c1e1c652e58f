"""Continual learning on a small machine whose sound moves: what each method must do."""

from dataclasses import replace

import numpy as np
import pytest

from tinylab.adapt import dense_training
from tinylab.adapt.continual import methods as module
from tinylab.adapt.continual.costs import adaptation_cost, float_energy_uJ, training_macs
from tinylab.adapt.continual.ewc import anchor
from tinylab.adapt.continual.methods import AdaptationSettings, Phase, adapt, follow, threshold_for
from tinylab.adapt.continual.replay import Reservoir
from tinylab.adapt.continual.study import measure_methods
from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.models.networks.autoencoder import autoencoder
from tinylab.models.surgery.fold import fold_batch_norm
from tinylab.scoring.anomaly import auc

RECIPE = AdaptationSettings(epochs=2, batch_size=16, learning_rate=1e-3, stride=4)


@pytest.fixture(scope="module")
def model():
    import keras

    keras.utils.set_random_seed(5)
    return autoencoder(width=8, depth=1, bottleneck=3)


@pytest.fixture(scope="module")
def phases():
    """Three phases of noise around three spectra; faults raise a band."""
    rng = np.random.default_rng(0)
    phases = []
    for number, name in enumerate(("new", "worn", "moved")):
        spectrum = -30 + 8 * np.sin(np.arange(128) / 9 + number)

        def sounds(count, spectrum=spectrum):
            return (spectrum + rng.normal(0, 2, (count, 12, 128))).astype(np.float32)

        test, labels = sounds(12), np.repeat([0, 1], 6)
        test[labels == 1, :, 40:60] += 6
        phases.append(Phase(name, sounds(8), test, labels))
    return phases


def test_without_training_the_weights_stay(model, phases):
    weights = dense_training.from_keras(model)
    nothing = follow("none", weights, phases, recipe=RECIPE)
    assert all(step.weights is weights for step in nothing)
    assert len({step.threshold for step in nothing}) == 1
    moved = follow("threshold", weights, phases, recipe=RECIPE)
    assert all(step.weights is weights for step in moved)
    assert [step.threshold for step in moved] == [threshold_for(weights, p.normal) for p in phases]


def test_an_empty_buffer_and_no_strength_are_naive(model, phases):
    weights = dense_training.from_keras(model)
    naive = follow("naive", weights, phases, recipe=RECIPE)[-1].weights
    free = follow("ewc", weights, phases, setting=0.0, recipe=RECIPE)[-1].weights
    empty = follow("replay", weights, phases, setting=0, recipe=RECIPE)[-1].weights
    for history in (free, empty):
        assert all(np.array_equal(a, b) for a, b in zip(history, naive, strict=True))


def test_replay_keeps_the_old_loss_lower(model, phases):
    weights = dense_training.from_keras(model)
    recipe = AdaptationSettings(epochs=25, batch_size=8, learning_rate=3e-3, stride=2)
    old, new = (module.training_windows(phase.normal, 2) for phase in phases[::2])
    memory = Reservoir(len(old), 640)
    memory.add(old)
    start = adapt("naive", weights, old, recipe=recipe)
    naive = adapt("naive", start, new, recipe=recipe)
    replayed = adapt("replay", start, new, recipe=recipe, memory=memory)

    def loss(weights):
        return dense_training.loss_and_gradients(weights, old)[0]

    assert loss(replayed) < loss(naive)


def test_stiff_springs_keep_the_weights(model, phases):
    weights = dense_training.from_keras(model)
    old, new = (module.training_windows(phase.normal, 4) for phase in phases[::2])
    held = anchor(weights, old)
    matters = held.fisher[-1]

    def moved(strength):
        after = adapt("ewc", weights, new, recipe=RECIPE, held=held, strength=strength)
        return float(np.sum(matters * (after[-1] - weights[-1]) ** 2))

    assert moved(1e4) < moved(0.0)


def test_the_study_measures_what_following_gives(model, phases, own_work_dir, monkeypatch):
    options = {"capacities": (5, 20), "strengths": (1.0, 2.0), "recipe": RECIPE, "progress": False}
    results = measure_methods(model, phases, **options)
    assert [(row.method, row.setting) for row in results.rows[:4]] == [
        ("none", 0.0),
        ("threshold", 0.0),
        ("naive", 0.0),
        ("replay", 5.0),
    ]
    steps = follow("replay", dense_training.from_keras(model), phases, setting=20, recipe=RECIPE)
    values = module.scores(steps[2].weights, phases[1].test)
    row = results.row("replay", 20)
    assert row.auc[2][1] == pytest.approx(auc(phases[1].labels, values))
    healthy = phases[1].labels == 0
    assert row.false_alarms[2][1] == np.mean(values[healthy] > steps[2].threshold)
    assert row.detections[2][1] == np.mean(values[~healthy] > steps[2].threshold)
    assert results.settings("ewc") == (1.0, 2.0) and results.phases == ("new", "worn", "moved")
    monkeypatch.setattr(module, "follow", None)
    assert measure_methods(model, phases, **options) == results
    with pytest.raises(KeyError, match="'replay' with setting 7"):
        results.row("replay", 7)


def test_settings_are_chosen_on_validation_recordings(model, phases):
    options = {"strengths": (1.0, 2.0), "recipe": RECIPE, "cache": False, "progress": False}
    judged = [
        replace(phase, validation=phase.test[::2], validation_labels=phase.labels[::2])
        for phase in phases
    ]
    results = measure_methods(model, judged, capacities=(2, 60), **options)
    weights = dense_training.from_keras(model)
    reached = {}
    for size in (2, 60):
        last = follow("replay", weights, phases, setting=size, recipe=RECIPE)[-1].weights
        reached[size] = sum(
            auc(phase.validation_labels, module.scores(last, phase.validation)) for phase in judged
        )
    assert results.chosen("replay") == max(reached, key=reached.get)
    unjudged = measure_methods(model, phases, capacities=(2, 60), **options)
    with pytest.raises(ValueError, match="on validation recordings"):
        unjudged.chosen("replay")


def test_the_cost_counts_memory_and_work(model):
    options = {
        "setting": 30,
        "examples": 64,
        "epochs": 2,
        "batch_size": 16,
        "optimizer": "adam",
        "board": "nucleo_l4r5zi_p",
    }
    weights = dense_training.from_keras(model)
    forward, size = dense_training.macs(weights), dense_training.parameters(weights)
    costs = {
        name: adaptation_cost(name, model, **options)
        for name in ("none", "threshold", "naive", "replay", "ewc")
    }
    assert costs["none"].ram_bytes == costs["none"].macs == 0
    assert costs["threshold"].macs == 64 * forward
    assert costs["naive"].macs == training_macs(forward, 64, 2) == 6 * 64 * forward
    folded = memory_cost(fold_batch_norm(model), "all", batch_size=16, optimizer="adam")
    assert costs["naive"].ram_bytes == folded.total_bytes
    assert costs["replay"].extra_bytes == 30 * 640
    assert costs["replay"].macs == 2 * costs["naive"].macs
    assert costs["ewc"].extra_bytes == 8 * size
    assert costs["ewc"].macs == costs["naive"].macs + 3 * 64 * forward + 8 * size
    for cost in costs.values():
        assert cost.energy_uJ == pytest.approx(
            float_energy_uJ(cost.macs, "nucleo_l4r5zi_p") if cost.macs else 0
        )


def test_energy_grows_with_the_work():
    assert float_energy_uJ(2 * 10**8, "nucleo_l4r5zi_p") == pytest.approx(
        2 * float_energy_uJ(10**8, "nucleo_l4r5zi_p"), rel=0.01
    )


def test_unknown_methods_are_refused(model, phases):
    with pytest.raises(ValueError, match="unknown method 'magic'"):
        follow("magic", dense_training.from_keras(model), phases)
    with pytest.raises(ValueError, match="does not train"):
        adapt("none", dense_training.from_keras(model), np.zeros((2, 640), np.float32))
