"""Meta-learning: gradients against numpy in float64, Reptile as a difference of weights."""

import dataclasses

import keras
import numpy as np
import pytest
from scipy.optimize import approx_fprime

from tinylab.adapt.few_shot.learner import Learner
from tinylab.adapt.few_shot.meta import MetaSettings, meta_gradient, meta_train, reptile_direction
from tinylab.adapt.few_shot.tasks import CameraPool, Task, camera_pool
from tinylab.data.cameras import INFRARED, STANDARD, Camera

FEATURES, CLASSES = 5, 3
SETTINGS = MetaSettings(inner_rate=0.5, inner_steps=3, iterations=40, tasks_per_iteration=2)


@pytest.fixture(scope="module")
def linear() -> Learner:
    """Softmax regression, whose every derivative numpy can follow."""
    keras.utils.set_random_seed(5)
    inputs = keras.Input((FEATURES,))
    outputs = keras.layers.Dense(CLASSES, activation="softmax")(inputs)
    return Learner(keras.Model(inputs, outputs), "last_layer")


@pytest.fixture(scope="module")
def task() -> Task:
    rng = np.random.default_rng(6)
    sets = [
        (rng.normal(size=(n, FEATURES)).astype("float32"), np.arange(n) % CLASSES) for n in (6, 9)
    ]
    return Task(*sets[0], *sets[1])


def unpack(flat):
    return flat[: FEATURES * CLASSES].reshape(FEATURES, CLASSES), flat[FEATURES * CLASSES :]


def softmax_loss(flat, x, y):
    kernel, bias = unpack(flat)
    logits = x.astype(float) @ kernel + bias
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y])


def softmax_gradient(flat, x, y):
    kernel, bias = unpack(flat)
    powers = np.exp(x.astype(float) @ kernel + bias)
    delta = (powers / powers.sum(axis=1, keepdims=True) - np.eye(CLASSES)[y]) / len(y)
    return np.concatenate([(x.T @ delta).ravel(), delta.sum(axis=0)])


def descended(flat, x, y, rate, steps):
    for _ in range(steps):
        flat = flat - rate * softmax_gradient(flat, x, y)
    return flat


def flatten(values):
    return np.concatenate([np.asarray(value, float).ravel() for value in values])


def objective(flat, task, settings):
    adapted = descended(
        flat, task.support_x, task.support_y, settings.inner_rate, settings.inner_steps
    )
    return softmax_loss(adapted, task.query_x, task.query_y)


def test_maml_differentiates_through_the_descent(linear, task):
    start = flatten(linear.start)
    loss, gradients = meta_gradient(linear, linear.start, task, SETTINGS)
    slope = approx_fprime(start, objective, 1e-6, task, SETTINGS)
    assert float(loss) == pytest.approx(objective(start, task, SETTINGS), rel=1e-5)
    np.testing.assert_allclose(flatten(gradients), slope, atol=2e-5)


def test_one_step_is_the_hessian_formula(linear, task):
    """(I - rate * H) g: the formula that the notebook derives."""
    settings = dataclasses.replace(SETTINGS, inner_steps=1)
    start = flatten(linear.start)
    hessian = approx_fprime(start, softmax_gradient, 1e-6, task.support_x, task.support_y)
    adapted = descended(start, task.support_x, task.support_y, settings.inner_rate, 1)
    right = softmax_gradient(adapted, task.query_x, task.query_y)
    expected = (np.eye(len(start)) - settings.inner_rate * hessian).T @ right
    np.testing.assert_allclose(
        flatten(meta_gradient(linear, linear.start, task, settings)[1]), expected, atol=2e-5
    )


def test_first_order_is_the_gradient_where_the_descent_ends(linear, task):
    settings = dataclasses.replace(SETTINGS, method="first_order")
    start = flatten(linear.start)
    adapted = descended(
        start, task.support_x, task.support_y, settings.inner_rate, settings.inner_steps
    )
    got = flatten(meta_gradient(linear, linear.start, task, settings)[1])
    np.testing.assert_allclose(
        got, softmax_gradient(adapted, task.query_x, task.query_y), atol=1e-5
    )
    second = flatten(meta_gradient(linear, linear.start, task, SETTINGS)[1])
    assert np.abs(got - second).max() > 0.01


