"""Training: it learns, repeats itself exactly, and follows its profile."""

import dataclasses

import keras
import numpy as np
import pytest

from tinylab.models.training import PROFILES, TrainingOptions, TrainingProfile, profile_named, train

QUIET = TrainingOptions(progress=False)
QUICK = TrainingProfile(epochs=4, batch_size=32, learning_rate=2e-2)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    x = rng.normal(size=(300, 6)).astype(np.float32)
    x[np.arange(300), y] += 3
    return x, y


def fresh_model():
    keras.utils.set_random_seed(7)
    inputs = keras.Input((6,))
    x = keras.layers.Dropout(0.1)(keras.layers.Dense(8, activation="relu")(inputs))
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))


@pytest.mark.training
def test_learns_and_reports(data):
    x, y = data
    model = fresh_model()
    run = train(model, x, y, (x[:50], y[:50]), profile=QUICK, options=QUIET)
    assert run.validation_accuracy[-1] > 0.85
    assert run.loss[-1] < run.loss[0]
    assert run.loss.shape == run.learning_rate.shape == run.validation_loss.shape == (4,)
    assert run.examples == 300 and run.seconds > 0
    assert str(run).startswith("4 epochs of 300 examples in")
    assert run.learning_rate[0] > run.learning_rate[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.training
def test_same_seed_same_weights(data):
    runs = []
    for seed in (1, 1, 2):
        model = fresh_model()
        profile = dataclasses.replace(QUICK, epochs=2, mixup=0.3, averaging=0.9)
        train(model, *data, profile=profile, options=TrainingOptions(seed=seed, progress=False))
        runs.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_step_schedule_switches_at_its_epochs(data):
    profile = TrainingProfile(3, 100, 1e-3, schedule=((1, 5e-4), (2, 1e-5)))
    run = train(fresh_model(), *data, profile=profile, options=QUIET)
    np.testing.assert_allclose(run.learning_rate, [1e-3, 5e-4, 1e-5], rtol=1e-6)


def test_warm_up_rises_first(data):
    profile = TrainingProfile(4, 100, 1e-2, warm_up=0.5)
    run = train(fresh_model(), *data, profile=profile, options=QUIET)
    assert run.learning_rate.argmax() == 1
    constant = TrainingProfile(2, 100, 1e-2, schedule="constant")
    run = train(fresh_model(), *data, profile=constant, options=QUIET)
    np.testing.assert_allclose(run.learning_rate, 1e-2)


def test_disturbed_examples_are_what_the_model_sees(data):
    x, y = data
    seen = []

    def disturb(batch, rng):
        seen.append(len(batch))
        return rng.permuted(batch, axis=1)

    run = train(fresh_model(), x, y, profile=QUICK, disturb=disturb, options=QUIET)
    assert sum(seen) >= 4 * 300
    assert run.accuracy[-1] < 0.6


def test_progress_bar_counts_batches(data, capsys):
    train(fresh_model(), *data, profile=TrainingProfile(2, 100))
    assert "6/6" in capsys.readouterr().err


def test_profiles_have_names():
    assert set(PROFILES) == {"quick", "full"}
    assert profile_named("quick") is PROFILES["quick"]
    assert profile_named(QUICK) is QUICK
    with pytest.raises(ValueError, match="profile must be one of"):
        profile_named("fast")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "positive"),
        ({"schedule": "linear"}, "schedule"),
        ({"warm_up": 1.0}, "warm_up"),
        ({"mixup": -1}, "mixup"),
    ],
)
def test_impossible_profiles_say_why(changes, message):
    with pytest.raises(ValueError, match=message):
        TrainingProfile(**{"epochs": 1} | changes)


def test_mistakes_are_named(data):
    x, y = data
    with pytest.raises(ValueError, match="equally long"):
        train(fresh_model(), x, y[:-1], profile=QUICK, options=QUIET)
    with pytest.raises(ValueError, match=r"0\.\.2"):
        train(fresh_model(), x, y + 1, profile=QUICK, options=QUIET)


