"""Masks: exact counts, the largest stay, groups of four keep two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tinylab.compress.pruning.masks import (
    magnitude_mask,
    model_masks,
    n_of_m_mask,
    polynomial_sparsity,
)

kernels = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=4, max_side=6),
    elements=st.floats(-10, 10, width=32),
)


@given(kernels, st.floats(0, 1))
def test_the_count_is_exact_and_the_largest_stay(weights, sparsity):
    mask = magnitude_mask(weights, sparsity)
    assert (~mask).sum() == round(sparsity * weights.size)
    if mask.any() and not mask.all():
        assert np.abs(weights[mask]).min() >= np.abs(weights[~mask]).max()


@given(kernels, st.floats(0, 1), st.floats(0, 1))
def test_more_sparsity_only_removes(weights, sparsity, other_sparsity):
    few, many = (magnitude_mask(weights, s) for s in sorted((sparsity, other_sparsity)))
    assert not (many & ~few).any()


@given(kernels, st.integers(1, 4), st.integers(4, 6))
def test_groups_keep_n_of_m(weights, n, m):
    mask = n_of_m_mask(weights, n, m).reshape(-1, weights.shape[-1])
    magnitude = np.abs(weights).reshape(mask.shape)
    for output in range(mask.shape[1]):
        for start in range(0, mask.shape[0], m):
            kept = mask[start : start + m, output]
            group = magnitude[start : start + m, output]
            assert kept.sum() == min(n, kept.size)
            if not kept.all():
                assert group[kept].min() >= group[~kept].max()


def test_two_of_four_by_hand():
    column = np.array([1.0, -4.0, 3.0, 2.0, 5.0, 6.0, 7.0, 8.0])
    expected = [False, True, True, False, False, False, True, True]
    assert n_of_m_mask(column[:, None]).ravel().tolist() == expected


def test_model_scope_compares_weights_of_different_layers_in_their_own_units():
    rng = np.random.default_rng(0)
    small, large = rng.normal(size=5000), 100 * rng.normal(size=5000)
    masks = model_masks({"small": small, "large": large}, 0.5, scope="model")
    assert sum((~mask).sum() for mask in masks.values()) == 5000
    assert (~masks["small"]).mean() == pytest.approx(0.5, abs=0.05)


def test_model_scope_spares_the_layer_of_few_large_weights():
    rng = np.random.default_rng(1)
    flat, peaked = rng.uniform(0.9, 1.1, 1000), rng.laplace(size=1000)
    masks = model_masks({"flat": flat, "peaked": peaked}, 0.3, scope="model")
    assert masks["flat"].all() and (~masks["peaked"]).sum() == 600


def test_a_mapping_leaves_other_layers_whole():
    masks = model_masks({"a": np.arange(10.0), "b": np.arange(10.0)}, {"b": 0.3})
    assert list(masks) == ["b"] and masks["b"].sum() == 7


def test_schedule_of_zhu_and_gupta():
    steps = np.arange(0, 121)
    rise = [polynomial_sparsity(step, 10, 110, 0.8, initial=0.2) for step in steps]
    assert rise[0] == rise[10] == pytest.approx(0.2) and rise[110] == rise[120] == 0.8
    assert (np.diff(rise) >= 0).all()
    assert rise[60] == pytest.approx(0.8 - 0.6 * 0.5**3)  # three eighths of the way left, cubed
    assert rise[35] - rise[10] > rise[110] - rise[85]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: magnitude_mask(np.ones(3), 50), "0 to 1, not 50"),
        (lambda: n_of_m_mask(np.ones((4, 1)), 5, 4), "0 < n <= m"),
        (lambda: n_of_m_mask(np.ones((4, 1)), 0, 4), "0 < n <= m"),
        (lambda: model_masks({"a": np.ones(3)}, {"b": 0.5}), "no kernel named 'b'"),
        (lambda: model_masks({"a": np.ones(3)}, 0.5, scope="all"), "'layer' or 'model'"),
        (lambda: model_masks({"a": np.ones(3)}, {"a": 0.5}, scope="model"), "one sparsity"),
        (lambda: polynomial_sparsity(0, 5, 5, 0.5), "begin before it ends"),
    ],
)
def test_what_makes_no_sense(call, said):
    with pytest.raises(ValueError, match=said):
        call()