def test_joint_is_the_gradient_of_all_pictures(linear, task):
    settings = dataclasses.replace(SETTINGS, method="joint")
    x = np.concatenate([task.support_x, task.query_x])
    y = np.concatenate([task.support_y, task.query_y])
    got = flatten(meta_gradient(linear, linear.start, task, settings)[1])
    np.testing.assert_allclose(got, softmax_gradient(flatten(linear.start), x, y), atol=1e-5)


def test_reptile_points_away_from_where_the_batches_lead(linear, task):
    settings = dataclasses.replace(SETTINGS, method="reptile")
    x = np.concatenate([task.support_x, task.query_x])
    y = np.concatenate([task.support_y, task.query_y])
    start = adapted = flatten(linear.start)
    for part in (slice(0, 5), slice(5, 10), slice(10, 15)):
        adapted = descended(adapted, x[part], y[part], settings.inner_rate, 1)
    _, away = reptile_direction(linear, linear.start, task, settings)
    np.testing.assert_allclose(flatten(away), start - adapted, atol=1e-5)


@pytest.fixture(scope="module")
def smooth() -> Learner:
    """Convolutions and batch norm without kinks, so that small differences tell the slope."""
    keras.utils.set_random_seed(9)
    x = inputs = keras.Input((6, 6, 2))
    x = keras.layers.Conv2D(4, 1, activation="tanh")(x)
    x = keras.layers.BatchNormalization()(keras.layers.DepthwiseConv2D(3, use_bias=False)(x))
    x = keras.layers.Activation("tanh")(x)
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(5, 1, use_bias=False)(x))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Activation("tanh")(x))
    outputs = keras.layers.Dense(CLASSES, activation="softmax")(x)
    return Learner(keras.Model(inputs, outputs), "last_1_block")


@pytest.mark.parametrize("method, agrees", [("maml", True), ("first_order", False)])
def test_second_order_through_convolutions_and_batch_norm(smooth, method, agrees):
    """Along the second-order gradient the meta-loss rises as steeply as the gradient is long."""
    rng, step = np.random.default_rng(3), 1e-2
    x, y = rng.normal(size=(18, 4, 4, 4)).astype("float32"), np.arange(18) % CLASSES
    few = Task(x[:6], y[:6], x[6:], y[6:])
    settings = MetaSettings(method, inner_rate=1.0, inner_steps=2)
    way = [np.asarray(g) for g in meta_gradient(smooth, smooth.start, few, settings)[1]]
    length = np.sqrt(sum(np.sum(part**2) for part in way))

    def loss(sign):
        moved = [w + sign * step * part / length for w, part in zip(smooth.start, way)]
        return float(meta_gradient(smooth, moved, few, settings)[0])

    slope = (loss(1) - loss(-1)) / (2 * step)
    assert (slope == pytest.approx(length, rel=0.02)) == agrees


