"""Distillation's loss against its parts and against Keras, and what it teaches."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from tinylab.compress.distillation import Distiller, distillation_loss, logits_of, softened
from tinylab.models.training import TrainingOptions, TrainingProfile, train


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    return rng.normal(size=(20, 4)) * 3, rng.normal(size=(20, 4)) * 3, rng.integers(0, 4, 20)


def test_softening_probabilities_is_softening_logits(answers):
    logits, _, _ = answers
    for temperature in (0.5, 1.0, 4.0):
        np.testing.assert_allclose(
            softened(softmax(logits, axis=1), temperature),
            softmax(logits / temperature, axis=1),
            rtol=1e-6,
        )


def test_loss_is_the_mix_of_its_ends(answers):
    student, teacher = (softmax(logits, axis=1) for logits in answers[:2])
    labels = answers[2]
    ends = [
        distillation_loss(labels, student, teacher, temperature=3, hard_share=h) for h in (0, 1)
    ]
    mixed = distillation_loss(labels, student, teacher, temperature=3, hard_share=0.25)
    np.testing.assert_allclose(mixed, 0.75 * ends[0] + 0.25 * ends[1])
    np.testing.assert_allclose(ends[1], -np.log(student[np.arange(20), labels]))
    same = distillation_loss(labels, teacher, teacher, temperature=3, hard_share=0)
    assert (ends[0] >= same - 1e-12).all(), "no student is nearer to the teacher than the teacher"


def test_soft_gradients_keep_their_size_at_any_temperature(answers):
    """At high temperature the gradient by the logits is their difference (Hinton, section 2.1)."""
    student, teacher, labels = answers
    student, teacher = (z - z.mean(axis=1, keepdims=True) for z in (student, teacher))

    def loss(logits):
        probabilities = softmax(logits, axis=1)
        return distillation_loss(
            labels, probabilities, softmax(teacher, axis=1), temperature=500, hard_share=0
        )

    step = np.zeros_like(student)
    step[:, 0] = 0.5
    slope = loss(student + step) - loss(student - step)
    np.testing.assert_allclose(slope, (student - teacher)[:, 0] / 4, rtol=0.02, atol=0.02)


def small(units: int, decay: float = 0.0):
    source = keras.Input((10, 8, 1))
    x = keras.layers.Dense(units, activation="relu")(keras.layers.Flatten()(source))
    penalty = keras.regularizers.L2(decay)
    last = keras.layers.Dense(4, activation="softmax", kernel_regularizer=penalty)
    return keras.Model(source, last(x))


def test_the_model_computes_the_same_loss(trained, test_data):
    x, y = test_data[0][:50], test_data[1][:50]
    student = small(5)
    distiller = Distiller(student, trained, temperature=2.5, hard_share=0.3)
    distiller.compile("sgd", "categorical_crossentropy")
    loss = distiller.compute_loss(x, np.eye(4)[y], student(x), training=True)
    expected = distillation_loss(y, student(x), trained(x), temperature=2.5, hard_share=0.3)
    assert float(loss) == pytest.approx(expected.mean(), rel=1e-4)
    hard = distillation_loss(y, student(x), trained(x), hard_share=1.0)
    loss = distiller.compute_loss(x, np.eye(4)[y], student(x), training=False)
    assert float(loss) == pytest.approx(hard.mean(), rel=1e-4)


@pytest.mark.training
def test_a_student_learns_from_the_teacher_alone(trained, training_data, test_data):
    """Wrong labels do no harm, because their share is zero; the teacher stays as it is."""
    x, y = training_data
    before = [w.copy() for w in trained.get_weights()]
    keras.utils.set_random_seed(0)
    student = small(16)
    profile = TrainingProfile(8, batch_size=50, learning_rate=3e-3)
    distiller = Distiller(student, trained, hard_share=0.0)
    train(distiller, x, (y + 1) % 4, profile=profile, options=TrainingOptions(progress=False))
    agreed = np.asarray(student(test_data[0])).argmax(1) == test_data[1]
    assert agreed.mean() > 0.7
    for old, new in zip(before, trained.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_makes_no_sense(trained):
    with pytest.raises(ValueError, match="same classes, not 4 and 3"):
        source = keras.Input((10, 8, 1))
        three = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(source))
        Distiller(trained, keras.Model(source, three))
    with pytest.raises(ValueError, match="above 0, not 0"):
        softened(np.ones((1, 2)) / 2, 0)
    with pytest.raises(ValueError, match="hard_share must lie"):
        distillation_loss(np.array([0]), np.ones((1, 2)) / 2, np.ones((1, 2)) / 2, hard_share=2)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_weight_decay_is_the_same_at_every_share(trained, test_data, share):
    x, y = test_data[0][:20], np.eye(4)[test_data[1][:20]]

    def loss(decay):
        student = small(5, decay)
        student.set_weights([np.full_like(w, 0.1) for w in student.get_weights()])
        distiller = Distiller(student, trained, hard_share=share)
        distiller.compile("sgd", "categorical_crossentropy")
        return float(distiller.compute_loss(x, y, student(x), training=True))

    penalty = 0.5 * 5 * 4 * 0.1**2
    assert loss(0.5) - loss(0.0) == pytest.approx(penalty, rel=1e-3)


@pytest.mark.filterwarnings("error:The structure of:UserWarning")  # red in a notebook
@pytest.mark.parametrize("head", ["dense", "activation", "softmax"])
def test_the_teachers_logits_come_from_before_the_softmax(head):
    """Unlikely classes keep their order although their probabilities are below 1e-12."""
    wanted = np.array([[0.0, 30.0, 10.0, 0.0, 5.0]], np.float32)
    source = keras.Input((5,))
    ends = {
        "dense": keras.layers.Dense(5, activation="softmax", kernel_initializer="identity"),
        "activation": keras.layers.Activation("softmax"),
        "softmax": keras.layers.Softmax(),
    }
    teacher = keras.Model(source, ends[head](source))
    np.testing.assert_allclose(logits_of(teacher)(wanted), wanted, atol=1e-5)
    expected = softmax(wanted.astype(np.float64) / 4, axis=1)
    actual = softened(np.asarray(teacher(wanted), np.float64), 4.0)
    np.testing.assert_allclose(actual, expected, rtol=1e-3)


def test_a_teacher_without_a_softmax_is_refused():
    source = keras.Input((5,))
    with pytest.raises(ValueError, match="not in a softmax"):
        logits_of(keras.Model(source, keras.layers.Dense(3)(source)))


def test_sequential_models_teach_and_learn():
    keras.utils.set_random_seed(0)

    def network(units, activation="softmax"):
        body = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation="relu")])
        end = keras.layers.Dense(3, activation=activation, name="end")
        return keras.Sequential([keras.Input((4,)), body, end])

    teacher, x = network(16), np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    y = np.asarray(teacher(x)).argmax(axis=1)
    profile = TrainingProfile(epochs=3, batch_size=16, learning_rate=0.05)
    run = train(Distiller(network(8), teacher), x, y, profile=profile)
    assert run.loss[-1] < run.loss[0]
    with pytest.raises(ValueError, match="ends in 'end' .* not in a softmax"):
        Distiller(network(8, None), teacher)
