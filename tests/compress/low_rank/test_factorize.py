"""Low rank against numpy's singular values; models that answer alike."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tinylab.compress.low_rank.arithmetic import (
    break_even_rank,
    rank_for_energy,
    svd_factors,
    tucker2_break_even,
    tucker2_factors,
    tucker2_kernel,
)
from tinylab.compress.low_rank.factorize import factorize
from tinylab.deploy import litert
from tinylab.models.size import folded_parameters, multiply_accumulates


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_the_error_is_that_of_the_singular_values_left_out(rows, columns, seed):
    matrix = np.random.default_rng(seed).normal(size=(rows, columns))
    values = np.linalg.svd(matrix, compute_uv=False)
    for rank in range(1, min(rows, columns) + 1):
        first, second = svd_factors(matrix, rank)
        assert first.shape == (rows, rank) and second.shape == (rank, columns)
        error = np.linalg.norm(matrix - first @ second)
        assert error == pytest.approx(np.sqrt(np.sum(values[rank:] ** 2)), abs=1e-5)


@given(st.floats(0.05, 1), st.integers(0, 99))
def test_rank_for_energy_is_the_smallest_that_will_do(energy, seed):
    matrix = np.random.default_rng(seed).normal(size=(7, 9))
    squares = np.linalg.svd(matrix, compute_uv=False) ** 2
    rank = rank_for_energy(matrix, energy)
    assert squares[:rank].sum() >= (energy - 1e-9) * squares.sum()
    assert squares[: rank - 1].sum() < energy * squares.sum()


@given(st.integers(1, 40), st.integers(1, 40))
def test_break_even(rows, columns):
    rank = break_even_rank(rows, columns)
    assert rank * (rows + columns) < rows * columns <= (rank + 1) * (rows + columns)


def test_tucker_finds_a_kernel_of_low_rank_exactly():
    rng = np.random.default_rng(0)
    core = rng.normal(size=(3, 3, 2, 4))
    kernel = np.einsum("ir,hwrp,po->hwio", rng.normal(size=(8, 2)), core, rng.normal(size=(4, 9)))
    factors = tucker2_factors(kernel, 2, 4)
    assert [f.shape for f in factors] == [(8, 2), (3, 3, 2, 4), (4, 9)]
    np.testing.assert_allclose(tucker2_kernel(*factors), kernel, atol=1e-4)
    assert tucker2_break_even(kernel.shape, 2, 4) and not tucker2_break_even(kernel.shape, 8, 9)


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 99))
def test_tucker_iterations_never_make_it_worse(in_rank, out_rank, seed):
    kernel = np.random.default_rng(seed).normal(size=(3, 3, 5, 6))
    errors = [
        np.linalg.norm(
            kernel - tucker2_kernel(*tucker2_factors(kernel, in_rank, out_rank, iterations=n))
        )
        for n in (0, 1, 10)
    ]
    assert errors[1] <= errors[0] + 1e-5 and errors[2] <= errors[1] + 1e-5
    one_sided = np.linalg.svd(kernel.transpose(2, 0, 1, 3).reshape(5, -1), compute_uv=False)[
        in_rank:
    ]
    assert errors[2] >= np.linalg.norm(one_sided) - 1e-5, "no rank-r kernel is nearer than SVD's"


def low_rank_model():
    """Every kind of layer, with kernels of low rank by construction."""
    source = keras.Input((9, 9, 6))
    x = layers.Conv2D(12, 3, strides=2, padding="same", name="full")(source)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, name="depthwise")(x)
    x = layers.Conv2D(16, 1, use_bias=False, name="pointwise")(x)
    x = layers.Flatten()(layers.BatchNormalization()(x))
    model = keras.Model(source, layers.Dense(10, activation="softmax", name="classifier")(x))
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.2, 1, w.shape) for w in model.get_weights()])
    product = rng.normal(size=(6, 2)), rng.normal(size=(3, 3, 2, 3)), rng.normal(size=(3, 12))
    model.get_layer("full").kernel.assign(tucker2_kernel(*product))
    for name, rank in (("pointwise", 3), ("classifier", 2)):
        kernel = model.get_layer(name).kernel
        rows, columns = kernel.shape[-2:]
        values = rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, columns)) / rows
        kernel.assign(values.reshape(kernel.shape))
    return model


def test_a_model_of_low_rank_answers_alike_with_fewer_weights():
    model = low_rank_model()
    small, done = factorize(model, 0.9999)
    x = np.random.default_rng(1).normal(size=(6, 9, 9, 6)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(small(x)), np.asarray(model(x)), rtol=1e-3, atol=1e-5)
    assert [(one.layer, one.ranks) for one in done] == [
        ("full", (2, 3)),
        ("pointwise", (3,)),
        ("classifier", (2,)),
    ]
    saved = sum(factorized.weights_before - factorized.weights_after for factorized in done)
    assert folded_parameters(model) - folded_parameters(small) == saved > 0
    assert multiply_accumulates(small) < multiply_accumulates(model)
    program = litert.LiteRTModel(litert.convert(small, "float32"))
    np.testing.assert_allclose(program.predict(x), np.asarray(small(x)), atol=1e-5)


def test_layers_that_would_not_shrink_stay(trained, test_data):
    x, _ = test_data
    same, done = factorize(trained, 1.0)
    assert all(one.ranks == () for one in done)
    np.testing.assert_array_equal(np.asarray(same(x)), np.asarray(trained(x)))
    skipped, done = factorize(low_rank_model(), 0.9, skip=("full", "pointwise"))
    assert [bool(factorized.ranks) for factorized in done] == [False, False, True]
    with pytest.raises(ValueError, match="share above 0"):
        factorize(trained, 0.0)
    with pytest.raises(ValueError, match="no approximation of rank 5"):
        svd_factors(np.ones((4, 6)), 5)
    with pytest.raises(ValueError, match="a rank must be 1 to 6"):
        tucker2_factors(np.ones((3, 3, 5, 6)), 2, 7)