def opposed(count=6):
    """Two kinds of task, same pictures and opposite labels: only adapting can solve both."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(count, 40, FEATURES)).astype("float16")
    y = (x[..., 0] > 0).astype(np.int64)
    y[1::2] = 1 - y[1::2]
    return CameraPool((STANDARD,) * count, x, y)


@pytest.mark.training
@pytest.mark.parametrize("method", ["maml", "first_order", "reptile"])
def test_meta_training_prepares_for_tasks_that_contradict_each_other(linear, method):
    settings = MetaSettings(
        method,
        iterations=30,
        shots=4,
        queries=8,
        inner_rate=2.0,
        inner_steps=3,
        outer_rate=0.5 if method == "reptile" else 0.05,
    )
    pool, rng = opposed(), np.random.default_rng(8)
    run = meta_train(linear, pool, settings, progress=False)
    again = meta_train(linear, pool, settings, progress=False)
    assert all(
        np.array_equal(values, repeated) for values, repeated in zip(run.weights, again.weights)
    )
    assert len(run.losses) == 30 and np.isfinite(run.losses).all()
    scores = []
    for camera in range(len(pool)):
        drawn = pool.task(camera, rng, shots=6, queries=8)
        adapted = linear.adapt(run.weights, drawn.support_x, drawn.support_y, 2.0, 10)
        scores.append(linear.accuracy(adapted, drawn.query_x, drawn.query_y))
    assert np.mean(scores) > 0.7


@pytest.mark.training
def test_joint_training_cannot_serve_contradicting_tasks(linear):
    settings = MetaSettings("joint", iterations=30, shots=4, queries=8, outer_rate=0.05)
    run = meta_train(linear, opposed(), settings, progress=False)
    assert run.losses[-1] > 0.6  # nats; guessing costs log 2 = 0.69


def test_masks_hold_weights_still(small_cnn, clips):
    learner = Learner(small_cnn, "last_1_block")
    x, y = learner.features(clips[0]), clips[1]
    only_last = [float(name.startswith("dense")) for name in learner.names]
    assert sum(only_last) == 2
    adapted = learner.adapt(learner.start, x, y, 0.1, 3, masks=only_last)
    for old, new, mask in zip(learner.start, adapted, only_last, strict=True):
        assert np.array_equal(old, new) == (not mask)


def test_adapting_is_the_descent_that_was_differentiated(small_cnn, clips):
    learner = Learner(small_cnn, "last_1_block")
    x, y = learner.features(clips[0]), clips[1]
    adapted = learner.adapt(learner.start, x, y, 0.02, 3)
    for values, expected in zip(
        adapted, learner.descend(learner.start, x, y, 0.02, 3), strict=True
    ):
        np.testing.assert_allclose(values, expected, atol=1e-4)
    model = learner.model(adapted)
    scores = np.asarray(model(clips[0]))
    assert np.mean(scores.argmax(axis=1) == y) == pytest.approx(learner.accuracy(adapted, x, y))
    assert learner.loss(adapted, x, y) < learner.loss(learner.start, x, y)


def test_pictures_in_bytes_are_the_same_as_in_0_to_1(small_cnn, clips):
    learner = Learner(small_cnn, "last_1_block")
    pixels = np.random.default_rng(0).integers(0, 256, clips[0].shape).astype(np.uint8)
    np.testing.assert_allclose(
        learner.features(pixels), learner.features((pixels / 255).astype("float32")), atol=1e-5
    )


def pool_of_pixels(pictures=12, seed=0):
    images = np.random.default_rng(1).integers(0, 256, (30, 8, 8, 3)).astype(np.uint8)
    labels = np.arange(30) % 2
    cameras = (STANDARD, INFRARED, Camera(exposure_stops=-1))
    return images, camera_pool(images, labels, cameras, lambda x: x, pictures=pictures, seed=seed)


def test_tasks_are_balanced_and_their_sets_disjoint():
    _, pool = pool_of_pixels()
    task = pool.task(1, np.random.default_rng(2), shots=2, queries=None)
    assert list(task.support_y) == [0, 1, 0, 1] and list(task.query_y) == [0, 1] * 4
    together = np.concatenate([task.support_x, task.query_x]).reshape(12, -1)
    assert len(np.unique(together, axis=0)) == 12
    with pytest.raises(ValueError, match="6 pictures of each class"):
        pool.task(0, np.random.default_rng(0), shots=3, queries=4)


def test_a_pool_holds_what_its_cameras_saw():
    images, pool = pool_of_pixels()
    assert pool.features.shape == (3, 12, 8, 8, 3) and len(pool) == 3
    assert (pool.labels.sum(axis=1) == 6).all()
    originals = {image.tobytes() for image in images}
    assert all(picture.astype(np.uint8).tobytes() in originals for picture in pool.features[0])
    grey = pool.features[1]
    assert np.array_equal(grey[..., 0], grey[..., 2])
    with pytest.raises(ValueError, match="need 50 images of each class"):
        pool_of_pixels(pictures=100)


@pytest.mark.parametrize(
    "wrong", [{"method": "magic"}, {"iterations": 0}, {"inner_rate": 0.0}, {"outer_rate": -1.0}]
)
def test_settings_that_cannot_be(wrong):
    with pytest.raises(ValueError, match="pass one of maml|at least 1"):
        MetaSettings(**wrong)
