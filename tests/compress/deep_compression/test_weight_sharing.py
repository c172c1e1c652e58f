"""Weight sharing against scikit-learn's k-means; codebook training against the plain gradient."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tinylab.compress.deep_compression.codebook_training import (
    cluster_model,
    shared_weights_of,
    with_codebooks,
    without_codebooks,
)
from tinylab.compress.deep_compression.weight_sharing import (
    INITIALIZATIONS,
    centroid_gradient,
    initial_centroids,
    kmeans_1d,
    nearest,
    share_weights,
)
from tinylab.compress.pruning.prune import prune
from tinylab.models.surgery.fold import fold_batch_norm

kernels = arrays.arrays(
    np.float32,
    st.integers(1, 60),
    elements=st.floats(-100, 100, width=32, allow_subnormal=False),
)


@pytest.mark.parametrize("initialization", INITIALIZATIONS)
def test_the_same_as_scikit_learn_from_the_same_start(initialization):
    cluster = pytest.importorskip("sklearn.cluster")
    values = np.random.default_rng(0).normal(size=2000)
    start = initial_centroids(values, 8, initialization)
    theirs = cluster.KMeans(8, init=start[:, None], n_init=1, tol=0, max_iter=300)
    theirs.fit(values[:, None])
    ours = kmeans_1d(values, 8, initialization, iterations=300)
    np.testing.assert_allclose(ours, np.sort(theirs.cluster_centers_.ravel()), atol=1e-6)


@given(kernels, st.integers(1, 12), st.sampled_from(INITIALIZATIONS))
def test_every_weight_takes_the_nearest_value(kernel, clusters, initialization):
    shared = share_weights(kernel, clusters, initialization=initialization, keep_zeros=False)
    assert len(shared.codebook) <= clusters
    assert (np.diff(shared.codebook) > 0).all()
    distance = np.abs(kernel[:, None] - shared.codebook).min(axis=1)
    np.testing.assert_allclose(np.abs(kernel - shared.kernel), distance, rtol=1e-4, atol=1e-4)


@given(kernels, st.integers(1, 12))
def test_zeros_stay_zeros(kernel, clusters):
    kernel[::3] = 0
    shared = share_weights(kernel, clusters)
    assert shared.pruned and shared.codebook[0] == 0
    np.testing.assert_array_equal(shared.indices == 0, kernel == 0)


def test_few_different_weights_are_kept_exactly():
    kernel = np.random.default_rng(1).choice([-1.5, 0.25, 2.0], size=(3, 3, 4, 5))
    shared = share_weights(kernel, 100)
    np.testing.assert_array_equal(shared.kernel, kernel)
    assert list(shared.codebook) == [-1.5, 0.25, 2.0]


def test_more_clusters_are_closer():
    kernel = np.random.default_rng(2).laplace(size=3000)
    errors = [np.mean((share_weights(kernel, n).kernel - kernel) ** 2) for n in (1, 3, 15, 63)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == pytest.approx(kernel.var(), rel=1e-4)


def test_linear_start_covers_the_range():
    values = np.array([-4.0, 0.0, 0.1, 0.2, 8.0])
    np.testing.assert_allclose(initial_centroids(values, 4), [-4, 0, 4, 8])
    assert initial_centroids(values, 1)[0] == 2.0
    assert initial_centroids(values, 2, "density").max() < 1


def test_gradient_of_a_shared_value_is_a_sum():
    rng = np.random.default_rng(3)
    gradient, indices = rng.normal(size=(5, 7)), rng.integers(0, 4, (5, 7))
    expected = [gradient[indices == k].sum() for k in range(6)]
    np.testing.assert_allclose(centroid_gradient(gradient, indices, 6), expected, atol=1e-12)


def test_nearest_takes_the_upper_of_two():
    assert list(nearest(np.array([0.5, 0.4]), np.array([0.0, 1.0]))) == [1, 0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: share_weights(np.ones(3), 0), "1 to 255"),
        (lambda: share_weights(np.ones(3), 256), "1 to 255"),
        (lambda: kmeans_1d(np.ones(3), 2, "best"), "initialization must be one of"),
        (lambda: kmeans_1d(np.array([np.nan]), 2), "finite"),
        (lambda: centroid_gradient(np.ones(3), np.ones(4, int), 2), "one shape"),
    ],
)
def test_what_makes_no_sense(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.fixture(scope="module")
def folded(trained):
    return prune(fold_batch_norm(trained), 0.4)


def test_model_with_codebooks_computes_with_the_shared_kernels(folded, test_data):
    shared = cluster_model(folded, {"pointwise": 7, "depthwise": 5, "classifier": 6})
    model = with_codebooks(folded, shared)
    plain = without_codebooks(model)
    np.testing.assert_array_equal(plain.get_layer("pointwise").kernel, shared["pointwise"].kernel)
    np.testing.assert_array_equal(plain.get_layer("stem").kernel, folded.get_layer("stem").kernel)
    x = test_data[0][:50]
    np.testing.assert_allclose(np.asarray(model(x)), np.asarray(plain(x)), rtol=1e-5, atol=1e-6)


def test_codebooks_get_the_summed_gradient(folded, test_data):
    tf = pytest.importorskip("tensorflow")
    x, y = test_data[0][:64], test_data[1][:64]
    shared = cluster_model(folded, 6)
    model = with_codebooks(folded, shared)
    plain = without_codebooks(model)

    def gradient(model, variable):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(x)))
        return np.asarray(tape.gradient(loss, variable.value))

    for name in ("stem", "depthwise", "pointwise", "classifier"):
        by_weight = gradient(plain, plain.get_layer(name).kernel)
        summed = centroid_gradient(by_weight, shared[name].indices, len(shared[name].codebook))
        by_value = gradient(model, model.get_layer(name).codebook)
        np.testing.assert_allclose(by_value, summed[int(shared[name].pruned) :], atol=1e-5)


@pytest.mark.training
def test_training_moves_values_but_not_the_sharing(folded, training_data, accuracy):
    shared = cluster_model(folded, 3)
    model = with_codebooks(folded, shared)
    before = accuracy(without_codebooks(model))
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.fit(*training_data, batch_size=50, epochs=2, verbose=0)
    trained = shared_weights_of(model)
    for name, old in shared.items():
        assert len(trained[name].codebook) <= len(old.codebook)
        np.testing.assert_array_equal(trained[name].kernel == 0, old.kernel == 0)
    assert accuracy(without_codebooks(model)) > before


def test_batch_norm_must_be_folded(trained):
    with pytest.raises(ValueError, match="fold the batch norm first"):
        cluster_model(trained, 4)
    with pytest.raises(ValueError, match="no kernel named 'nowhere'"):
        cluster_model(fold_batch_norm(trained), {"nowhere": 3})