@pytest.mark.parametrize(("outputs", "activation"), [(1, "sigmoid"), (1, None), (2, None)])
def test_heads_without_softmax_learn_as_well(outputs, activation):
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    x = (rng.normal(0, 0.3, (200, 4)) + 2 * y[:, np.newaxis] - 1).astype(np.float32)
    head = keras.Sequential([keras.Input((4,)), keras.layers.Dense(outputs, activation=activation)])
    model = keras.Sequential([keras.Input((4,)), head])
    profile = TrainingProfile(epochs=10, batch_size=20, learning_rate=0.05)
    run = train(model, x, y, (x, y), profile=profile, options=QUIET)
    assert run.validation_accuracy[-1] > 0.98 and run.loss[-1] < 0.1
    scores = np.asarray(model(x))
    answers = scores.argmax(axis=1) if outputs == 2 else scores[:, 0] > (0.5 if activation else 0)
    assert np.mean(answers == y) == pytest.approx(run.validation_accuracy[-1])


def test_logits_learn_with_rounded_weights_as_well():
    from tinylab.compress.quantization.qat import quantization_aware

    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), keras.layers.Flatten()])
    aware = quantization_aware(model, weight_bits=8, calibration=x)
    profile = TrainingProfile(epochs=15, batch_size=20, learning_rate=0.03)
    run = train(aware, x, y, profile=profile, options=QUIET)
    assert run.accuracy[-1] > 0.95


def test_one_output_takes_yes_and_no():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    with pytest.raises(ValueError, match="takes labels 0 and 1"):
        train(model, np.zeros((3, 4)), np.array([0, 1, 2]))


def test_a_training_is_traced_once():
    traced = []

    class Watched(keras.layers.Dense):
        def call(self, inputs, training=None):
            traced.append(training)
            return super().call(inputs)

    model = keras.Sequential([keras.Input((4,)), Watched(2, activation="softmax")])
    traced.clear()
    x, y = np.eye(4, dtype=np.float32), np.arange(4) % 2
    train(model, x, y, profile=TrainingProfile(epochs=3, batch_size=2), options=QUIET)
    assert len(traced) == 1


def test_a_model_with_a_penalty_on_activity_trains_on_after_it_was_asked():
    first = keras.layers.Dense(3, activity_regularizer="l2")
    model = keras.Sequential([keras.Input((4,)), first, keras.layers.Dense(2, "softmax")])
    x, y = np.eye(4, dtype=np.float32), np.arange(4) % 2
    model.predict(x, verbose=0)  # leaves the penalty of its graph behind
    profile = TrainingProfile(epochs=1, batch_size=2)
    for _ in range(2):
        assert np.isfinite(train(model, x, y, profile=profile, options=QUIET).loss[-1])


def test_a_loss_sees_true_labels_and_whole_batches_only():
    class Whole(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.ops.sum(keras.ops.reshape(y_true - y_pred, (2, 2)) ** 2, axis=-1)

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    x, y = np.eye(4, dtype=np.float32), np.arange(4) % 2
    options = TrainingOptions(loss=Whole(), progress=False)
    run = train(model, x, y, profile=TrainingProfile(epochs=1, batch_size=2), options=options)
    assert np.isfinite(run.loss[-1])


def test_a_callback_may_thaw_layers():
    class Thaw(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.trainable = True

    model = fresh_model()
    model.trainable = False
    before = model.get_weights()
    x, y = np.eye(6, dtype=np.float32), np.arange(6) % 3
    train(model, x, y, profile=TrainingProfile(1, 2), callbacks=[Thaw()], options=QUIET)
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_metrics_of_a_model_may_want_the_examples():
    class Watching(keras.Model):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            figures = super().compute_metrics(x, y, y_pred, sample_weight)
            return figures | {"level": keras.ops.mean(x)}

    inputs = keras.Input((4,))
    model = Watching(inputs, keras.layers.Dense(2, activation="softmax")(inputs))
    x, y = np.eye(4, dtype=np.float32), np.arange(4) % 2
    train(model, x, y, profile=TrainingProfile(epochs=1, batch_size=2), options=QUIET)
    assert model.history.history["level"] == [0.25]
